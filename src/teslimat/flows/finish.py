"""End what still waits of an order, whatever it waits for: for cancel and for expiry."""

from typing import NamedTuple

from teslimat.core.block import BlockState, tenths_since
from teslimat.core.model import BlockKey, OrderChange, OrderHead
from teslimat.core.ports import Transaction
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, QUEUED, UNDELIVERED
from teslimat.flows.notify import Change, record


class Ending(NamedTuple):
    """Why the recipients end that were still queued, and those that were with a carrier."""

    queued: Reason
    sent: Reason


async def end_waiting(
    tx: Transaction, head: OrderHead, states: dict[BlockKey, BlockState], ending: Ending, now: int
) -> int:
    """End every waiting recipient of these blocks and give its credits back; how many there were."""
    tenths = tenths_since(head.submit_at, now)
    revision = head.revision + 1
    waiting = {
        key: positions
        for key, state in states.items()
        if (positions := [i for i, value in enumerate(state.states) if value < DELIVERED])
    }
    price = head.recipient_price
    prices = await tx.recipient_prices(list(waiting)) if price is None else {}
    ended = credits_ = 0
    under_way = False
    for key, positions in waiting.items():
        state = states[key]
        for position in positions:
            queued = state.states[position] == QUEUED
            under_way = under_way or not queued
            state.fail(position, ending.queued if queued else ending.sent, 0, tenths, revision)
            credits_ += prices[key][position] if price is None else price
        ended += len(positions)
    if ended:
        await tx.drop_queue_rows(list(waiting))
        await tx.save_states([states[key] for key in waiting])
        await tx.change_orders(
            [
                OrderChange(
                    delivered=0,
                    undelivered=ended,
                    price_back=credits_,
                    reached_carrier=under_way,
                    uncertain=0,
                    revision=revision,
                    cancelled_at=None,
                    id=head.id,
                )
            ]
        )
        await tx.give_credits([(credits_, head.account_id)])
        await record(
            tx,
            head.account_id,
            (Change(key, positions, bytes([UNDELIVERED]) * len(positions)) for key, positions in waiting.items()),
            now,
        )
    return ended
