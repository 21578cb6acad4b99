"""Running parts of the gateway as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from teslimat.failures import DidNotStart

STOP_SECONDS = 20


@contextmanager
def running(command: str, options: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Run a command of this program until the block ends; yields the line that says it is ready.

    Raises DidNotStart if there is none.
    """
    whole = [sys.executable, "-m", "teslimat", command, *options]
    with subprocess.Popen(  # noqa: S603 - our own program
        whole, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready:
                raise DidNotStart(f"'teslimat {command}' did not start; it says why above")
            yield ready.strip()
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
