"""How many parts a text fills, and which (3GPP TS 23.040 §9.2.3.24.1 and .15).

A message carries 140 octets. A header takes its share: 6 octets for the place among the parts, 4 for the
Turkish table, 9 for both.
"""

from enum import Enum
from typing import NamedTuple

from teslimat.text.coding import Coding, UnencodableError, choose, count_units, decode, encode, only_one_unit, units

MAX_PARTS = 7
"""The most parts that the API accepts in one text."""

SINGLE_UNITS = (160, 155, 70)
"""By coding: the units that fit a message of one part."""
PART_UNITS = (153, 149, 67)
"""By coding: the units that fit each part of a longer message."""

_LEAD_SURROGATES = range(0xD8, 0xDC)
_ESCAPE = 0x1B


class Plan(NamedTuple):
    """What a text costs. Stored at acceptance, so that price and parts never change afterwards."""

    coding: Coding
    parts: int


class Refusal(Enum):
    """Why a text cannot be sent."""

    TOO_LONG = "too long"
    """More parts than allowed."""
    UNENCODABLE = "unencodable"
    """No coding holds every character: it contains half of a surrogate pair."""


def plan(text: str, suffix: str, max_parts: int = MAX_PARTS) -> Plan | Refusal:
    """The coding and number of parts of a text with the operator's suffix (such as ` B186`) behind it.

    The number is that of the real split, which can exceed units divided by capacity where a wide character
    meets a boundary. The work is bounded by `max_parts`, however long the text.
    """
    if len(text) + len(suffix) > max(SINGLE_UNITS[0], max_parts * PART_UNITS[0]):
        return Refusal.TOO_LONG
    whole = text + suffix
    if only_one_unit(whole):
        coding, parts = Coding.GSM7, _count(whole, Coding.GSM7, len(whole))
    else:
        chosen = choose(whole)
        if chosen is None:
            return Refusal.UNENCODABLE
        coding, parts = chosen, _count(whole, chosen, count_units(whole, chosen))
    return Plan(coding, parts) if parts <= max_parts else Refusal.TOO_LONG


def _count(text: str, coding: Coding, length: int) -> int:
    """How many parts `split` makes of a text of so many units."""
    if length <= SINGLE_UNITS[coding]:
        return 1
    if length == len(text):
        return -(-length // PART_UNITS[coding])
    return len(_cut(encode(text, coding), coding))


def split(text: str, coding: Coding) -> tuple[str, ...]:
    """The parts of a text, each as full as it can be. Joined they are the text; no pair is cut.

    Raises:
        UnencodableError: the coding has no code for a character.

    """
    length = units(text, coding)
    if length is None:
        raise UnencodableError(f"not every character has a code in {coding.name}")
    if length <= SINGLE_UNITS[coding]:
        return (text,)
    size = PART_UNITS[coding]
    if length == len(text):
        return tuple(text[start : start + size] for start in range(0, length, size))
    return tuple(decode(piece, coding) for piece in _cut(encode(text, coding), coding))


def _cut(codes: bytes, coding: Coding) -> list[bytes]:
    """The codes of a text in pieces of one part each, cut on whole characters."""
    wide_units, octets_per_unit = (_LEAD_SURROGATES, 2) if coding is Coding.UCS2 else ((_ESCAPE,), 1)
    size = PART_UNITS[coding] * octets_per_unit
    pieces = []
    start = 0
    while len(codes) - start > size:
        end = start + size
        if codes[end - octets_per_unit] in wide_units:
            end -= octets_per_unit
        pieces.append(codes[start:end])
        start = end
    pieces.append(codes[start:])
    return pieces
