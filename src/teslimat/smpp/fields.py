"""Fields of a PDU: C-octet strings and optional parameters (SMPP 3.4 §3.1, §3.2.4).

Text fields are Latin-1 on the way in and out, so that whatever octets a peer sends come back unchanged.
Lengths are enforced on what we write. Of a peer we accept longer strings: the PDU's own length bounds them.
"""

import struct

from teslimat.smpp.status import Status

_TLV_HEADER = struct.Struct(">HH")

Tlvs = tuple[tuple[int, bytes], ...]
"""Optional parameters as (tag, value), in wire order. A tag may stand twice."""

RECEIPTED_MESSAGE_ID = 0x001E
SC_INTERFACE_VERSION = 0x0210
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427


class MalformedError(ValueError):
    """The body of a PDU cannot be read. ``status`` is what its answer should say."""

    def __init__(self, english: str, status: Status) -> None:
        super().__init__(english)
        self.status = status


def encode_c_string(text: str, size: int) -> bytes:
    """``text`` and its NUL, at most ``size`` octets together.

    Raises ValueError if the text is too long, holds a NUL, or is not Latin-1.
    """
    encoded = text.encode("latin-1")
    if len(encoded) >= size or b"\0" in encoded:
        raise ValueError(f"a C-octet string of at most {size - 1} octets without NUL is needed")
    return encoded + b"\0"


def decode_c_string(data: bytes, start: int, end: int) -> tuple[str, int]:
    """The string that begins at ``start``, and the offset after its NUL. Raises MalformedError without a NUL."""
    stop = data.find(b"\0", start, end)
    if stop < 0:
        raise MalformedError("a string is not terminated", Status.ESME_RINVPARLEN)
    return str(data[start:stop], "latin-1"), stop + 1


def encode_tlvs(tlvs: Tlvs) -> bytes:
    """Optional parameters as octets. Raises ValueError if a tag or a length does not fit 16 bits."""
    try:
        return b"".join([_TLV_HEADER.pack(tag, len(value)) + value for tag, value in tlvs])
    except struct.error as error:
        raise ValueError("a tag and the length of its value must fit 16 bits") from error


def decode_tlvs(data: bytes, start: int, end: int) -> Tlvs:
    """The optional parameters between two offsets.

    Up to three NULs at the end are padding that some carriers send, and no parameter.
    Raises MalformedError if a parameter is cut short.
    """
    found = []
    while end - start >= 4:
        tag, length = _TLV_HEADER.unpack_from(data, start)
        start += 4
        if length > end - start:
            raise MalformedError("an optional parameter is cut short", Status.ESME_RINVOPTPARSTREAM)
        found.append((tag, data[start : start + length]))
        start += length
    if data[start:end].strip(b"\0"):
        raise MalformedError("an optional parameter is cut short", Status.ESME_RINVOPTPARSTREAM)
    return tuple(found)
