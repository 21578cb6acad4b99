"""From an accepted order to a final report, and everything that can happen on the way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.outcomes import Fate
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, SUBMITTING, UNDELIVERED
from tests.simulation.house import DAY, House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def test_an_order_is_sent_answered_and_delivered(house: House) -> None:
    order_id = await house.place(numbers(3))
    assert await house.states(order_id) == bytes([QUEUED] * 3)
    assert await house.dispatch() == 3
    assert await house.states(order_id) == bytes([SUBMITTING] * 3)
    ids = [house.link.accept(house.link.take()) for _ in range(3)]
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTED] * 3)
    for message_id in ids[:2]:
        house.link.receipt(message_id, DELIVERED)
    house.link.receipt(ids[2], UNDELIVERED)
    await house.settle()
    assert await house.states(order_id) == bytes([DELIVERED, DELIVERED, UNDELIVERED])
    order = await house.order(order_id)
    assert (order.delivered, order.undelivered, order.waiting, order.price) == (2, 1, 0, 2)
    assert house.link.acknowledged == ids
    assert (await house.account()).balance == 100_000 - 2
    await house.check_sums()


async def test_a_receipt_that_comes_before_its_answer_waits_for_it(house: House) -> None:
    order_id = await house.place(numbers(1))
    await house.dispatch()
    part = house.link.take()
    house.link.receipt("1-1", DELIVERED, part)
    await house.settle()
    assert house.told.orphans == 1
    assert house.link.acknowledged == ["1-1"]
    house.link.accept(part)
    await house.settle()
    assert await house.states(order_id) == bytes([DELIVERED])


async def test_a_message_of_several_parts_is_delivered_once_all_its_parts_are(house: House) -> None:
    order_id = await house.place(numbers(1), "a" * 300)
    assert await house.dispatch() == 2
    first, second = (house.link.accept(house.link.take()) for _ in range(2))
    house.link.receipt(first, DELIVERED)
    house.link.receipt(first, DELIVERED)
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTED])
    assert house.told.duplicates == 1
    house.link.receipt(second, DELIVERED)
    await house.settle()
    assert await house.states(order_id) == bytes([DELIVERED])


async def test_a_throttled_part_is_sent_again_without_its_siblings(house: House) -> None:
    await house.place(numbers(1), "a" * 400)
    await house.dispatch()
    parts = [house.link.take() for _ in range(3)]
    house.link.accept(parts[0])
    house.settler.answered([house.link.answer(parts[1], Fate.LATER)])
    await house.settle()
    assert await house.dispatch() == 0
    house.link.accept(parts[2])
    await house.settle()
    assert await house.dispatch() == 0
    house.clock.advance(1_000)
    assert await house.dispatch() == 1
    assert house.link.take() == parts[1]


async def test_a_small_order_goes_before_a_campaign(house: House) -> None:
    await house.place(numbers(500))
    house.clock.advance(10)
    small = await house.place(numbers(1, 900))
    await house.dispatch()
    assert house.link.under_way[0].order_id == small


async def test_a_scheduled_order_waits_for_its_time(house: House) -> None:
    order_id = await house.place(numbers(2), send_at=house.clock.now() + DAY)
    assert await house.dispatch() == 0
    assert await house.store.next_due(1, house.clock.now()) == house.clock.now() + DAY
    house.clock.advance(DAY)
    assert await house.dispatch() == 2
    assert (await house.order(order_id)).scheduled


@pytest.mark.parametrize(("commercial", "state"), [(False, QUEUED), (True, UNDELIVERED)])
async def test_after_a_crash_the_order_s_policy_decides_about_uncertain_messages(
    house: House, commercial: bool, state: int
) -> None:
    order_id = await house.place(numbers(1))
    if commercial:
        house.store._writer.execute("UPDATE customer_order SET resend_uncertain = 0 WHERE id = ?", (order_id,))
    await house.dispatch()
    house.link.take()
    assert await house.crash() == 1
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([SUBMITTING])
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([state])
    assert (await house.order(order_id)).uncertain == 1
    await house.check_sums()


async def test_after_a_crash_a_receipt_that_fits_one_uncertain_message_settles_it(house: House) -> None:
    order_id = await house.place(numbers(2))
    await house.dispatch()
    part = house.link.take()
    await house.crash()
    house.link.receipt("77", DELIVERED, part)
    await house.settle()
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([DELIVERED, QUEUED])
    assert (await house.order(order_id)).uncertain == 1


async def test_a_message_whose_answer_never_came_is_decided_after_the_grace(house: House) -> None:
    order_id = await house.place(numbers(1))
    await house.dispatch()
    part = house.link.take()
    house.settler.answered([house.link.answer(part, Fate.UNKNOWN)])
    await house.settle()
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([SUBMITTING])
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([QUEUED])
    house.link.accept(part)
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTED])
    assert await house.dispatch() == 0


async def test_everything_that_still_waits_expires_and_its_credits_come_back(house: House) -> None:
    order_id = await house.place(numbers(3))
    house.link.capacity = 2
    await house.dispatch()
    message_id = house.link.accept(house.link.take())
    await house.settle()
    house.clock.advance(2 * DAY)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([UNDELIVERED] * 3)
    (block,) = await house.blocks(order_id)
    assert list(block.reasons) == [Reason.EXPIRED, Reason.EXPIRED, Reason.CARRIER_UNREACHABLE]
    assert (await house.account()).balance == 100_000
    house.link.receipt(message_id, DELIVERED)
    await house.settle()
    assert house.told.late == 1
    assert await house.states(order_id) == bytes([UNDELIVERED] * 3)
    await house.check_sums()
