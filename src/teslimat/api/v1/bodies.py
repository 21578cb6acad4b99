"""Reading bodies: each up to its limit, and all that are held at a time up to a budget."""

from collections.abc import Callable
from typing import Final

from litestar.types import HTTPScope, Receive

from teslimat.core.errors import UNAVAILABLE, UNREADABLE, Refused

BUDGET_OCTETS: Final = 256 * 2**20
"""What all bodies together may have, where four of the largest are not more."""
SMALL_OCTETS: Final = 65_536
"""A body up to here is read whatever is held already: most requests are far smaller."""


class CallerLeft(Exception):  # noqa: N818 - not an error, and nobody is left to be told
    """The connection ended before the request did."""


class Bodies:
    """The bodies of all requests that are being read or answered.

    What counts is what has come, not what was announced, so that nobody takes room by a promise.
    """

    def __init__(self, limit: Callable[[], int], budget: int = BUDGET_OCTETS) -> None:
        self.limit = limit
        """Octets that a body may have, now."""
        self._budget = budget
        self._held = 0

    async def read(self, scope: HTTPScope, receive: Receive, most: int) -> bytes:
        """Read a body, of so many octets at most, and hold it, until it is let go.

        Raises Refused 400 as soon as it is known to be longer than the limit, which is before the first octet where the
        caller announces the length; Refused 503 where the budget is used up; and CallerLeft.
        """
        limit = min(self.limit(), most)
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > limit:
                raise Refused(UNREADABLE)
        chunks: list[bytes] = []
        size, more = 0, True
        whole = False
        try:
            while more:
                event = await receive()
                if event["type"] != "http.request":
                    raise CallerLeft
                chunk = event.get("body", b"")
                more = event.get("more_body", False)
                chunks.append(chunk)
                size += len(chunk)
                self._held += len(chunk)
                if size > limit:
                    raise Refused(UNREADABLE)
                if size > SMALL_OCTETS and self._held > max(self._budget, 4 * self.limit()):
                    raise Refused(UNAVAILABLE, retry_after_s=1)
            whole = True
        finally:
            if not whole:
                self._held -= size
        return b"".join(chunks)

    def let_go(self, body: bytes) -> None:
        """Hold a body no longer."""
        self._held -= len(body)
