"""Running parts of the gateway as processes of their own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

STOP_SECONDS = 20


class DidNotStart(Exception):  # noqa: N818 - its message tells why
    """A process ended before it was ready."""


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[str]:
    """Run `teslimat` with these arguments until the block ends; yields the line that says it is ready.

    Raises DidNotStart if there is none.
    """
    command = [sys.executable, "-m", "teslimat", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready:
                raise DidNotStart(f"'teslimat {arguments[0]}' did not start; it says why above")
            yield ready.strip()
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
