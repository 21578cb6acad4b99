"""Writing to the terminal."""

import sys
from typing import Final

from rich.console import Console
from rich.table import Column, Table

_UNBOUNDED: Final = 100_000
"""Columns of what is no terminal: a line is never broken there."""


def console() -> Console:
    """Standard output; where it is no terminal, plain and with lines of any length."""
    screen = Console(highlight=False)
    return screen if screen.is_terminal else Console(highlight=False, width=_UNBOUNDED)


def listing(*headings: str, whole: str | None = None) -> Table:
    """Make a table whose cells go on in the next line where there is no room; those of one column never do.

    Where it is written to no terminal it has no lines, and each row is one, for programs such as grep.
    """
    columns = [Column(heading, overflow="fold", no_wrap=heading == whole) for heading in headings]
    if console().is_terminal:
        return Table(*columns)
    return Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))


def complain(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"teslimat: {message}\n")
