"""Webhooks: where the news of an account go, what came of telling them, and who tells them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct


class Secret(NamedTuple):
    """A key that signs what is sent to one target."""

    value: bytes
    """The raw key."""
    until: int
    """When it ceases to sign, in milliseconds since 1970 UTC; 0 is never."""

    def __repr__(self) -> str:
        return f"Secret(until={self.until})"


class Target(Struct, frozen=True):
    """Where the news of an account go."""

    id: int
    account_id: int
    url: str
    secrets: tuple[Secret, ...]
    """The newest first; while one is being replaced there are two."""
    concurrency: int
    """POSTs under way at once, 1 or more."""
    per_second: int
    """POSTs begun per second; 0 is no limit."""
    enabled: bool


class Attempted(NamedTuple):
    """What came of one POST."""

    status: int
    """The HTTP status; 0 if there was no answer."""
    duration_ms: int
    error: str
    """Why there was no answer, in few words without addresses of ours, secrets, query strings or bodies; else empty."""
    retry_after_s: int
    """How long a 429 or 503 asked us to wait, at most a day; 0 if it did not say."""

    @property
    def delivered(self) -> bool:
        """The receiver took it: any 2xx."""
        return 200 <= self.status < 300


class Sender(Protocol):
    """Tells targets what happened."""

    async def post(self, target: Target, event_id: str, event_at: int, body: bytes) -> Attempted:
        """Make one attempt; ``event_at`` in milliseconds since 1970 UTC.

        Never raises for what a receiver or the network does. The target may have another URL or concurrency than
        before; nothing under way fails for that.
        """
        ...

    async def forget(self, target_id: int) -> None:
        """Close the connections to a target that is told no more, once the POSTs under way to it have ended."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def valid_secrets(secrets: Sequence[Secret], now: int) -> list[bytes]:
    """Tell the keys that sign at this moment (milliseconds since 1970 UTC), the newest first."""
    return [secret.value for secret in secrets if not secret.until or now < secret.until]
