"""The three ways a text can be coded, and text to codes and back.

A *unit* is what the capacity of a message is counted in: a septet of the GSM alphabet or a 16 bit code of
UCS-2. A *wide* character takes two: an escape pair in the first, a surrogate pair in the second.
"""

import re
from enum import IntEnum

from teslimat.text.alphabet import BASIC, ESCAPE, EXTENSION, TURKISH_SHIFT


class Coding(IntEnum):
    """How a text is coded, the cheapest first. The numbers are stored with orders: they never change."""

    GSM7 = 0
    """The default alphabet and its extension table."""
    TURKISH = 1
    """The same with the Turkish single shift table, which each message announces in a header."""
    UCS2 = 2
    """UTF-16, big-endian: what every telephone makes of UCS-2."""


class UnencodableError(ValueError):
    """The coding has no codes for a character of the text."""


class UndecodableError(ValueError):
    """The octets are no text in the coding that they claim."""


ONE_UNIT = BASIC.replace(ESCAPE, "")
"""The characters that take one unit in every coding."""

_SHIFTS = (EXTENSION, TURKISH_SHIFT)


def _class_of(characters: str) -> str:
    return "[" + re.escape(characters) + "]"


# A character class of `re` reads a text in some 4 ns per character; a loop needs ten times that.
only_one_unit = re.compile(_class_of(ONE_UNIT) + "*").fullmatch
"""Matches a text that is GSM 7 bit and holds no wide character: most texts."""

_fits_shift = tuple(re.compile(_class_of(ONE_UNIT + "".join(shift)) + "*").fullmatch for shift in _SHIFTS)
_has_surrogate = re.compile("[\ud800-\udfff]").search
_find_wide = (
    *(re.compile(_class_of("".join(shift))).findall for shift in _SHIFTS),
    re.compile("[^\0-\uffff]").findall,
)

# One character of the translated text is one septet, so latin-1 writes it as one octet.
_TO_SEPTETS = tuple(
    {ord(character): chr(code) for code, character in enumerate(BASIC)}
    | {ord(character): ESCAPE + chr(code) for character, code in shift.items()}
    for shift in _SHIFTS
)
_FROM_SEPTET = dict(enumerate(BASIC))
_FROM_SHIFTED = tuple({code: character for character, code in shift.items()} for shift in _SHIFTS)


def fits(text: str, coding: Coding) -> bool:
    """Whether every character of the text has a code.

    UCS-2 has one for all but lone surrogates, which JSON can write and no telephone can show.
    """
    if coding is Coding.UCS2:
        return _has_surrogate(text) is None
    return _fits_shift[coding](text) is not None


def choose(text: str) -> Coding | None:
    """The coding that needs the fewest parts, the earlier one of equals; None if there is none.

    That is the first one that fits: a part holds no fewer of the same characters in GSM 7 bit than with the
    Turkish header (both count alike), and no fewer there than in UCS-2 (74 wide characters against 67).
    """
    for coding in Coding:
        if fits(text, coding):
            return coding
    return None


def units(text: str, coding: Coding) -> int | None:
    """How many units the text takes, without any header; None if the coding lacks a character of it."""
    if not fits(text, coding):
        return None
    return count_units(text, coding)


def count_units(text: str, coding: Coding) -> int:
    """The same of a text that is known to fit."""
    return len(text) + len(_find_wide[coding](text))


def encode(text: str, coding: Coding) -> bytes:
    """The codes of a text: one octet per septet (not packed), or two octets per UCS-2 code.

    Raises:
        UnencodableError: a character has no code. Nothing is ever replaced.

    """
    if not fits(text, coding):
        raise UnencodableError(f"not every character has a code in {coding.name}")
    if coding is Coding.UCS2:
        return text.encode("utf-16-be")
    return text.translate(_TO_SEPTETS[coding]).encode("latin-1")


def decode(octets: bytes, coding: Coding) -> str:
    """The text of such codes.

    Raises:
        UndecodableError: an octet above 127, a shifted code that the table lacks, half a pair.

    """
    if coding is Coding.UCS2:
        try:
            return octets.decode("utf-16-be")
        except UnicodeDecodeError as error:
            raise UndecodableError("not UTF-16") from error
    try:
        first, *shifted = octets.decode("ascii").split(ESCAPE)
        table = _FROM_SHIFTED[coding]
        return first.translate(_FROM_SEPTET) + "".join(
            table[ord(piece[:1])] + piece[1:].translate(_FROM_SEPTET) for piece in shifted
        )
    except (UnicodeDecodeError, TypeError, KeyError) as error:
        raise UndecodableError(f"not septets of {coding.name}") from error
