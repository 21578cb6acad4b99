"""The rows of a report, a thousand at a time, in whatever format."""

from array import array
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from teslimat.core.states import State

_encode = msgspec.json.Encoder().encode

_WIDTH: Final = 12
"""Digits of a Turkish number with its country code."""

_PLACEHOLDER: Final = 10 ** (_WIDTH - 1)
_NUMBER: Final = b"+%d" % _PLACEHOLDER

_STATUS_DIGITS: Final = bytes.maketrans(
    bytes(State), bytes(ord({State.DELIVERED: "1", State.UNDELIVERED: "2"}.get(state, "0")) for state in State)
)
"""The last digit of 110, 111 or 112, by state."""


class RowForm(NamedTuple):
    """How a format writes one recipient: what stands around its number and its status."""

    before: bytes
    between: bytes
    after: bytes
    escape: Callable[[str], bytes]
    """Writes a number that is none, as it was given."""

    @property
    def row(self) -> bytes:
        """A row whose digits are still to be filled in."""
        return b"".join((self.before, _NUMBER, self.between, b"110", self.after))


def render_rows(form: RowForm, numbers: bytes, odd_numbers: dict[int, str], states: bytes) -> bytes:
    """Write the rows of a page, one after the other.

    All rows have the same length, so they are copies of one row whose digits are filled in by column: twelve
    strided copies for the numbers and one for the states, whatever the count. That takes a third of the time of
    formatting row by row. The few rows whose number has another length are written one by one afterwards.
    """
    count = len(states)
    if not count:
        return b""
    values = array("Q", numbers).tolist()
    texts = {position: form.escape(text) for position, text in odd_numbers.items() if position < count}
    for position in texts:
        values[position] = _PLACEHOLDER
    digits = _encode(values)
    step = _WIDTH + 1
    if len(digits) != count * step + 1 or digits[step:-1:step] != b"," * (count - 1):
        for position, value in enumerate(values):
            if len(str(value)) != _WIDTH:
                texts[position] = b"+%d" % value
                values[position] = _PLACEHOLDER
        digits = _encode(values)
    row = form.row
    width = len(row)
    first_digit = len(form.before) + len(b"+")
    rows = bytearray(row * count)
    for column in range(_WIDTH):
        rows[first_digit + column :: width] = digits[1 + column : -1 : step]
    rows[width - len(form.after) - 1 :: width] = states.translate(_STATUS_DIGITS)
    return _with_texts(form, rows, texts) if texts else bytes(rows)


def _with_texts(form: RowForm, rows: bytearray, texts: dict[int, bytes]) -> bytes:
    """The same rows, but for some positions with another text in place of the number."""
    width, number_from = len(form.row), len(form.before)
    pieces: list[bytes | bytearray] = []
    written = 0
    for position in sorted(texts):
        at = position * width + number_from
        pieces += (rows[written:at], texts[position])
        written = at + len(_NUMBER)
    pieces.append(rows[written:])
    return b"".join(pieces)
