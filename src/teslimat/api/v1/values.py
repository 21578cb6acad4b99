"""The values of a tree, as clients write them: a number as text, null or `""` for nothing, blanks around.

For every value that JSON or XML can hold, these functions return what it means or raise Refused.
"""

import re
from typing import Final

from teslimat.core.errors import BAD_PAGE, UNREADABLE, Refused

Tree = dict[str, object]
"""An object as it was decoded, from whatever format."""

MAX_ROW_COUNT: Final = 1000
"""Rows of a page at most, and unless the client says."""

_MAX_PAGE: Final = 1_000_000_000
"""Past the end of everything; keeps what is asked of a store within 64 bits."""

_NOTHING: Final[tuple[object, ...]] = (None, "", [])
"""The last is how PHP writes an object without members."""

_whole_number = re.compile(r"-?[0-9]+").fullmatch

_LONGEST: Final = 21
"""Digits that are looked at of a number; one of more than twenty is as good as any such."""


def read_object(tree: Tree, name: str) -> Tree:
    """The object of that name; raises Refused 400 if it is missing or anything else."""
    value = tree.get(name)
    if not isinstance(value, dict):
        raise Refused(UNREADABLE)
    return value


def read_optional_object(tree: Tree, name: str) -> Tree:
    """The object of that name, an empty one if there is nothing; raises Refused 400 if it is anything else."""
    value = tree.get(name)
    return {} if value in _NOTHING else read_object(tree, name)


def read_page(value: object) -> int:
    """A page, 1 if it is missing or no number; raises Refused 464 for one below 1."""
    page = read_whole(value)
    if page is None:
        return 1
    if page < 1:
        raise Refused(BAD_PAGE)
    return min(page, _MAX_PAGE)


def read_row_count(value: object) -> int:
    """How many rows a page has: MAX_ROW_COUNT if it is missing, no number, below 1 or above that."""
    row_count = read_whole(value)
    if row_count is None or row_count < 1:
        return MAX_ROW_COUNT
    return min(row_count, MAX_ROW_COUNT)


def read_whole(value: object) -> int | None:
    """A whole number given as such or as digits, with any zeros in front; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = trimmed(value)
    if _whole_number(text) is None:
        return None
    number = int(text.lstrip("-0")[:_LONGEST] or "0")
    return -number if text.startswith("-") else number


def read_text(value: object) -> str | None:
    """A text as it is; None for anything else."""
    return value if isinstance(value, str) else None


def trimmed(value: object) -> str:
    """A text without blanks around it; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""
