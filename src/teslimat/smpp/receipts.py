"""Delivery receipts: what a carrier's deliver_sm says about a message (SMPP 3.4 §2.11 and Appendix B).

The optional parameters come first, the text of Appendix B second. Carriers write that text in many ways; what
was met in the field is a row in the tests. The message id stays as it was sent: whether it is decimal, hex or
padded is known to a carrier's profile, not here.
"""

import re
from enum import IntEnum
from typing import NamedTuple

from teslimat.smpp.fields import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    Tlvs,
)
from teslimat.smpp.pdus import Message

_MESSAGE_TYPE = 0x3C
_RECEIPT = 0x04
_ACKNOWLEDGEMENT = 0x08
_INTERMEDIATE = 0x20
_USER_DATA_HEADER = 0x40


class MessageState(IntEnum):
    """Where a message is (§5.2.28; SCHEDULED and SKIPPED are of SMPP 5.0)."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


_WORDS = {
    MessageState.SCHEDULED: "SCHEDLD",
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
    MessageState.SKIPPED: "SKIPPED",
}
_STATES = (
    {word: state for state, word in _WORDS.items()}
    | {state.name: state for state in MessageState}
    | {str(int(state)): state for state in MessageState}
    | {
        "DELIVERD": MessageState.DELIVERED,
        "DELIVED": MessageState.DELIVERED,
        "UNDELIVERED": MessageState.UNDELIVERABLE,
        "UNDELIVRD": MessageState.UNDELIVERABLE,
        "UNDELIVERD": MessageState.UNDELIVERABLE,
        "FAILED": MessageState.UNDELIVERABLE,
        "ACCEPTE": MessageState.ACCEPTED,
        "ACKED": MessageState.ACCEPTED,
        "BUFFRED": MessageState.ENROUTE,
        "BUFFERED": MessageState.ENROUTE,
    }
)
_RECEIPT_TYPES = frozenset({_RECEIPT, _ACKNOWLEDGEMENT, _INTERMEDIATE})
_NO_PARAMETERS: dict[int, bytes] = {}
_OPEN_STATES = frozenset({MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED})


class ParsedReceipt(NamedTuple):
    """What a receipt says. What it does not say is None, or empty text."""

    message_id: str | None
    """As the carrier sent it."""
    state: MessageState | None
    """None: not said, or a word that we do not know."""
    final: bool
    """Whether the carrier will say no more: false for open states, unknown words and intermediate notifications."""
    error_code: str
    """The text's own ``err``, or the network_error_code as at least three decimal digits."""
    network_type: int | None
    """First octet of network_error_code: 1 ANSI-136, 2 IS-95, 3 GSM (§5.3.2.31)."""
    done_date: str
    """YYMMDDhhmm, with seconds from some carriers; in the carrier's time zone."""
    word: str
    """The text's status word as sent, for a profile that knows more words."""


# Appendix B as most carriers write it. Anything else takes the longer way.
_COMMON = re.compile(
    rb"id:([!-~]+) sub:[0-9]+ dlvrd:[0-9]+ submit date:[0-9]+ done date:([0-9]+) stat(?:us)?:([A-Z]+)"
    rb" err:([!-~]+)(?: text:|\Z)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?<![a-z0-9_])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|status|err|error|text) ?: ?", re.IGNORECASE
)
_CANONICAL_KEYS = {"status": "stat", "error": "err", "donedate": "done", "done_date": "done", "done date": "done"}


def parse_receipt(message: Message) -> ParsedReceipt | None:
    """What a deliver_sm says about a message that we sent; None if it is a message from a mobile.

    A receipt is what its esm_class calls one (bits 5 to 2), or what names a receipted_message_id. A text that only
    looks like a receipt is none: anybody with a phone can write one.
    """
    kind = message.esm_class & _MESSAGE_TYPE
    parameters = dict(message.tlvs) if message.tlvs else _NO_PARAMETERS
    if kind not in _RECEIPT_TYPES and RECEIPTED_MESSAGE_ID not in parameters:
        return None
    common = _COMMON.match(message.short_message)
    if common is not None:
        message_id, done, word, error_code = str(b"\0".join(common.groups()), "latin-1").split("\0")
    else:
        said = _read_text(_text_of(message, parameters))
        message_id, done = said.get("id", ""), said.get("done", "")
        word, error_code = said.get("stat", ""), said.get("err", "")
    state, network_type = _STATES.get(word.upper()), None
    if parameters:
        message_id = str(parameters.get(RECEIPTED_MESSAGE_ID, b""), "latin-1").strip("\0 ") or message_id
        state_octet = parameters.get(MESSAGE_STATE, b"")
        if len(state_octet) == 1:
            state = _STATES.get(str(state_octet[0]), state)
        network_error = parameters.get(NETWORK_ERROR_CODE, b"")
        if len(network_error) == 3:
            error_code, network_type = f"{network_error[1] << 8 | network_error[2]:03d}", network_error[0]
    final = state is not None and state not in _OPEN_STATES and kind != _INTERMEDIATE
    fields = (message_id or None, state, final, error_code, network_type, done, word)
    # tuple.__new__ skips the Python-level constructor: this runs once per receipt.
    return tuple.__new__(ParsedReceipt, fields)


def format_receipt(
    message_id: str,
    state: MessageState,
    *,
    submitted: str,
    done: str,
    error_code: str = "000",
    text: str = "",
) -> bytes:
    """The text of a receipt as in Appendix B. ``submitted`` and ``done`` are YYMMDDhhmm; ``text`` is cut to 20."""
    delivered = "001" if state is MessageState.DELIVERED else "000"
    return (
        f"id:{message_id} sub:001 dlvrd:{delivered} submit date:{submitted} done date:{done} "
        f"stat:{_WORDS[state]} err:{error_code} text:{text[:20]}"
    ).encode("latin-1", "replace")


def receipt_tlvs(message_id: str, state: MessageState, network_error: tuple[int, int] | None = None) -> Tlvs:
    """The optional parameters of a receipt; ``network_error`` is network type (one octet) and code (two)."""
    tlvs: Tlvs = (
        (RECEIPTED_MESSAGE_ID, message_id.encode("latin-1") + b"\0"),
        (MESSAGE_STATE, bytes((state,))),
    )
    if network_error is None:
        return tlvs
    network_type, code = network_error
    return (*tlvs, (NETWORK_ERROR_CODE, bytes((network_type,)) + code.to_bytes(2, "big")))


def _text_of(message: Message, parameters: dict[int, bytes]) -> str:
    """The receipt's text as Latin-1. A UCS-2 one is told by its first octet: data_coding often lies."""
    text = message.short_message or parameters.get(MESSAGE_PAYLOAD, b"")
    if message.esm_class & _USER_DATA_HEADER and text:
        text = text[1 + text[0] :]
    if text[:1] == b"\0":
        text = text[1::2]
    return str(text, "latin-1")


def _read_text(text: str) -> dict[str, str]:
    """The values of the keys that we know, as far as they are there.

    The customer's own words follow ``text:`` and may look like keys. What follows it is not read, unless it
    comes before all other keys; then the last value of a key counts.
    """
    keys = list(_KEY.finditer(text))
    said: dict[str, str] = {}
    for index, key in enumerate(keys):
        name = key[1].lower()
        name = _CANONICAL_KEYS.get(name, name)
        if name == "text" and said:
            break
        end = keys[index + 1].start() if index + 1 < len(keys) else len(text)
        value = text[key.end() : end].replace("\0", " ").split()
        if value and value[0].rstrip(",;|"):
            said[name] = value[0].rstrip(",;|")
    return said
