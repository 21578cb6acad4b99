"""Read an order's report, a page at a time, and the list of an account's orders."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from teslimat.core.clock import Clock
from teslimat.core.errors import NO_SUCH_ORDER, NOT_DUE, Refused
from teslimat.core.model import BLOCK_SIZE, Order
from teslimat.core.ports import Store

ORDERS_PER_PAGE: Final = 30
_FURTHEST: Final = 2**40
"""No order is that large; beyond, a database's integers could overflow."""


class ReportPage(Struct, frozen=True):
    """An order and some of its recipients, as they were at one moment."""

    order: Order
    numbers: bytes
    """8 bytes each, little-endian; 0 where the input is in odd_numbers."""
    odd_numbers: dict[int, str]
    """Position on this page → input that is no number."""
    states: bytes
    """core.states.State, one byte each."""


async def read_report(
    store: Store, clock: Clock, account_id: int, order_id: int, page: int, row_count: int
) -> ReportPage:
    """Read the page-th row_count recipients, in the order in which they were given; pages start at 1.

    A page past the end has no recipients. Raises Refused: NO_SUCH_ORDER for an order that is not the account's,
    in the same words as for one that does not exist (promise 8), and NOT_DUE for one scheduled for later.
    """
    first = min((page - 1) * row_count, _FURTHEST)
    first_block, last_block = first // BLOCK_SIZE, (first + row_count - 1) // BLOCK_SIZE
    rows = await store.read_report(account_id, order_id, first_block, last_block)
    if rows is None:
        raise Refused(NO_SUCH_ORDER)
    order = rows.order
    if order.send_at > clock.now() and order.cancelled_at is None:
        raise Refused(NOT_DUE)
    start = first - first_block * BLOCK_SIZE
    numbers, odd, states = _joined(rows.blocks)
    return ReportPage(
        order=order,
        numbers=numbers[8 * start : 8 * (start + row_count)],
        odd_numbers={i - start: given for i, given in odd.items() if start <= i < start + row_count},
        states=states[start : start + row_count],
    )


async def list_orders(store: Store, account_id: int, since: int, before: int, page: int) -> tuple[int, list[Order]]:
    """Orders submitted in [since, before), ms since 1970 UTC: how many in all, and the page-th 30 by id."""
    return await store.list_orders(
        account_id, since, before, ORDERS_PER_PAGE, min((page - 1) * ORDERS_PER_PAGE, _FURTHEST)
    )


def _joined(blocks: Sequence[tuple[bytes, dict[int, str], bytes]]) -> tuple[bytes, dict[int, str], bytes]:
    """Join the one or two blocks that a page touches; all but an order's last have BLOCK_SIZE recipients."""
    if len(blocks) == 1:
        return blocks[0]
    odd = {i * BLOCK_SIZE + position: given for i, block in enumerate(blocks) for position, given in block[1].items()}
    return b"".join(block[0] for block in blocks), odd, b"".join(block[2] for block in blocks)
