"""Writing to the terminal."""

import sys

from rich.console import Console


def console() -> Console:
    """Standard output, plain where it is no terminal."""
    return Console(highlight=False)


def complain(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"teslimat: {message}\n")
