import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.carriers.simulator.mailbox import Mailbox
from teslimat.carriers.simulator.receipts import IdForm, Plan, Receipt, ReceiptForm, body, date
from teslimat.smpp.frames import FrameBuffer
from teslimat.smpp.pdus import Command, Message, decode_message, encode_pdu
from teslimat.smpp.receipts import MessageState, parse_receipt

MIDNIGHT = 1_767_225_600_000  # 2026-01-01 00:00:00 UTC


def written(plan: Plan, form: ReceiptForm) -> Message:
    receipt = Receipt("255", b"905550000001", b"ACME", date(MIDNIGHT), (plan,))
    octets = body(receipt, form, date(MIDNIGHT + 61_000))
    data, frames, _ = FrameBuffer().feed(encode_pdu(Command.DELIVER_SM, 0, 1, octets))
    return decode_message(data, frames[0])


@pytest.mark.parametrize("state", [state for state in MessageState if state.name not in ("SCHEDULED", "SKIPPED")])
@pytest.mark.parametrize("form", ReceiptForm)
def test_a_receipt_says_what_it_shall_in_every_form(state: MessageState, form: ReceiptForm) -> None:
    message = written(Plan(state, 27), form)
    assert (message.source, message.destination) == ("905550000001", "ACME")
    assert (bool(message.short_message), bool(message.tlvs)) == (
        form is not ReceiptForm.TLV,
        form is not ReceiptForm.TEXT,
    )
    parsed = parse_receipt(message)
    assert (parsed.message_id, parsed.state, parsed.error_code) == ("255", state, "027")


def test_a_receipt_gives_its_dates_in_utc() -> None:
    text = written(Plan(MessageState.DELIVERED), ReceiptForm.TEXT).short_message
    assert b" submit date:2601010000 done date:2601010001 " in text


def test_the_form_of_a_plan_goes_before_the_form_of_the_script() -> None:
    assert written(Plan(MessageState.DELIVERED, form=ReceiptForm.TLV), ReceiptForm.TEXT).short_message == b""


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (IdForm.DECIMAL, "255"),
        (IdForm.PADDED, "00000000000000000255"),
        (IdForm.HEX, "ff"),
        (IdForm.UPPER_HEX, "FF"),
    ],
)
def test_an_id_is_written_as_the_carrier_writes_it(form: IdForm, expected: str) -> None:
    assert form.value % 255 == expected


def receipt(number: int) -> Receipt:
    return Receipt(str(number), b"", b"", "", ())


@given(st.lists(st.floats(0, 100)), st.lists(st.floats(0, 120)))
def test_a_mailbox_gives_every_receipt_once_never_much_too_early_and_never_too_late(
    dues: list[float], looks: list[float]
) -> None:
    mailbox = Mailbox()
    for number, due in enumerate(dues):
        mailbox.put(receipt(number), due)
    seen: list[int] = []
    for now in [*sorted(looks), 200.0]:
        mailbox.release(now)
        taken = [int(taken.message_id) for taken in mailbox.take(len(dues))]
        seen += taken
        assert all(dues[number] < now + 0.0101 for number in taken)
        assert {number for number, due in enumerate(dues) if due <= now} <= set(seen)
        assert len(mailbox) == len(dues) - len(seen)
    assert sorted(seen) == list(range(len(dues)))


@given(st.integers(0, 30), st.integers(0, 40))
def test_receipts_that_are_put_back_come_again_first_and_in_their_order(count: int, limit: int) -> None:
    mailbox = Mailbox()
    for number in range(count):
        mailbox.put(receipt(number), 0.0)
    mailbox.release(0.0)
    mailbox.put_back(mailbox.take(limit))
    assert [int(taken.message_id) for taken in mailbox.take(count)] == list(range(count))


def test_a_mailbox_knows_when_it_must_be_looked_at() -> None:
    mailbox = Mailbox()
    assert mailbox.next_due() is None
    mailbox.put(receipt(1), 5.0)
    mailbox.put(receipt(2), 3.0)
    assert mailbox.next_due() == pytest.approx(3.0)
    mailbox.release(3.0)
    assert (mailbox.ready, mailbox.next_due()) == (True, pytest.approx(5.0))


def test_a_shuffling_mailbox_gives_what_is_due_together_in_another_order() -> None:
    mailbox = Mailbox(shuffle=lambda receipts: receipts.reverse())
    for number in range(3):
        mailbox.put(receipt(number), 1.0)
    mailbox.release(1.0)
    assert [int(taken.message_id) for taken in mailbox.take(3)] == [2, 1, 0]
