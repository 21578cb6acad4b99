"""The requests that wait for their answer, and those whose answer is late.

A request has four fates: answered, timed out, failed to send, lost with the session. Each is an event of the
session; the window only knows which request a sequence number stands for.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

Context = TypeVar("Context")
"""What the caller wants back with the fate of a request."""

MAX_SEQUENCE = 0x7FFF_FFFF


class Window(Generic[Context]):
    """At most ``limit`` open requests, and the last ``late_limit`` whose time ran out.

    ``open`` and ``late`` are read directly by the session's receive loop, where a call per message would count.
    """

    def __init__(self, limit: int, late_limit: int, first_sequence: int = 1) -> None:
        self.limit = limit
        self.late_limit = late_limit
        self.open: dict[int, tuple[Context, float]] = {}
        self.late: dict[int, Context] = {}
        self._sequences = self._free_sequences(first_sequence)

    def next_sequence(self) -> int:
        """A sequence number that no request uses, also none whose answer may still come (§3.2)."""
        return next(self._sequences)

    def add(self, context: Context, deadline: float) -> int:
        """Open a request; its sequence number. Deadlines must not go back in time."""
        sequence = next(self._sequences)
        self.open[sequence] = (context, deadline)
        return sequence

    def next_deadline(self) -> float | None:
        """When the oldest open request times out."""
        for _, deadline in self.open.values():
            return deadline
        return None

    def expire(self, now: float) -> list[Context]:
        """Move the requests whose deadline has come to ``late``; their contexts, oldest first."""
        expired = []
        for sequence, (context, deadline) in self.open.items():
            if deadline > now:
                break
            expired.append((sequence, context))
        for sequence, context in expired:
            del self.open[sequence]
            self.late[sequence] = context
        while len(self.late) > self.late_limit:
            del self.late[next(iter(self.late))]
        return [context for _, context in expired]

    def _free_sequences(self, sequence: int) -> Iterator[int]:
        while True:
            if sequence not in self.open and sequence not in self.late:
                yield sequence
            sequence = sequence % MAX_SEQUENCE + 1
