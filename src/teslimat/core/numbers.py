"""Turkish mobile numbers: every spelling that people use, in; one integer, out.

A number is an E.164 number without its `+`, as an int: 905321234567.

Of the codes behind +90 those from 500 to 569 are taken for mobile. The numbering plan gives 50x, 53x, 54x
and 55x to the three operators and 51x, 52x and 56x to others and to reserve; 57x, 58x and 59x have no
mobile subscriber. Within the seven we judge nothing: codes move between operators, and a carrier knows
better which ones exist.
"""

import re
from collections.abc import Sequence

LOWEST = 905_000_000_000
HIGHEST = 905_699_999_999
"""The first and the last number that is taken for a mobile one."""

MAX_SPELLING = 32
"""The most characters of an input that are looked at, and kept of one that is no number."""

_COUNTRY = 90_0000000000
_LOWEST_NATIONAL = LOWEST - _COUNTRY
_HIGHEST_NATIONAL = HIGHEST - _COUNTRY

_WITHOUT_PUNCTUATION = dict.fromkeys(map(ord, " \t\r\n\N{NO-BREAK SPACE}-()."))

# A `+` or 00 says that a country code follows, so +53 and 0053 are Cuba and never a number of ours.
_spelled = re.compile(r"(?:\+90|0{0,2}90|0)?5[0-6][0-9]{8}").fullmatch


def parse(value: object) -> int | None:
    """The number that a client spelled as text or as an integer; None if it is no Turkish mobile number.

    `905…`, `+905…`, `00905…`, `05…` and `5…` are read, with blanks, dashes, dots and parentheses anywhere
    but a dash in front, which would be a sign. Only ASCII digits count. A float is never a number, nor is a boolean.
    """
    if isinstance(value, str):
        if len(value) > MAX_SPELLING or value.lstrip().startswith("-"):
            return None
        digits = value.translate(_WITHOUT_PUNCTUATION)
        return _COUNTRY + int(digits[-10:]) if _spelled(digits) else None
    if isinstance(value, int) and not isinstance(value, bool):
        if LOWEST <= value <= HIGHEST:
            return int(value)
        if _LOWEST_NATIONAL <= value <= _HIGHEST_NATIONAL:
            return _COUNTRY + value
    return None


_CHUNK = 1000
"""One odd spelling costs the numbers beside it the fast path, so it should not have too many neighbours."""


def parse_all(values: Sequence[object]) -> list[int | None]:
    """The same for many: `[parse(value) for value in values]`, several times as fast for plain digits."""
    numbers: list[int | None] = []
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK]
        texts = [value for value in chunk if type(value) is str]
        numbers += _parse_plain(texts) if len(texts) == len(chunk) else map(parse, chunk)
    return numbers


def _parse_plain(texts: list[str]) -> list[int | None]:
    """Numbers out of texts, read by `int` where digits and plus signs are all there is.

    `int` alone would also read blanks, underscores and the digits of other scripts, and would pass over any
    number of zeros in front, hence the lengths: 13 characters have room for one `+` or 0 before the country
    code, 11 for one before the number, where it has to be the 0.
    """
    joined = "".join(texts)
    if len(joined) > MAX_SPELLING * len(texts) or not joined.isascii() or not joined.replace("+", "").isdigit():
        return [parse(text) for text in texts]
    try:
        integers = list(map(int, texts))
    except ValueError:  # an empty text, or a plus sign inside
        return [parse(text) for text in texts]
    return [
        integer
        if LOWEST <= integer <= HIGHEST and len(text) <= 13
        else integer + _COUNTRY
        if _LOWEST_NATIONAL <= integer <= _HIGHEST_NATIONAL and len(text) <= 11 and text[0] != "+"
        else parse(text)
        for text, integer in zip(texts, integers, strict=True)
    ]


def odd(value: object) -> str:
    """What the report shows of an input that is no number: its first 32 characters, the printable ones.

    Anything but a text or a number of ordinary size is shown by the name of its kind.
    """
    if isinstance(value, str):
        return "".join(character for character in value[:MAX_SPELLING] if character.isprintable())
    if isinstance(value, float) or (isinstance(value, int) and value.bit_length() <= 64):
        return str(value)[:MAX_SPELLING]
    return type(value).__name__[:MAX_SPELLING]
