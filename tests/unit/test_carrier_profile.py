import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.carriers.profile import (
    PROFILES,
    ReceiptIds,
    id_forms,
    read_receipt,
    read_status,
    template_for,
)
from teslimat.core.outcomes import Fate, Receipt
from teslimat.core.reasons import Reason
from teslimat.core.states import State
from teslimat.smpp.frames import FrameBuffer
from teslimat.smpp.pdus import Command, Message, decode_message, encode_pdu, submit_body
from teslimat.smpp.receipts import MessageState, format_receipt, parse_receipt, receipt_tlvs
from teslimat.smpp.status import Status

DEFAULT = PROFILES["default"]


def receipt_of(message: Message) -> Receipt:
    parsed = parse_receipt(message)
    assert parsed is not None
    return read_receipt(DEFAULT, 7, message, parsed, 1_700_000_000_000)


def receipt(text: bytes, source: str = "905321234567", destination: str = "ACME", esm_class: int = 0x04) -> Receipt:
    return receipt_of(
        Message(Command.DELIVER_SM, 1, source=source, destination=destination, esm_class=esm_class, short_message=text)
    )


def said(state: MessageState, error: str = "000") -> bytes:
    return format_receipt("1234567890", state, submitted="2411241000", done="2411241001", error_code=error)


@pytest.mark.parametrize(
    ("status", "fate", "reason"),
    [
        (Status.ESME_ROK, Fate.ACCEPTED, Reason.NONE),
        (Status.ESME_RTHROTTLED, Fate.LATER, Reason.NONE),
        (Status.ESME_RMSGQFUL, Fate.LATER, Reason.NONE),
        (Status.ESME_RINVBNDSTS, Fate.LATER, Reason.NONE),
        (Status.ESME_RSYSERR, Fate.REFUSED, Reason.REJECTED_TEMPORARILY),
        (Status.ESME_RINVSRCADR, Fate.REFUSED, Reason.CONTENT),
        (Status.ESME_RINVDSTADR, Fate.REFUSED, Reason.INVALID_NUMBER),
        (Status.ESME_RSUBMITFAIL, Fate.REFUSED, Reason.REJECTED_PERMANENTLY),
        (0x0444, Fate.REFUSED, Reason.REJECTED_PERMANENTLY),
    ],
)
def test_a_status_says_whether_a_part_was_taken_and_why_not(status: int, fate: Fate, reason: Reason) -> None:
    assert read_status(DEFAULT, status) == (fate, reason)


@pytest.mark.parametrize(
    ("state", "error", "reason", "code"),
    [
        (MessageState.UNDELIVERABLE, "027", Reason.ABSENT_SUBSCRIBER, "027"),
        (MessageState.UNDELIVERABLE, "6", Reason.ABSENT_SUBSCRIBER, "6"),
        (MessageState.UNDELIVERABLE, "001", Reason.INVALID_NUMBER, "001"),
        (MessageState.UNDELIVERABLE, "013", Reason.BARRED, "013"),
        (MessageState.UNDELIVERABLE, "999", Reason.UNKNOWN, "999"),
        (MessageState.UNDELIVERABLE, "X1", Reason.UNKNOWN, "X1"),
        (MessageState.UNDELIVERABLE, "000", Reason.UNKNOWN, "UNDELIVERABLE"),
        (MessageState.REJECTED, "013", Reason.BARRED, "013"),
        (MessageState.REJECTED, "000", Reason.REJECTED_PERMANENTLY, "REJECTED"),
        (MessageState.DELETED, "000", Reason.REJECTED_PERMANENTLY, "DELETED"),
        (MessageState.EXPIRED, "027", Reason.EXPIRED, "027"),
        (MessageState.UNKNOWN, "000", Reason.UNKNOWN, "UNKNOWN"),
    ],
)
def test_a_receipt_says_why_a_part_was_not_delivered(
    state: MessageState, error: str, reason: Reason, code: str
) -> None:
    read = receipt(said(state, error))
    assert (read.outcome, read.reason, read.code) == (State.UNDELIVERED, reason, code)


def test_a_delivered_part_has_no_reason_whatever_its_error_code() -> None:
    read = receipt(said(MessageState.DELIVERED, "027"))
    assert (read.outcome, read.reason, read.code) == (State.DELIVERED, Reason.NONE, "")


@pytest.mark.parametrize("state", [MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.SCHEDULED])
def test_an_open_state_changes_nothing(state: MessageState) -> None:
    assert receipt(said(state, "027")).outcome == State.SUBMITTED


def test_an_intermediate_notification_is_not_final_even_if_it_names_a_failure() -> None:
    assert receipt(said(MessageState.UNDELIVERABLE, "027"), esm_class=0x20).outcome == State.SUBMITTED


def test_a_word_that_nobody_knows_is_not_taken_for_an_end() -> None:
    text = said(MessageState.DELIVERED).replace(b"DELIVRD", b"WHATEVR")
    assert receipt(text).outcome == State.SUBMITTED


@pytest.mark.parametrize(("network", "reason"), [(3, Reason.ABSENT_SUBSCRIBER), (1, Reason.UNKNOWN)])
def test_error_codes_are_read_as_gsm_errors_only_where_the_network_is_gsm(network: int, reason: Reason) -> None:
    read = receipt_of(
        Message(
            Command.DELIVER_SM,
            1,
            source="905321234567",
            esm_class=0x04,
            tlvs=receipt_tlvs("ab12", MessageState.UNDELIVERABLE, (network, 27)),
        )
    )
    assert (read.reason, read.code, read.message_ids[0]) == (reason, "027", "ab12")


def test_a_code_of_a_carrier_is_kept_short_and_printable() -> None:
    assert receipt(said(MessageState.UNDELIVERABLE, "9" * 90)).code == "9" * 32
    assert receipt(b"id:1 stat:UNDELIV err:\x1b[2J").code == "UNDELIVERABLE"


@pytest.mark.parametrize(
    ("source", "destination", "number", "sender"),
    [
        ("905321234567", "ACME", 905321234567, "ACME"),
        ("+905321234567", "ACME", 905321234567, "ACME"),
        ("05321234567", "ACME", 905321234567, "ACME"),
        ("4915112345678", "ACME", 4915112345678, "ACME"),
        ("ACME", "905321234567", 905321234567, "ACME"),
        ("", "ACME", 0, "ACME"),
        ("unknown", "ACME", 0, "ACME"),
        ("9053212345²7", "ACME", 0, "ACME"),
    ],
)
def test_a_receipt_names_the_recipient_in_any_spelling_on_either_side(
    source: str, destination: str, number: int, sender: str
) -> None:
    read = receipt(said(MessageState.DELIVERED), source, destination)
    assert (read.number, read.sender) == (number, sender)


WRITINGS = {
    "decimal": "{:d}",
    "padded decimal": "{:010d}",
    "long padded decimal": "{:020d}",
    "hex": "{:x}",
    "capital hex": "{:X}",
    "padded hex": "{:08x}",
    "padded capital hex": "{:08X}",
}


@given(
    value=st.one_of(st.integers(1, 2**63), st.from_regex(r"[0-9]{1,12}", fullmatch=True).map(lambda d: int(d, 16))),
    answer=st.sampled_from(sorted(WRITINGS)),
    receipt_=st.sampled_from(sorted(WRITINGS)),
)
def test_whatever_way_a_carrier_writes_its_ids_the_answer_is_among_the_forms(
    value: int, answer: str, receipt_: str
) -> None:
    answered, received = WRITINGS[answer].format(value), WRITINGS[receipt_].format(value)
    assert answered in id_forms(received)


@given(value=st.integers(1, 2**63), capital=st.booleans(), padded=st.booleans())
def test_a_carrier_known_to_change_the_base_has_one_reading_and_it_comes_first(
    value: int, *, capital: bool, padded: bool
) -> None:
    hexadecimal = f"{value:{'08' if padded else ''}{'X' if capital else 'x'}}"
    assert id_forms(hexadecimal, ReceiptIds.HEX)[0] == str(value)
    assert {int(form) for form in id_forms(hexadecimal, ReceiptIds.HEX)} == {value}
    assert hexadecimal in id_forms(str(value), ReceiptIds.DECIMAL)
    assert {int(form, 16) for form in id_forms(str(value), ReceiptIds.DECIMAL)} == {value}


@given(st.text(max_size=65), st.sampled_from(ReceiptIds))
def test_any_id_has_some_forms_each_once_and_as_it_came_first_unless_the_base_is_known_to_change(
    message_id: str, ids: ReceiptIds
) -> None:
    forms = id_forms(message_id, ids)
    assert len(set(forms)) == len(forms) >= 1
    assert ids is not ReceiptIds.LIKELY or forms[0] == message_id


@given(st.from_regex(r"[1-9][0-9]{9,15}", fullmatch=True))
def test_digits_are_read_as_decimal_before_they_are_read_as_hex(message_id: str) -> None:
    forms = id_forms(message_id)
    assert forms.index(f"{int(message_id):x}") < forms.index(str(int(message_id, 16)))


@pytest.mark.parametrize(
    ("sender", "source", "ton", "npi"),
    [
        ("ACME", "ACME", 5, 0),
        ("ILETI MRKZI", "ILETI MRKZI", 5, 0),
        ("4609", "4609", 3, 0),
        ("908501234567", "908501234567", 1, 1),
        ("+908501234567", "908501234567", 1, 1),
    ],
)
def test_a_sender_is_addressed_by_its_kind_and_every_part_asks_for_a_receipt(
    sender: str, source: str, ton: int, npi: int
) -> None:
    body = submit_body(template_for(DEFAULT, sender, 8, has_header=True), b"905321234567", b"\0A")
    data, frames, _ = FrameBuffer().feed(encode_pdu(Command.SUBMIT_SM, 0, 1, body))
    message = decode_message(data, frames[0])
    assert (message.source, message.source_ton, message.source_npi) == (source, ton, npi)
    assert (message.destination, message.destination_ton, message.destination_npi) == ("905321234567", 1, 1)
    assert (message.esm_class, message.registered_delivery, message.data_coding) == (0x40, 1, 8)


def test_a_sender_that_no_source_address_can_hold_is_refused_not_cut() -> None:
    for sender in ("A" * 21, "ŞİRKET", "A\0B"):
        with pytest.raises(ValueError, match=r"octets|encode"):
            template_for(DEFAULT, sender, 0, has_header=False)
