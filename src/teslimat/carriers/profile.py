"""A carrier's quirks as data: what its statuses, states, error codes and message ids mean, how it is addressed.

A quirk is a field of :class:`Profile`; a carrier that has it is a row of :data:`PROFILES`.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple

from teslimat.core import numbers
from teslimat.core.outcomes import Fate, Receipt
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, SUBMITTED, UNDELIVERED
from teslimat.smpp.pdus import Message, SubmitTemplate, submit_template
from teslimat.smpp.receipts import MessageState, ParsedReceipt
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Timers

GSM_ERRORS: Final[dict[int, Reason]] = {
    1: Reason.INVALID_NUMBER,  # unknown subscriber
    5: Reason.ABSENT_SUBSCRIBER,  # unidentified subscriber: not where the network believed it to be
    6: Reason.ABSENT_SUBSCRIBER,  # absent subscriber for SM
    9: Reason.BARRED,  # illegal subscriber
    10: Reason.BARRED,  # bearer service not provisioned
    11: Reason.BARRED,  # teleservice not provisioned
    12: Reason.BARRED,  # illegal equipment
    13: Reason.BARRED,  # call barred
    21: Reason.REJECTED_PERMANENTLY,  # facility not supported
    27: Reason.ABSENT_SUBSCRIBER,  # absent subscriber
    31: Reason.REJECTED_TEMPORARILY,  # subscriber busy for MT SMS
    32: Reason.REJECTED_TEMPORARILY,  # SM delivery failure, a full memory for one
    33: Reason.REJECTED_TEMPORARILY,  # message waiting list full
    34: Reason.REJECTED_TEMPORARILY,  # system failure
}
"""The errors of 3GPP TS 29.002 §17.6 that most carriers give as a receipt's error code, in decimal."""

_REFUSALS: Final[dict[int, Reason]] = {
    Status.ESME_RINVMSGLEN: Reason.CONTENT,
    Status.ESME_RINVSRCADR: Reason.CONTENT,
    Status.ESME_RINVSRCTON: Reason.CONTENT,
    Status.ESME_RINVSRCNPI: Reason.CONTENT,
    Status.ESME_RINVDSTADR: Reason.INVALID_NUMBER,
    Status.ESME_RINVDSTTON: Reason.INVALID_NUMBER,
    Status.ESME_RINVDSTNPI: Reason.INVALID_NUMBER,
    Status.ESME_RSYSERR: Reason.REJECTED_TEMPORARILY,
    Status.ESME_RX_T_APPN: Reason.REJECTED_TEMPORARILY,
}

_ENDINGS: Final[dict[MessageState, Reason]] = {
    MessageState.EXPIRED: Reason.EXPIRED,
    MessageState.DELETED: Reason.REJECTED_PERMANENTLY,
    MessageState.REJECTED: Reason.REJECTED_PERMANENTLY,
}

# Where the error code says why, better than the state does.
_EXPLAINED_BY_CODE = frozenset({MessageState.UNDELIVERABLE, MessageState.REJECTED, MessageState.UNKNOWN})
_GSM_NETWORK = 3
_MAX_CODE = 32
_SHORT_CODE_DIGITS = 6


class ReceiptIds(Enum):
    """How the message id of a receipt relates to the one of the answer."""

    LIKELY = "likely"
    """As it came, most often; else in another base, case or padding."""
    HEX = "hex"
    """The receipt writes in hex what the answer wrote in decimal."""
    DECIMAL = "decimal"
    """The receipt writes in decimal what the answer wrote in hex."""


class Profile(NamedTuple):
    """How a carrier differs from others. The defaults are what most of them do."""

    later: frozenset[int] = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL, Status.ESME_RINVBNDSTS})
    """Statuses of a submit_sm_resp after which the part should be sent again.

    "Incorrect bind status" is one: it says that the carrier lost our session, and nothing about the message.
    """
    slow_down: frozenset[int] = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RINVBNDSTS})
    """Those that ask for a pause; a full queue may be one recipient's only."""
    refusals: Mapping[int, Reason] = _REFUSALS
    """Why a part is refused, by status; REJECTED_PERMANENTLY for any other."""
    errors: Mapping[int, Reason] = GSM_ERRORS
    """Why a part was not delivered, by the error code of its receipt."""
    receipt_ids: ReceiptIds = ReceiptIds.LIKELY
    alphanumeric_sender: tuple[int, int] = (5, 0)
    """Type of number and numbering plan of a sender with letters (SMPP 3.4 §5.2.5, §5.2.6)."""
    long_sender: tuple[int, int] = (1, 1)
    """The same for an international number."""
    short_sender: tuple[int, int] = (3, 0)
    """The same for a short code, which has at most six digits."""
    recipient: tuple[int, int] = (1, 1)
    timers: Timers = Timers(unbind=5.0)


PROFILES: Final[dict[str, Profile]] = {
    "default": Profile(),
    "hex-receipts": Profile(receipt_ids=ReceiptIds.HEX),
    "decimal-receipts": Profile(receipt_ids=ReceiptIds.DECIMAL),
}
"""The profiles by the names that a carrier's settings use."""


def read_status(profile: Profile, status: int) -> tuple[Fate, Reason]:
    """What the ``command_status`` of an answer means for its part."""
    if status == Status.ESME_ROK:
        return Fate.ACCEPTED, Reason.NONE
    if status in profile.later:
        return Fate.LATER, Reason.NONE
    return Fate.REFUSED, profile.refusals.get(status, Reason.REJECTED_PERMANENTLY)


def read_receipt(profile: Profile, carrier_id: int, message: Message, parsed: ParsedReceipt, at: int) -> Receipt:
    """A receipt in the house's terms; ``parsed`` is what ``message`` says, and names a message id."""
    message_id, state, final, *_ = parsed
    outcome, reason, code = SUBMITTED, Reason.NONE, ""
    if final and state is not None:
        if state is MessageState.DELIVERED:
            outcome = DELIVERED
        else:
            outcome, reason, code = UNDELIVERED, *_explain(profile, state, parsed)
    source = message.source
    if len(source) == 12 and source[:2] == "90" and source.isdigit() and source.isascii():
        number, sender = int(source), message.destination
    else:
        number, sender = _addresses(message)
    forms = id_forms(message_id or "", profile.receipt_ids)
    # tuple.__new__ skips the Python-level constructor: this runs once per receipt.
    return tuple.__new__(Receipt, (carrier_id, forms, outcome, reason, code, number, sender, at))


def id_forms(message_id: str, ids: ReceiptIds = ReceiptIds.LIKELY) -> tuple[str, ...]:
    """The forms under which a receipt's id may have been given in the answer, most likely first, each once.

    LIKELY gives the id as it came, always first, then every rewriting that carriers are known for: zeros in front
    taken away or added (up to 10 or 20 decimal, or 8 hex digits), hex in either case, and the other base. Digits
    alone may be decimal or hex, so both readings are given, decimal first. That finds the message, and no other one
    unless two are open whose ids are the same digits in two bases: ids that are counted upwards are far apart then.
    A carrier whose ids are short or random needs HEX or DECIMAL, which know one reading only.
    """
    if ids is ReceiptIds.LIKELY:
        return _likely_forms(message_id)
    if ids is ReceiptIds.HEX:
        if not _is_hex(message_id):
            return (message_id,)
        return _in_decimal(int(message_id, 16))
    if not _is_decimal(message_id):
        return (message_id,)
    return tuple(dict.fromkeys(_in_hex(int(message_id))))


def template_for(profile: Profile, sender: str, data_coding: int, *, has_header: bool) -> SubmitTemplate:
    """What all parts with this sender and coding have in common; each asks for a receipt.

    Raises ValueError if the sender does not fit a source address (SMPP 3.4 §5.2.8: 20 octets, no NUL).
    """
    source, (ton, npi) = sender, profile.alphanumeric_sender
    digits = sender.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        source, (ton, npi) = digits, profile.short_sender
        if len(digits) > _SHORT_CODE_DIGITS:
            ton, npi = profile.long_sender
    return submit_template(
        source=source,
        source_ton=ton,
        source_npi=npi,
        destination_ton=profile.recipient[0],
        destination_npi=profile.recipient[1],
        esm_class=0x40 if has_header else 0,
        registered_delivery=1,
        data_coding=data_coding,
    )


def _explain(profile: Profile, state: MessageState, parsed: ParsedReceipt) -> tuple[Reason, str]:
    """Why a message failed, and the carrier's own code: its error code, or the state if that has none."""
    error = parsed.error_code if parsed.error_code.isprintable() else ""
    reason = None
    if error.isascii() and error.isdigit() and len(error) <= _MAX_CODE:
        if not int(error):
            error = ""
        elif state in _EXPLAINED_BY_CODE and parsed.network_type in (None, _GSM_NETWORK):
            reason = profile.errors.get(int(error))
    return reason or _ENDINGS.get(state, Reason.UNKNOWN), (error or state.name)[:_MAX_CODE]


def _addresses(message: Message) -> tuple[int, str]:
    """The recipient's number and our sender; some carriers write them the wrong way round."""
    number = _number(message.source)
    if not number and (number := _number(message.destination)):
        return number, message.source
    return number, message.destination


_is_number = re.compile(r"\+?[0-9]{1,15}", re.ASCII).fullmatch


def _number(address: str) -> int:
    if not _is_number(address):
        return 0
    return numbers.parse(address) or int(address)


_is_decimal = re.compile(r"[0-9]{1,20}", re.ASCII).fullmatch
_is_hex = re.compile(r"[0-9A-Fa-f]{1,16}", re.ASCII).fullmatch


def _in_decimal(value: int) -> tuple[str, ...]:
    plain = str(value)
    if len(plain) < 10:
        return plain, plain.zfill(10), plain.zfill(20)
    return (plain, plain.zfill(20)) if len(plain) < 20 else (plain,)


def _in_hex(value: int) -> tuple[str, ...]:
    lower, upper = f"{value:x}", f"{value:X}"
    return (lower, upper, lower.zfill(8), upper.zfill(8)) if len(lower) < 8 else (lower, upper)


def _likely_forms(message_id: str) -> tuple[str, ...]:
    if 10 <= len(message_id) <= 16 and message_id[0] != "0" and message_id.isdigit() and message_id.isascii():
        # Most receipts carry such an id. This is what the rest would give, without its checks.
        lower = f"{int(message_id):x}"
        upper = lower.upper()
        padded = message_id.zfill(20)
        other = str(int(message_id, 16))
        if lower == upper:
            return message_id, padded, lower, other, other.zfill(20)
        return message_id, padded, lower, upper, other, other.zfill(20)
    forms: tuple[str, ...] = (message_id,)
    if _is_decimal(message_id):
        value = int(message_id)
        forms += (*_in_decimal(value), *_in_hex(value))
        if len(message_id) <= 16:
            as_hex = int(message_id, 16)
            forms += (*_in_decimal(as_hex), *_in_hex(as_hex))
    elif _is_hex(message_id):
        value = int(message_id, 16)
        forms += (*_in_hex(value), *_in_decimal(value))
    elif message_id.isascii():
        forms += (message_id.lower(), message_id.upper())
    return tuple(dict.fromkeys(forms))
