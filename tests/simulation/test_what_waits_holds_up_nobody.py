"""What a carrier wants later, what is about to expire and what comes in its thousands: none stands in others' way."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from teslimat.core.model import BlockKey, Sending
from teslimat.core.outcomes import Fate
from teslimat.core.reasons import Reason
from teslimat.core.states import QUEUED, SUBMITTED, UNDELIVERED
from teslimat.store.statements import SqliteTransaction
from tests.simulation.house import LIFETIME, House, numbers

TOO_MANY = 500


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def ask_the_carrier(house: House, *, unwanted: Sequence[int] = range(1_000)) -> list[int]:
    """Send what is due, and let the carrier want some recipients later; whom it was asked to take."""
    await house.dispatch()
    asked = []
    while house.link.under_way:
        part = house.link.take()
        asked.append(part.position)
        if part.position in unwanted:
            house.settler.answered([house.link.answer(part, Fate.LATER)])
        else:
            house.link.accept(part)
        await house.settle()
    return asked


async def ask_until_it_rests(house: House) -> list[int]:
    """Send until nothing is due; whom the carrier, which wants everybody later, was asked to take."""
    asked: list[int] = []
    while (some := await ask_the_carrier(house)) and len(asked) < TOO_MANY:
        asked += some
    return asked


async def moments_asked(house: House, seconds: int) -> list[int]:
    """Let so many seconds pass; the milliseconds at which the carrier was asked to take something."""
    start, moments = house.clock.now(), []
    for _ in range(seconds * 2):
        moments += [house.clock.now() - start] * len(await ask_until_it_rests(house))
        house.clock.advance(500)
    return moments


# what the carrier wants later


async def test_a_recipient_whom_the_carrier_wants_later_holds_up_nobody_behind(house: House) -> None:
    order_id = await house.place(numbers(5))
    house.link.capacity = 1
    assert [await ask_the_carrier(house, unwanted=[0]) for _ in range(5)] == [[0], [1], [2], [3], [4]]
    assert await house.states(order_id) == bytes([QUEUED] + [SUBMITTED] * 4)


async def test_a_message_that_the_carrier_wants_later_is_sent_again_less_and_less_often(house: House) -> None:
    await house.place(numbers(1))
    moments = await moments_asked(house, 120)
    assert moments[:6] == [0, 1_000, 2_000, 3_000, 4_000, 5_000]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses == sorted(pauses)
    assert all(pause <= max(1_000, at // 10 + 500) for at, pause in zip(moments, pauses, strict=False))
    assert pauses[-1] > 9_000


async def test_a_message_that_has_waited_for_hours_is_sent_again_every_ten_minutes(house: House) -> None:
    await house.place(numbers(1))
    house.clock.advance(10 * 3_600_000)
    assert await ask_the_carrier(house) == [0]
    house.clock.advance(599_999)
    assert await ask_the_carrier(house) == []
    house.clock.advance(1)
    assert await ask_the_carrier(house) == [0]


async def test_an_order_s_age_begins_with_the_time_that_it_was_scheduled_for(house: House) -> None:
    for count in (1, 3):
        await house.place(numbers(count), send_at=house.clock.now() + 3_600_000)
    house.clock.advance(3_600_000)
    house.link.capacity = 1
    assert len(await moments_asked(house, 1)) == 4
    assert len(await moments_asked(house, 1)) == 4


@pytest.mark.parametrize("capacity", [1, 2, 50])
async def test_a_carrier_that_wants_everybody_later_is_asked_once_for_each_and_then_after_a_pause(
    house: House, capacity: int
) -> None:
    """However few it is asked for at a time."""
    await house.place(numbers(150))
    house.link.capacity = capacity
    for _ in range(3):
        assert await ask_until_it_rests(house) == list(range(150))
        house.clock.advance(999)
        assert await ask_the_carrier(house) == []
        house.clock.advance(1)


async def test_what_was_not_sent_is_sent_again_at_once(house: House) -> None:
    await house.place(numbers(3))
    assert await house.dispatch() == 3
    house.link.withdraw()
    await house.settle()
    assert await house.dispatch() == 3


# what is about to expire


async def test_nothing_is_sent_that_may_expire_while_it_is_being_written(house: House) -> None:
    order_id = await house.place(numbers(2))
    house.link.capacity = 1
    house.clock.advance(LIFETIME - 20_001)
    assert await house.dispatch() == 1
    house.link.capacity = 2
    house.clock.advance(1)
    assert await house.dispatch() == 0
    house.link.accept(house.link.take())
    await house.settle()
    house.clock.advance(20_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([UNDELIVERED] * 2)
    (block,) = await house.blocks(order_id)
    assert list(block.reasons) == [Reason.EXPIRED, Reason.CARRIER_UNREACHABLE]
    assert (await house.account()).balance == 100_000
    await house.check_sums()


async def test_what_is_about_to_expire_holds_up_nobody_behind(house: House) -> None:
    for i in range(3):
        await house.place(numbers(1, i), str(i))
    house.clock.advance(LIFETIME - 10_000)
    order_id = await house.place(numbers(1, 50))
    house.link.capacity = 1
    while not await house.dispatch():
        # The dispatcher rings for itself until it has passed them all.
        assert house.dispatchers[1]._bell.is_set()
        house.dispatchers[1]._bell.clear()
    assert house.link.take().order_id == order_id


async def test_recipients_that_expire_are_counted_as_undelivered(house: House) -> None:
    await house.place(numbers(3))
    house.clock.advance(LIFETIME)
    await house.upkeep.tick()
    assert house.told.undelivered == 3


# what comes in its thousands


async def test_of_many_orders_few_are_remembered(house: House) -> None:
    for i in range(100):
        await house.place(numbers(1), f"Kod: {i}")
    house.clock.advance(LIFETIME - 10_000)
    house.link.capacity = 100
    await house.dispatch()
    assert len(house.dispatchers[1]._blocks) <= 64


async def test_a_step_reads_only_the_blocks_that_it_sends_from(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[BlockKey] = []
    read_sending = SqliteTransaction.read_sending

    async def counted(tx: SqliteTransaction, keys: Sequence[BlockKey]) -> dict[BlockKey, Sending]:
        read.extend(keys)
        return await read_sending(tx, keys)

    monkeypatch.setattr(SqliteTransaction, "read_sending", counted)
    await house.place(numbers(3_000))
    house.link.capacity = 10
    assert await house.dispatch() == 10
    assert len(read) == 1
    for i in range(200):
        await house.place(numbers(2, 5_000), f"Kod: {i}")
    house.link.capacity = 210
    assert await house.dispatch() == 200
    assert len(read) == 101


async def test_all_doubts_that_are_due_are_decided_in_one_go(house: House) -> None:
    order_id = await house.place(numbers(450))
    house.link.capacity = 450
    await house.dispatch()
    parts = [house.link.take() for _ in range(450)]
    house.settler.answered([house.link.answer(part, Fate.UNKNOWN) for part in parts])
    await house.settle()
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([QUEUED] * 450)


async def test_a_doubt_that_is_renewed_while_it_is_decided_is_kept(house: House) -> None:
    """The message may have been sent again meanwhile, and have got no answer once more."""
    who = ((await house.place(numbers(1)), 0), 0)
    house.upkeep.doubt([who])
    house.clock.advance(5_000)
    deciding = house.upkeep._decide_doubts(house.upkeep._doubts_due())
    house.upkeep.doubt([who])
    await deciding
    assert house.upkeep._doubts == {who: house.clock.now() + 5_000}


async def test_single_orders_do_not_make_a_campaign_forget_its_place(house: House) -> None:
    campaign = await house.place(numbers(1_000))
    house.link.capacity = 300
    assert len(await ask_the_carrier(house)) == 300
    for i in range(70):
        house.clock.advance(1)
        await house.place(numbers(1, 5_000 + i), f"code {i}")
    await house.dispatch()
    asked = [part.position for part in house.link.under_way if part.order_id == campaign]
    assert asked[0] == 300
