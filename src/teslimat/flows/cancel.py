"""Cancel a scheduled order of which nothing was ever claimed for sending."""

import asyncio
from typing import Final

from teslimat.core.clock import Clock
from teslimat.core.errors import NO_SUCH_ORDER, Refused
from teslimat.core.model import OrderChange
from teslimat.core.ports import Store, Transaction
from teslimat.core.reasons import Reason
from teslimat.flows.finish import Ending, end_waiting

_BLOCKS_PER_TURN: Final = 16
_CANCELLED: Final = Ending(queued=Reason.CANCELLED, sent=Reason.CANCELLED)


async def cancel(store: Store, clock: Clock, account_id: int, order_id: int) -> None:
    """Cancel an order; once this returns, nothing of it reaches a carrier (promise 6).

    Raises Refused(NO_SUCH_ORDER) for an order that is not the account's, was not scheduled, is cancelled or
    over, or of which a dispatcher has claimed anything.
    """

    async def work(tx: Transaction) -> None:
        order = await tx.lock_order(account_id, order_id)
        if order is None or not order.scheduled or not order.waiting:
            raise Refused(NO_SUCH_ORDER)
        # A row that a lease ever held may be on its way: then all stays as it was.
        if await tx.drop_unclaimed_rows(order_id) != order.queue_rows:
            raise Refused(NO_SUCH_ORDER)
        now = clock.now()
        head = (await tx.order_heads([order_id]))[order_id]
        after_block = -1
        while states := await tx.blocks_after(order_id, after_block, _BLOCKS_PER_TURN):
            await end_waiting(tx, head, states, _CANCELLED, now)
            after_block = max(block_no for _, block_no in states)
            await asyncio.sleep(0)
        await tx.change_orders(
            [
                OrderChange(
                    delivered=0,
                    undelivered=0,
                    price_back=0,
                    reached_carrier=False,
                    uncertain=0,
                    revision=head.revision + 1,
                    cancelled_at=now,
                    id=order_id,
                )
            ]
        )

    await store.transact(work)
