"""What a part looks like in `short_message` (SMPP 3.4 §5.2.22, 3GPP TS 23.040 §9.2.3.24).

Septets go one to an octet; the message centre packs them. A header, where there is one, comes first, and
the caller sets the UDHI bit of `esm_class`.
"""

from typing import NamedTuple

from teslimat.text.coding import Coding, UndecodableError, encode
from teslimat.text.coding import decode as decode_text

DATA_CODING_DEFAULT = 0
DATA_CODING_UCS2 = 8

REFERENCE_OFFSET = 3
"""Where the reference stands in the payload of a message of several parts, whatever its coding.

So a payload can be built once and given another reference by changing this one octet.
"""

_CONCATENATION_8 = 0x00
_CONCATENATION_16 = 0x08
_SINGLE_SHIFT = 0x24
_LOCKING_SHIFT = 0x25
_TURKISH = 1
_SINGLE_SHIFT_TURKISH = bytes((_SINGLE_SHIFT, 1, _TURKISH))


class Concatenation(NamedTuple):
    """The place of a part in its message."""

    reference: int
    """The same in all parts of a message: 0 to 255 as we write it, 0 to 65,535 as others may."""
    total: int
    number: int
    """Counted from 1."""


class Decoded(NamedTuple):
    """What a telephone reads in a payload."""

    text: str
    concatenation: Concatenation | None
    """None if the message has one part."""


def data_coding(coding: Coding) -> int:
    """The value of `data_coding` (SMPP 3.4 §5.2.19). The Turkish table is announced in the header only."""
    return DATA_CODING_UCS2 if coding is Coding.UCS2 else DATA_CODING_DEFAULT


def has_header(coding: Coding, total: int) -> bool:
    """Whether a payload begins with a header, so that the UDHI bit must be set."""
    return total > 1 or coding is Coding.TURKISH


def payload(part: str, coding: Coding, *, total: int, number: int, reference: int) -> bytes:
    """The `short_message` of part `number` (from 1) of `total`.

    Raises:
        UnencodableError: the coding has no code for a character.
        ValueError: total, number or reference does not fit one octet.

    """
    header = b""
    if total > 1:
        header = bytes((_CONCATENATION_8, 3, reference, total, number))
    if coding is Coding.TURKISH:
        header += _SINGLE_SHIFT_TURKISH
    codes = encode(part, coding)
    return bytes((len(header),)) + header + codes if header else codes


def decode(octets: bytes, data_coding: int, *, udhi: bool) -> Decoded:
    """The text of a payload and its place among the parts.

    Elements of the header that say nothing about either (ports, for example) are passed over.

    Raises:
        UndecodableError: a broken header, another alphabet, or codes that are no text.

    """
    language, concatenation = 0, None
    if udhi:
        language, concatenation, octets = _read_header(octets)
    if data_coding == DATA_CODING_UCS2:
        coding = Coding.UCS2
    elif data_coding != DATA_CODING_DEFAULT:
        raise UndecodableError(f"data_coding {data_coding} is not read here")
    elif language not in (0, _TURKISH):
        raise UndecodableError(f"no table for national language {language}")
    else:
        coding = Coding.TURKISH if language == _TURKISH else Coding.GSM7
    return Decoded(decode_text(octets, coding), concatenation)


def _read_header(octets: bytes) -> tuple[int, Concatenation | None, bytes]:
    """The single shift language (0 is none), the place among the parts, and what follows the header.

    Of an element that occurs twice the last one counts (3GPP TS 23.040 §9.2.3.24).
    """
    if not octets or 1 + octets[0] > len(octets):
        raise UndecodableError("the header is cut off")
    end = 1 + octets[0]
    language, concatenation = 0, None
    at = 1
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            raise UndecodableError("an element of the header is cut off")
        kind, value = octets[at], octets[at + 2 : at + 2 + octets[at + 1]]
        at += 2 + len(value)
        if kind == _SINGLE_SHIFT and len(value) == 1:
            language = value[0]
        elif kind == _LOCKING_SHIFT:
            raise UndecodableError("no locking shift table is read here")
        elif kind == _CONCATENATION_8 and len(value) == 3:
            concatenation = Concatenation(*value)
        elif kind == _CONCATENATION_16 and len(value) == 4:
            concatenation = Concatenation(int.from_bytes(value[:2], "big"), value[2], value[3])
    return language, concatenation, octets[end:]
