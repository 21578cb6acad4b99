"""An operator takes a carrier away while some of its messages are on their way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.states import DELIVERED, QUEUED
from tests.simulation.house import House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db", carriers=2).open()
    house.routes.carrier_ids = (1,)
    house.links[1].capacity = 1
    yield house
    await house.close()


async def remove_first_carrier(house: House) -> None:
    house.routes.carrier_ids = (2,)
    await house.upkeep.tick()


async def test_what_was_not_sent_goes_to_the_other_carrier(house: House) -> None:
    order_id = await house.place(numbers(2))
    await house.dispatch()
    await remove_first_carrier(house)
    house.links[1].withdraw()
    await house.settle()
    assert await house.dispatch() == 2
    (block,) = await house.blocks(order_id)
    assert list(block.carriers) == [2, 2]


async def test_a_receipt_after_a_crash_is_looked_for_at_the_carrier_that_sent_the_message(house: House) -> None:
    order_id = await house.place(numbers(2))
    await house.dispatch()
    await remove_first_carrier(house)
    house.links[1].withdraw()
    await house.settle()
    await house.dispatch()
    await house.crash()
    house.links[2].receipt("77", DELIVERED, house.handed[-1][1])
    await house.settle()
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert sorted(await house.states(order_id)) == [QUEUED, DELIVERED]


async def test_a_receipt_that_fits_two_messages_after_a_crash_settles_neither(house: House) -> None:
    """Also if one of them is in a block whose rest has gone to another carrier."""
    first = await house.place(numbers(1), "one")
    await house.dispatch()
    house.link.take()
    second = await house.place(numbers(2), "two")
    await house.dispatch()
    await remove_first_carrier(house)
    await house.crash()
    house.links[1].receipt("77", DELIVERED, house.handed[0][1])
    await house.settle()
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(first) == bytes([QUEUED])
    assert await house.states(second) == bytes([QUEUED] * 2)
