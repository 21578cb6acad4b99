"""Put the news of an account into the outbox, in the transaction that makes them."""

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from teslimat.core.model import BlockKey
from teslimat.core.news import OutboxRow, events_of
from teslimat.core.ports.webhooks import WebhookStatements


class Change(NamedTuple):
    """Recipients of one block that have a new state."""

    block: BlockKey
    positions: Sequence[int]
    states: bytes
    """The state that each is in now."""


async def record(tx: WebhookStatements, account_id: int, changes: Iterable[Change], now: int) -> int:
    """Note what is to be told of these changes to each target of their account; how many rows that was.

    now is in milliseconds since 1970 UTC. An account without targets costs one look: changes are not even read.
    """
    targets = await tx.targets_to_tell(account_id)
    if not targets:
        return 0
    rows = []
    for (order_id, block_no), positions, states in changes:
        packed, events = array("H", positions).tobytes(), events_of(states)
        untold = bytes([1]) * len(events)
        rows += [OutboxRow(0, target, order_id, block_no, now, packed, events, untold) for target in targets]
    await tx.insert_news(rows)
    return len(rows)
