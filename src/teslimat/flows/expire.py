"""End the recipients of orders whose time is up, so that every recipient ends (promise 9)."""

from typing import Final

from teslimat.core.clock import Clock
from teslimat.core.ports import Store, Transaction
from teslimat.core.reasons import Reason
from teslimat.flows.finish import Ending, end_waiting

_ORDERS: Final = 100
_BLOCKS: Final = 32
_EXPIRED: Final = Ending(queued=Reason.CARRIER_UNREACHABLE, sent=Reason.EXPIRED)


async def expire(store: Store, clock: Clock) -> int:
    """End what has expired by now, some blocks per transaction; how many recipients."""
    ended = 0
    for order_id in await store.transact(lambda tx: tx.expired_orders(clock.now(), _ORDERS)):
        after_block: int | None = -1
        while after_block is not None:
            some, after_block = await _expire_blocks(store, clock, order_id, after_block)
            ended += some
    return ended


async def _expire_blocks(store: Store, clock: Clock, order_id: int, after_block: int) -> tuple[int, int | None]:
    async def work(tx: Transaction) -> tuple[int, int | None]:
        states = await tx.blocks_after(order_id, after_block, _BLOCKS)
        head = (await tx.order_heads([order_id]))[order_id]
        ended = await end_waiting(tx, head, states, _EXPIRED, clock.now())
        return ended, max((block_no for _, block_no in states), default=None)

    return await store.transact(work)
