"""Writing to the terminal."""

import sys

from rich.console import Console
from rich.table import Column, Table


def console() -> Console:
    """Standard output, plain where it is no terminal."""
    return Console(highlight=False)


def listing(*headings: str, whole: str | None = None) -> Table:
    """Make a table whose cells go on in the next line where there is no room; those of one column never do."""
    return Table(*(Column(heading, overflow="fold", no_wrap=heading == whole) for heading in headings))


def complain(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"teslimat: {message}\n")
