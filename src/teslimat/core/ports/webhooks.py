"""The statements of the outbox."""

from collections.abc import Sequence
from typing import Protocol

from teslimat.core.model import BlockKey
from teslimat.core.news import AttemptRow, Lane, MessageKey, OutboxRow
from teslimat.core.webhooks import Target


class WebhookStatements(Protocol):
    """What is to be told to whom, and what came of it."""

    async def targets_to_tell(self, account_id: int) -> list[int]:
        """The ids of an account's targets that are neither switched off nor removed."""
        ...

    async def insert_news(self, rows: Sequence[OutboxRow]) -> None:
        """Store rows (their ids are ignored); later ones get higher ids."""
        ...

    async def news_after(self, target_id: int, after_id: int, limit: int) -> list[OutboxRow]:
        """The next rows of a target with something untold, in the order of their ids."""
        ...

    async def save_untold(self, rows: Sequence[OutboxRow]) -> None:
        """Write back what is untold of some rows."""
        ...

    async def lanes_in(self, target_id: int, block: BlockKey) -> dict[int, Lane]:
        """A target's lanes of one block, by position."""
        ...

    async def lane_of(self, target_id: int, message: MessageKey) -> Lane | None:
        """A target's lane of one message."""
        ...

    async def due_lanes(self, target_id: int, now: int, limit: int) -> list[Lane]:
        """A target's lanes whose time has come, the longest due first."""
        ...

    async def save_lanes(self, lanes: Sequence[Lane]) -> None:
        """Store lanes, each instead of the one there was for its message."""
        ...

    async def drop_lane(self, target_id: int, message: MessageKey) -> None:
        """Forget a lane: all of it was told."""
        ...

    async def insert_attempts(self, rows: Sequence[AttemptRow]) -> None:
        """Add to the log."""
        ...

    # what the gateway forgets

    async def forget_news(self, happened_before: int, limit: int) -> int:
        """Remove rows of which nothing is untold; how many."""
        ...

    async def forget_attempts(self, before: int, limit: int) -> int:
        """Remove attempts from the log, the oldest first; how many."""
        ...

    async def forget_removed(self, limit: int) -> int:
        """Remove what was to be told to targets that were removed: rows and lanes; how many."""
        ...

    # what an operator changes

    async def targets(self) -> list[Target]:
        """All targets that were not removed, by id."""
        ...

    async def insert_target(self, target: Target) -> int:
        """Store a target (its id is ignored) and return its id."""
        ...

    async def update_target(self, target: Target) -> None:
        """Write back what can be changed of a target."""
        ...

    async def remove_target(self, target_id: int) -> None:
        """Retire a target, and forget its secrets; its id is never used again."""
        ...

    # replaying

    async def news_in(self, target_id: int, block: BlockKey) -> list[OutboxRow]:
        """A target's rows of one block, by id."""
        ...

    async def lanes_after(self, target_id: int, message: MessageKey, limit: int) -> list[Lane]:
        """A target's next lanes after this one, by message."""
        ...


class WebhookReads(Protocol):
    """What is read beside all transactions, as it was last committed: it holds up nobody."""

    async def webhook_targets(self) -> list[Target]:
        """All targets that were not removed, by id."""
        ...

    async def targets_with_news(self, now: int) -> list[int]:
        """The ids of the targets that have something untold, or a lane whose time has come."""
        ...

    async def news_waiting(self) -> tuple[int, int]:
        """How many events wait to be told, and how many are parked."""
        ...

    async def attempts(self, target_id: int, order_id: int | None, limit: int, *, failed: bool) -> list[AttemptRow]:
        """The newest of a target's attempts, newest first; of one order, or of failures only, if asked."""
        ...

    async def blocks_with_news(
        self, target_id: int, between: tuple[BlockKey, BlockKey], span: tuple[int, int], limit: int
    ) -> list[BlockKey]:
        """Blocks after the first key and up to the last, in turn, of which a target has something to hear again.

        That is news that happened in [since, until), or any lane.
        """
        ...
