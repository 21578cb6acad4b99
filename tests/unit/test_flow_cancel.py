"""Which orders can be cancelled, and what becomes of them then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.errors import NO_SUCH_ORDER, Refused
from teslimat.core.reasons import Reason
from teslimat.core.states import UNDELIVERED, OrderStatus, order_status
from teslimat.flows.cancel import cancel
from tests.simulation.house import DAY, LIFETIME, House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def refuses(house: House, order_id: int, account_id: int | None = None) -> bool:
    before = await house.orders(), await house.account()
    try:
        await cancel(house.store, house.clock, account_id or house.account_id, order_id)
    except Refused as refused:
        assert refused.verdict is NO_SUCH_ORDER  # noqa: PT017 - not every call is refused
        assert (await house.orders(), await house.account()) == before
        return True
    return False


async def place_for_tomorrow(house: House, count: int = 3) -> int:
    return await house.place([*numbers(count), "kimse"], send_at=house.clock.now() + DAY)


async def test_a_cancelled_order_is_undelivered_refunded_and_never_sent(house: House) -> None:
    order_id = await place_for_tomorrow(house, 2_500)
    house.clock.advance(DAY - 1)
    assert not await refuses(house, order_id)
    order = await house.order(order_id)
    assert (order.undelivered, order.waiting, order.price) == (2_501, 0, 0)
    assert order.cancelled_at == house.clock.now()
    assert order_status(waiting=order.waiting, reached_carrier=order.reached_carrier) is OrderStatus.NOT_DELIVERED
    assert (await house.account()).balance == 100_000
    reasons = b"".join([bytes(block.reasons) for block in await house.blocks(order_id)])
    assert reasons == bytes([Reason.CANCELLED] * 2_500 + [Reason.INVALID_NUMBER])
    house.clock.advance(DAY)
    assert await house.dispatch() == 0
    await house.upkeep.tick()
    assert await house.dispatch() == 0
    assert await house.states(order_id) == bytes([UNDELIVERED] * 2_501)
    await house.check_sums()


async def test_an_order_is_cancelled_once(house: House) -> None:
    order_id = await place_for_tomorrow(house)
    assert not await refuses(house, order_id)
    assert await refuses(house, order_id)


async def test_an_order_that_was_not_scheduled_cannot_be_cancelled(house: House) -> None:
    assert await refuses(house, await house.place(numbers(3)))


async def test_an_order_of_which_anything_was_claimed_cannot_be_cancelled(house: House) -> None:
    order_id = await place_for_tomorrow(house, 2_500)
    house.clock.advance(DAY)
    house.link.capacity = 1
    assert await house.dispatch() == 1
    assert await refuses(house, order_id)
    house.link.withdraw()
    await house.settle()
    await house.crash()
    await house.upkeep.tick()
    assert await refuses(house, order_id)


async def test_a_due_order_can_be_cancelled_while_no_carrier_has_taken_anything_of_it(house: House) -> None:
    order_id = await place_for_tomorrow(house)
    house.clock.advance(DAY + 60_000)
    assert not await refuses(house, order_id)
    assert await house.dispatch() == 0


async def test_an_order_that_moved_to_another_carrier_can_still_be_cancelled(tmp_path: Path) -> None:
    house = await House(tmp_path / "two.db", carriers=2).open()
    house.routes.carrier_ids = (1,)
    order_id = await place_for_tomorrow(house)
    house.routes.carrier_ids = (2,)
    await house.upkeep.tick()
    assert not await refuses(house, order_id)
    house.clock.advance(DAY)
    assert await house.dispatch() == 0
    await house.close()


async def test_an_order_that_is_over_cannot_be_cancelled(house: House) -> None:
    order_id = await place_for_tomorrow(house)
    house.clock.advance(DAY + LIFETIME)
    await house.upkeep.tick()
    assert await refuses(house, order_id)


async def test_another_account_s_order_cannot_be_cancelled(house: House) -> None:
    order_id = await place_for_tomorrow(house)
    assert await refuses(house, order_id, await house.open_account("stranger"))
    assert await refuses(house, order_id + 1)
