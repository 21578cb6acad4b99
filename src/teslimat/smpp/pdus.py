"""The PDUs of SMPP 3.4 §4 as values, to and from octets.

A session reads and writes the frequent ones with :func:`decode_message`, :func:`submit_body` and
:func:`receipt_body`; :func:`encode` and :func:`decode` know every kind.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from teslimat.smpp.fields import (
    SC_INTERFACE_VERSION,
    MalformedError,
    Tlvs,
    decode_c_string,
    decode_tlvs,
    encode_c_string,
    encode_tlvs,
)
from teslimat.smpp.frames import Frame
from teslimat.smpp.status import Status

ANSWER = 0x8000_0000
"""The bit of a command id that makes it the answer to the command without it."""


class Command(IntEnum):
    """A ``command_id`` (SMPP 3.4 §5.1.2.1) that this package reads and writes."""

    GENERIC_NACK = 0x8000_0000
    BIND_RECEIVER = 0x01
    BIND_RECEIVER_RESP = 0x8000_0001
    BIND_TRANSMITTER = 0x02
    BIND_TRANSMITTER_RESP = 0x8000_0002
    SUBMIT_SM = 0x04
    SUBMIT_SM_RESP = 0x8000_0004
    DELIVER_SM = 0x05
    DELIVER_SM_RESP = 0x8000_0005
    UNBIND = 0x06
    UNBIND_RESP = 0x8000_0006
    BIND_TRANSCEIVER = 0x09
    BIND_TRANSCEIVER_RESP = 0x8000_0009
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ENQUIRE_LINK_RESP = 0x8000_0015


class Bind(NamedTuple):
    """Who asks to be bound, and as what. ``command`` is one of the three bind commands."""

    command: int
    sequence: int
    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


class BindAnswer(NamedTuple):
    """The answer to a bind. Without success there may be nothing but a status."""

    command: int
    status: int
    sequence: int
    system_id: str = ""
    tlvs: Tlvs = ()

    @property
    def interface_version(self) -> int | None:
        """The version that the SMSC speaks, if it says so (0x34 is 3.4)."""
        for tag, value in self.tlvs:
            if tag == SC_INTERFACE_VERSION and value:
                return value[0]
        return None


class Outbind(NamedTuple):
    """An SMSC's wish to be called back (§4.1.7)."""

    sequence: int
    system_id: str
    password: str


class Message(NamedTuple):
    """A submit_sm or deliver_sm (§4.4.1, §4.6.1): the same fields in the same order."""

    command: int
    sequence: int
    service_type: str = ""
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    destination_ton: int = 0
    destination_npi: int = 0
    destination: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present: int = 0
    data_coding: int = 0
    default_message_id: int = 0
    short_message: bytes = b""
    tlvs: Tlvs = ()


class MessageAnswer(NamedTuple):
    """A submit_sm_resp or deliver_sm_resp. ``message_id`` is verbatim; empty where none was sent."""

    command: int
    status: int
    sequence: int
    message_id: str = ""


class Signal(NamedTuple):
    """A PDU that is only a header: unbind, enquire_link, their answers, generic_nack."""

    command: int
    status: int
    sequence: int


class Unknown(NamedTuple):
    """A PDU of a command that this package does not speak."""

    command: int
    status: int
    sequence: int
    body: bytes


Pdu = Bind | BindAnswer | Outbind | Message | MessageAnswer | Signal | Unknown

BINDS = frozenset({Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER})
BIND_ANSWERS = frozenset(command | ANSWER for command in BINDS)

_HEADER = struct.Struct(">4I")
_FIVE = struct.Struct("5B").unpack_from
_MAX_SHORT_MESSAGE_OCTETS = 254
_MAX_ADDRESS_OCTETS = 20
_LENGTHS = tuple(bytes((length,)) for length in range(_MAX_SHORT_MESSAGE_OCTETS + 1))


def encode_pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """A PDU from its header values and its body."""
    return _HEADER.pack(16 + len(body), command, status, sequence) + body


def encode(pdu: Pdu) -> bytes:
    """Any PDU as octets. Raises ValueError if a field does not fit."""
    if isinstance(pdu, Outbind):
        body = encode_c_string(pdu.system_id, 16) + encode_c_string(pdu.password, 9)
        return encode_pdu(Command.OUTBIND, 0, pdu.sequence, body)
    if isinstance(pdu, Message):
        return encode_pdu(pdu.command, 0, pdu.sequence, _message_body(pdu))
    if isinstance(pdu, Bind):
        return encode_pdu(pdu.command, 0, pdu.sequence, _bind_body(pdu))
    body = b""
    if isinstance(pdu, BindAnswer):
        body = encode_c_string(pdu.system_id, 16) + encode_tlvs(pdu.tlvs)
    elif isinstance(pdu, MessageAnswer):
        body = encode_c_string(pdu.message_id, 65)
    elif isinstance(pdu, Unknown):
        body = pdu.body
    return encode_pdu(pdu.command, pdu.status, pdu.sequence, body)


def decode(data: bytes, frame: Frame) -> Pdu:
    """The PDU that ``frame`` marks in ``data``. Raises MalformedError if its body cannot be read."""
    read = _READERS.get(frame.command)
    if read is None:
        return Unknown(frame.command, frame.status, frame.sequence, data[frame.body : frame.end])
    return read(data, frame)


def decode_bind(data: bytes, frame: Frame) -> Bind:
    """A bind request. Raises MalformedError."""
    command, _, sequence, start, end = frame
    system_id, start = decode_c_string(data, start, end)
    password, start = decode_c_string(data, start, end)
    system_type, start = decode_c_string(data, start, end)
    if end - start < 3:
        raise MalformedError("a mandatory field is missing", Status.ESME_RINVPARLEN)
    version, ton, npi = data[start : start + 3]
    address_range, _ = decode_c_string(data, start + 3, end)
    return Bind(command, sequence, system_id, password, system_type, version, ton, npi, address_range)


def decode_bind_answer(data: bytes, frame: Frame) -> BindAnswer:
    """A bind's answer; its body may be missing. Raises MalformedError."""
    command, status, sequence, start, end = frame
    if start == end:
        return BindAnswer(command, status, sequence)
    system_id, start = decode_c_string(data, start, end)
    return BindAnswer(command, status, sequence, system_id, decode_tlvs(data, start, end))


def decode_message(data: bytes, frame: Frame) -> Message:
    """A submit_sm or deliver_sm, read in place. Raises MalformedError."""
    command, _, sequence, start, end = frame
    index = data.index
    try:
        service_end = index(b"\0", start, end)
        source_end = index(b"\0", service_end + 3, end)
        destination_end = index(b"\0", source_end + 3, end)
        schedule_end = index(b"\0", destination_end + 4, end)
        validity_end = index(b"\0", schedule_end + 1, end)
        registered, replace, coding, default_id, length = _FIVE(data, validity_end + 1)
    except (ValueError, struct.error) as error:
        raise MalformedError("a mandatory field is missing", Status.ESME_RINVPARLEN) from error
    text = validity_end + 6
    text_end = text + length
    if text_end > end:
        raise MalformedError("the short message is cut short", Status.ESME_RINVMSGLEN)
    # Most fields of text are empty in most messages, and an empty one need not be decoded.
    fields = (
        command,
        sequence,
        str(data[start:service_end], "latin-1") if start < service_end else "",
        data[service_end + 1],
        data[service_end + 2],
        str(data[service_end + 3 : source_end], "latin-1"),
        data[source_end + 1],
        data[source_end + 2],
        str(data[source_end + 3 : destination_end], "latin-1"),
        data[destination_end + 1],
        data[destination_end + 2],
        data[destination_end + 3],
        str(data[destination_end + 4 : schedule_end], "latin-1") if destination_end + 4 < schedule_end else "",
        str(data[schedule_end + 1 : validity_end], "latin-1") if schedule_end + 1 < validity_end else "",
        registered,
        replace,
        coding,
        default_id,
        data[text:text_end],
        decode_tlvs(data, text_end, end) if text_end < end else (),
    )
    # tuple.__new__ skips the Python-level constructor: this runs once per receipt.
    return tuple.__new__(Message, fields)


def decode_message_id(data: bytes, start: int, end: int) -> str:
    """The message id of a submit_sm_resp, verbatim. A missing body or NUL is tolerated: carriers leave both out."""
    stop = data.find(b"\0", start, end)
    return str(data[start : stop if stop >= 0 else end], "latin-1")


class SubmitTemplate(NamedTuple):
    """What the submit_sm of many recipients have in common, as octets."""

    before_destination: bytes
    before_length: bytes


def submit_template(
    *,
    source: str,
    source_ton: int = 5,
    source_npi: int = 0,
    destination_ton: int = 1,
    destination_npi: int = 1,
    service_type: str = "",
    esm_class: int = 0,
    protocol_id: int = 0,
    priority: int = 0,
    validity_period: str = "",
    registered_delivery: int = 1,
    data_coding: int = 0,
) -> SubmitTemplate:
    """The constant part of a submit_sm (§4.4.1); by default from an alphanumeric sender to an E.164 number.

    ``esm_class`` is 0x40 where the payload begins with a user data header. ``registered_delivery`` 1 asks for a
    receipt of every outcome. Raises ValueError if a field does not fit.
    """
    before_destination = (
        encode_c_string(service_type, 6)
        + bytes((source_ton, source_npi))
        + encode_c_string(source, 21)
        + bytes((destination_ton, destination_npi))
    )
    before_length = (
        b"\0"
        + bytes((esm_class, protocol_id, priority))
        + b"\0"
        + encode_c_string(validity_period, 17)
        + bytes((registered_delivery, 0, data_coding, 0))
    )
    return SubmitTemplate(before_destination, before_length)


def submit_body(template: SubmitTemplate, destination: bytes, payload: bytes) -> bytes:
    """The body of a submit_sm: the hot path, one call per part.

    ``destination`` is the number in ASCII. Raises ValueError over 20 octets of number or 254 of payload, or if
    the number holds a NUL.
    """
    if len(payload) > _MAX_SHORT_MESSAGE_OCTETS or len(destination) > _MAX_ADDRESS_OCTETS or 0 in destination:
        raise ValueError("a destination or payload does not fit a submit_sm")
    before_destination, before_length = template
    return before_destination + destination + before_length + _LENGTHS[len(payload)] + payload


def receipt_body(source: bytes, destination: bytes, text: bytes, tlvs: bytes = b"") -> bytes:
    """The body of a deliver_sm that is a delivery receipt (esm_class 0x04); an SMSC's hot path.

    ``source`` is the recipient's number, ``destination`` the sender that the message showed; ``tlvs`` are
    encoded optional parameters. Raises ValueError over 20 octets of address or 254 of text, or on a NUL in an
    address.
    """
    if (
        len(text) > _MAX_SHORT_MESSAGE_OCTETS
        or len(source) > _MAX_ADDRESS_OCTETS
        or len(destination) > _MAX_ADDRESS_OCTETS
        or 0 in source
        or 0 in destination
    ):
        raise ValueError("an address or text does not fit a deliver_sm")
    return b"".join(
        (
            b"\0\1\1",
            source,
            b"\0\5\0",
            destination,
            b"\0\4\0\0\0\0\0\0\0\0",
            _LENGTHS[len(text)],
            text,
            tlvs,
        )
    )


def _message_body(message: Message) -> bytes:
    if len(message.short_message) > _MAX_SHORT_MESSAGE_OCTETS:
        raise ValueError("a short message over 254 octets belongs into message_payload")
    return b"".join(
        (
            encode_c_string(message.service_type, 6),
            bytes((message.source_ton, message.source_npi)),
            encode_c_string(message.source, 21),
            bytes((message.destination_ton, message.destination_npi)),
            encode_c_string(message.destination, 21),
            bytes((message.esm_class, message.protocol_id, message.priority)),
            encode_c_string(message.schedule_delivery_time, 17),
            encode_c_string(message.validity_period, 17),
            bytes((message.registered_delivery, message.replace_if_present)),
            bytes((message.data_coding, message.default_message_id, len(message.short_message))),
            message.short_message,
            encode_tlvs(message.tlvs),
        )
    )


def _bind_body(bind: Bind) -> bytes:
    return b"".join(
        (
            encode_c_string(bind.system_id, 16),
            encode_c_string(bind.password, 9),
            encode_c_string(bind.system_type, 13),
            bytes((bind.interface_version, bind.addr_ton, bind.addr_npi)),
            encode_c_string(bind.address_range, 41),
        )
    )


def _decode_outbind(data: bytes, frame: Frame) -> Outbind:
    system_id, start = decode_c_string(data, frame.body, frame.end)
    return Outbind(frame.sequence, system_id, decode_c_string(data, start, frame.end)[0])


def _decode_message_answer(data: bytes, frame: Frame) -> MessageAnswer:
    message_id = decode_message_id(data, frame.body, frame.end)
    return MessageAnswer(frame.command, frame.status, frame.sequence, message_id)


def _decode_signal(_data: bytes, frame: Frame) -> Signal:
    return Signal(frame.command, frame.status, frame.sequence)


_READERS: dict[int, Callable[[bytes, Frame], Pdu]] = {
    **dict.fromkeys(BINDS, decode_bind),
    **dict.fromkeys(BIND_ANSWERS, decode_bind_answer),
    **dict.fromkeys((Command.SUBMIT_SM, Command.DELIVER_SM), decode_message),
    **dict.fromkeys((Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP), _decode_message_answer),
    **dict.fromkeys((Command.UNBIND, Command.UNBIND_RESP, Command.GENERIC_NACK), _decode_signal),
    **dict.fromkeys((Command.ENQUIRE_LINK, Command.ENQUIRE_LINK_RESP), _decode_signal),
    Command.OUTBIND: _decode_outbind,
}
