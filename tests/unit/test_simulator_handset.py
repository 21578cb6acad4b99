from hypothesis import given
from hypothesis import strategies as st

from teslimat.carriers.simulator.handset import Text, read
from teslimat.smpp.fields import MESSAGE_PAYLOAD
from teslimat.smpp.pdus import Command, Message
from teslimat.text.coding import Coding
from teslimat.text.payload import data_coding, has_header, payload

NUMBER = "905300000000"


def part(text: str, coding: Coding, *, total: int = 1, number: int = 1, reference: int = 7) -> Message:
    return Message(
        Command.SUBMIT_SM,
        1,
        source="ACME",
        destination=NUMBER,
        esm_class=0x40 if has_header(coding, total) else 0,
        data_coding=data_coding(coding),
        short_message=payload(text, coding, total=total, number=number, reference=reference),
    )


def test_a_text_is_shown_as_it_was_written_in_every_coding() -> None:
    texts = [("price: 5 €", Coding.GSM7), ("şaşırdım", Coding.TURKISH), ("привет", Coding.UCS2)]
    assert read([part(text, coding) for text, coding in texts]) == [Text("ACME", NUMBER, text, 1) for text, _ in texts]


@given(st.permutations(range(4)))
def test_the_parts_of_a_text_are_joined_in_whatever_order_they_come(order: list[int]) -> None:
    parts = ["uzun ", "bir ", "mesaj ", "ğ"]
    messages = [part(parts[i], Coding.TURKISH, total=4, number=i + 1) for i in order]
    assert read(messages) == [Text("ACME", NUMBER, "uzun bir mesaj ğ", 4)]


def test_a_copy_of_a_part_changes_nothing_and_a_missing_part_is_told() -> None:
    first = part("one", Coding.GSM7, total=2, number=1)
    assert read([first, first]) == [Text("ACME", NUMBER, "one", 2, missing=1)]


def test_two_texts_with_different_references_stay_apart() -> None:
    messages = [part(str(reference), Coding.GSM7, total=2, reference=reference) for reference in (1, 2)]
    assert [text.text for text in read(messages)] == ["1", "2"]


def test_a_reference_that_is_used_again_begins_another_text() -> None:
    messages = [part(text, Coding.GSM7, total=2, number=number) for text in ("a", "b") for number in (1, 2)]
    assert [(text.text, text.missing) for text in read(messages)] == [("aa", 0), ("bb", 0)]


def test_what_no_telephone_can_read_is_told_and_hides_nothing_else() -> None:
    broken = part("x", Coding.GSM7)._replace(data_coding=0xF5)
    assert read([broken, part("y", Coding.GSM7)]) == [Text("ACME", NUMBER, None, 1), Text("ACME", NUMBER, "y", 1)]


def test_a_text_in_message_payload_is_shown_too() -> None:
    message = part("", Coding.GSM7)._replace(tlvs=((MESSAGE_PAYLOAD, b"long"),))
    assert read([message]) == [Text("ACME", NUMBER, "long", 1)]
