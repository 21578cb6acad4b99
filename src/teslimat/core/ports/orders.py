"""The statements that orders live by: placing, dispatching, settling, ending."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from teslimat.core.block import BlockState
from teslimat.core.model import (
    Block,
    BlockKey,
    Order,
    OrderChange,
    OrderHead,
    OrphanRow,
    QueueRow,
    Sending,
    SubmissionRow,
)
from teslimat.core.outcomes import Receipt

SubmissionId = tuple[int, str]
"""(carrier id, the carrier's message id, verbatim)."""


class PlacingStatements(Protocol):
    """What it takes to accept an order."""

    async def arm_duplicate(self, account_id: int, digest: bytes, now: int, window_ms: int) -> bool:
        """Remember a digest of texts and numbers; False if it was armed less than window_ms ago."""
        ...

    async def take_credits(self, account_id: int, credits_: int) -> bool:
        """Reserve credits; False, and nothing taken, if the balance does not cover them."""
        ...

    async def allot_ids(self, recipients: int) -> tuple[int, int]:
        """The next order id, and the first of as many message ids."""
        ...

    async def insert_order(self, order: Order) -> None:
        """Store an order's row."""
        ...

    async def insert_blocks(self, blocks: Sequence[tuple[Block, BlockState]]) -> None:
        """Store both halves of some blocks."""
        ...

    async def enqueue(self, rows: Sequence[QueueRow]) -> None:
        """Put blocks into the dispatch queue."""
        ...


class DispatchStatements(Protocol):
    """What it takes to claim work and to take it back."""

    async def claimable(self, carrier_id: int, owner: str, now: int, limit: int) -> list[QueueRow]:
        """Rows with something queued and due that nobody else holds, locked: small orders first, then by due."""
        ...

    async def update_claims(self, rows: Sequence[QueueRow]) -> None:
        """Write back queued, due_at, owner, lease_until and epoch."""
        ...

    async def renew_leases(self, owner: str, lease_until: int) -> None:
        """Prolong whatever this owner holds."""
        ...

    async def expired_claims(self, now: int, limit: int) -> list[QueueRow]:
        """Rows whose lease has run out, locked."""
        ...

    async def foreign_claims(self, owner: str) -> list[QueueRow]:
        """Rows that another owner holds, whatever their lease; used where there can be no other owner alive."""
        ...

    async def held_rows(self) -> list[QueueRow]:
        """Rows that someone holds: only they can have submitting recipients."""
        ...

    async def unrouted(self, carrier_ids: Sequence[int], owner: str, limit: int) -> list[QueueRow]:
        """Rows with something queued whose carrier is none of these, and that nobody else holds, locked."""
        ...

    async def move_row(self, row: QueueRow, carrier_id: int) -> None:
        """Hand a row to another carrier."""
        ...

    async def read_sending(self, keys: Sequence[BlockKey]) -> dict[BlockKey, Sending]:
        """What never changes of some blocks and their orders."""
        ...

    async def queue_rows(self, keys: Sequence[BlockKey]) -> list[QueueRow]:
        """The queue rows of some blocks, locked."""
        ...

    async def drop_queue_rows(self, keys: Sequence[BlockKey]) -> None:
        """Take some blocks out of the dispatch queue."""
        ...

    async def drop_unclaimed_rows(self, order_id: int) -> int:
        """Take those rows of an order out of the queue that no lease ever held; how many."""
        ...


class SettlingStatements(Protocol):
    """What it takes to bring answers and receipts home."""

    async def insert_submissions(self, rows: Sequence[SubmissionRow]) -> None:
        """Record message ids; a carrier that uses an id again means the newer message."""
        ...

    async def find_submissions(self, ids: Sequence[SubmissionId]) -> dict[SubmissionId, SubmissionRow]:
        """Those of these ids that are known."""
        ...

    async def close_submissions(self, rows: Sequence[tuple[int, int, SubmissionId]]) -> None:
        """Close some submissions: rows of (outcome, when to forget it, id)."""
        ...

    async def insert_orphans(self, receipts: Sequence[Receipt]) -> None:
        """Keep receipts whose id nobody knows yet."""
        ...

    async def find_orphans(self, ids: Sequence[SubmissionId], since: int) -> list[OrphanRow]:
        """Those orphans that carry one of these ids and arrived since then, oldest first; message_id is the one."""
        ...

    async def orphans_for(self, carrier_id: int, number: int, sender: str, since: int) -> list[OrphanRow]:
        """Orphans that name this recipient and sender, oldest first."""
        ...

    async def drop_orphans(self, ids: Sequence[int]) -> None:
        """Forget some orphans."""
        ...

    async def matchable_orphans(self, since: int, limit: int) -> list[OrphanRow]:
        """Orphans whose id is recorded by now (two writers can each miss the other's row), oldest first.

        One that came with several forms of its id stands there once for each that is recorded.
        """
        ...

    async def load_states(self, keys: Sequence[BlockKey]) -> dict[BlockKey, BlockState]:
        """The changing halves of some blocks, locked."""
        ...

    async def save_states(self, states: Iterable[BlockState]) -> None:
        """Write them back."""
        ...

    async def recipient_prices(self, keys: Sequence[BlockKey]) -> dict[BlockKey, list[int]]:
        """Credits of each recipient of some blocks whose orders have several texts."""
        ...

    async def order_heads(self, order_ids: Sequence[int]) -> dict[int, OrderHead]:
        """What settling needs to know of some orders, locked."""
        ...

    async def change_orders(self, changes: Sequence[OrderChange]) -> None:
        """Add to the counters of some orders."""
        ...

    async def give_credits(self, refunds: Sequence[tuple[int, int]]) -> None:
        """Give credits back: rows of (credits, account id)."""
        ...

    async def code_numbers(self, codes: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """The dictionary numbers of some carriers' codes, 1 to 65,535; 0 for one the dictionary has no room for."""
        ...


class CleaningStatements(Protocol):
    """What it takes to end and to forget."""

    async def expired_orders(self, now: int, limit: int) -> list[int]:
        """Orders past their expiry with something still waiting."""
        ...

    async def blocks_after(self, order_id: int, after_block: int, limit: int) -> dict[BlockKey, BlockState]:
        """The next blocks of an order after a number (-1 for the first), locked."""
        ...

    async def lock_order(self, account_id: int, order_id: int) -> Order | None:
        """An account's order, locked; None if it is not the account's."""
        ...

    async def forget_submissions(self, now: int, limit: int) -> int:
        """Remove submissions whose time has come; how many."""
        ...

    async def forget_orphans(self, arrived_before: int, limit: int) -> int:
        """Remove orphans that arrived before then; how many."""
        ...

    async def forget_duplicates(self, armed_before: int, limit: int) -> int:
        """Remove duplicate keys armed before then; how many."""
        ...
