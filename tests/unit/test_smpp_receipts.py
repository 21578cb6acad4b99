"""Receipts as carriers really send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.smpp.fields import MESSAGE_PAYLOAD, MESSAGE_STATE, NETWORK_ERROR_CODE, RECEIPTED_MESSAGE_ID, Tlvs
from teslimat.smpp.pdus import Command, Message
from teslimat.smpp.receipts import MessageState, ParsedReceipt, format_receipt, parse_receipt, receipt_tlvs


def receipt(text: bytes = b"", *, esm_class: int = 0x04, tlvs: Tlvs = ()) -> ParsedReceipt:
    parsed = parse_receipt(Message(Command.DELIVER_SM, 1, esm_class=esm_class, short_message=text, tlvs=tlvs))
    assert parsed is not None
    return parsed


TEXTS = [
    # text, message id, state, error code, done date
    (
        b"id:1234 sub:001 dlvrd:001 submit date:2611240955 done date:2611240956 stat:DELIVRD err:000 text:Merhaba",
        ("1234", MessageState.DELIVERED, "000", "2611240956"),
    ),
    (
        b"ID:0A1B-c sub:001 dlvrd:000 Submit Date:261124095501 Done Date:261124095602 Stat:UNDELIV Err:04B Text:",
        ("0A1B-c", MessageState.UNDELIVERABLE, "04B", "261124095602"),
    ),
    (b"id:77 stat:EXPIRED", ("77", MessageState.EXPIRED, "", "")),
    (b"id:77 status:REJECTED error:12", ("77", MessageState.REJECTED, "12", "")),
    (b"id: 77 stat: DELIVERED err: 0", ("77", MessageState.DELIVERED, "0", "")),
    (b"id:77,sub:001,dlvrd:001,stat:DELIVRD,err:000", ("77", MessageState.DELIVERED, "000", "")),
    (b"id:77\0 sub:001 stat:DELIVRD err:000\0", ("77", MessageState.DELIVERED, "000", "")),
    (b"id:77 stat:delivrd err:EC_ABSENT text:x", ("77", MessageState.DELIVERED, "EC_ABSENT", "")),
    (b"id:77 stat:2 err:0", ("77", MessageState.DELIVERED, "0", "")),
    (b"id:77 stat:SOMEWORD err:9", ("77", None, "9", "")),
    (b"stat:DELETED err:9", (None, MessageState.DELETED, "9", "")),
    (b"text:Merhaba id:77 sub:001 stat:DELIVRD err:000", ("77", MessageState.DELIVERED, "000", "")),
    (b"text:id:5 stat:REJECTD id:77 stat:DELIVRD err:000", ("77", MessageState.DELIVERED, "000", "")),
    (b"id:77 stat:DELIVRD err:000 text:id:5 stat:REJECTD err:9", ("77", MessageState.DELIVERED, "000", "")),
    (b"id:77 text:stat:REJECTD", ("77", None, "", "")),
    (b"\x05\x00\x03\x01\x02\x01id:77 stat:DELIVRD err:000", ("77", MessageState.DELIVERED, "000", "")),
    ("id:77 stat:DELIVRD err:000".encode("utf-16-be"), ("77", MessageState.DELIVERED, "000", "")),
    (b"", (None, None, "", "")),
    (b"delivered, thank you", (None, None, "", "")),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_a_receipt_is_read_whatever_dialect_its_carrier_writes(
    text: bytes, expected: tuple[str | None, MessageState | None, str, str]
) -> None:
    parsed = receipt(text, esm_class=0x44 if text[:1] == b"\x05" else 0x04)
    assert (parsed.message_id, parsed.state, parsed.error_code, parsed.done_date) == expected


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_a_receipt_in_the_message_payload_reads_like_one_in_the_short_message(
    text: bytes, expected: tuple[str | None, MessageState | None, str, str]
) -> None:
    esm_class = 0x44 if text[:1] == b"\x05" else 0x04
    parsed = receipt(esm_class=esm_class, tlvs=((MESSAGE_PAYLOAD, text),))
    assert (parsed.message_id, parsed.state, parsed.error_code, parsed.done_date) == expected


@pytest.mark.parametrize("ending", [b"", b"\0"])
def test_optional_parameters_come_before_the_text(ending: bytes) -> None:
    parsed = receipt(
        b"id:1 sub:001 dlvrd:000 submit date:2611240955 done date:2611240956 stat:ENROUTE err:001 text:",
        tlvs=(
            (RECEIPTED_MESSAGE_ID, b"00FF" + ending),
            (MESSAGE_STATE, b"\x05"),
            (NETWORK_ERROR_CODE, b"\x03\x00\x22"),
        ),
    )
    assert parsed == ParsedReceipt("00FF", MessageState.UNDELIVERABLE, True, "034", 3, "2611240956", "ENROUTE")


def test_a_receipt_of_nothing_but_optional_parameters_is_complete() -> None:
    parsed = receipt(esm_class=0, tlvs=receipt_tlvs("abc", MessageState.REJECTED))
    assert (parsed.message_id, parsed.state, parsed.final) == ("abc", MessageState.REJECTED, True)


def test_optional_parameters_of_an_odd_size_leave_the_text_in_force() -> None:
    odd = ((MESSAGE_STATE, b""), (NETWORK_ERROR_CODE, b"\x03"), (RECEIPTED_MESSAGE_ID, b"\0"))
    parsed = receipt(b"id:77 stat:DELIVRD err:005", tlvs=odd)
    assert (parsed.message_id, parsed.state, parsed.error_code) == ("77", MessageState.DELIVERED, "005")


def test_a_message_from_a_mobile_is_no_receipt_even_if_it_reads_like_one() -> None:
    for esm_class in (0x00, 0x10, 0x40):
        forged = Message(Command.DELIVER_SM, 1, esm_class=esm_class, short_message=b"id:77 stat:DELIVRD err:000")
        assert parse_receipt(forged) is None


def test_an_intermediate_notification_or_open_state_is_not_final() -> None:
    assert not receipt(b"id:77 stat:UNDELIV err:001", esm_class=0x20).final
    assert not receipt(b"id:77 stat:ENROUTE err:000").final
    assert not receipt(b"id:77 stat:ACCEPTD err:000").final
    assert not receipt(b"id:77 stat:SOMEWORD err:000").final
    assert receipt(b"id:77 stat:DELIVRD err:000", esm_class=0x08).final


def test_a_word_that_we_do_not_know_is_kept_for_the_carriers_profile() -> None:
    assert receipt(b"id:77 stat:Somewhere err:000").word == "Somewhere"


ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@given(ids, st.sampled_from(list(MessageState)), st.from_regex(r"[0-9A-F]{3}", fullmatch=True), st.text(max_size=30))
def test_what_the_simulator_writes_is_read_back(
    message_id: str, state: MessageState, error_code: str, text: str
) -> None:
    written = format_receipt(
        message_id, state, submitted="2611240955", done="2611240956", error_code=error_code, text=text
    )
    parsed = receipt(written)
    assert (parsed.message_id, parsed.state, parsed.error_code) == (message_id, state, error_code)
    with_parameters = receipt(written, tlvs=receipt_tlvs(message_id, state, (3, 1)))
    assert with_parameters[:2] == (message_id, state)
    assert with_parameters.error_code == "001"


@given(
    st.integers(0, 255),
    st.one_of(
        st.binary(max_size=254),
        st.lists(st.sampled_from(["id:", "stat:", "text:", "err:", " ", "DELIVRD", "\0", "7"])).map(
            lambda p: "".join(p)[:254].encode()
        ),
    ),
    st.lists(st.tuples(st.sampled_from([0x1E, 0x423, 0x424, 0x427]), st.binary(max_size=9))).map(tuple),
)
def test_any_deliver_sm_is_a_receipt_or_none(esm_class: int, text: bytes, tlvs: Tlvs) -> None:
    parsed = parse_receipt(Message(Command.DELIVER_SM, 1, esm_class=esm_class, short_message=text, tlvs=tlvs))
    if esm_class & 0x3C in (0x04, 0x08, 0x20):
        assert parsed is not None
    if parsed is not None:
        assert parsed.message_id != ""
        assert not parsed.final or parsed.state is not None
