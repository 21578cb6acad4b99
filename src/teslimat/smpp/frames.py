"""From a stream of octets to whole PDUs (SMPP 3.4 §3.2)."""

import struct
from typing import NamedTuple

HEADER_OCTETS = 16
MAX_PDU_OCTETS = 64 * 1024

_HEADER = struct.Struct(">4I")


class Frame(NamedTuple):
    """Where a whole PDU lies in the octets it came with: header values, and the offsets of its body."""

    command: int
    status: int
    sequence: int
    body: int
    end: int


class BadLength(NamedTuple):
    """A ``command_length`` that no PDU has. The stream cannot be followed any further."""

    length: int
    sequence: int


class FrameBuffer:
    """Keeps the octets of an unfinished PDU, at most :data:`MAX_PDU_OCTETS` and one read."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._needed = HEADER_OCTETS

    def feed(self, data: bytes) -> tuple[bytes, list[Frame], BadLength | None]:
        """Take what was read; give the octets that hold whole PDUs, where each lies, and a bad length if met.

        After a bad length the buffer is of no further use.
        """
        if self._pending:
            self._pending += data
            if len(self._pending) < self._needed:
                return b"", [], None
            data = bytes(self._pending)
            self._pending.clear()
        frames: list[Frame] = []
        position, size = 0, len(data)
        unpack, new = _HEADER.unpack_from, tuple.__new__
        needed = HEADER_OCTETS
        while size - position >= HEADER_OCTETS:
            length, command, status, sequence = unpack(data, position)
            if not HEADER_OCTETS <= length <= MAX_PDU_OCTETS:
                return data, frames, BadLength(length, sequence)
            if length > size - position:
                needed = length
                break
            # tuple.__new__ skips the Python-level constructor, which costs as much as all else in this loop.
            frames.append(new(Frame, (command, status, sequence, position + HEADER_OCTETS, position + length)))
            position += length
        self._needed = needed
        if position < size:
            self._pending += data[position:] if position else data
        return data, frames, None
