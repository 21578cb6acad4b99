"""What was told can be told again, under the same names and in the same order; what waits is not told twice."""

from pathlib import Path
from typing import Any

import pytest

from teslimat.core import states
from teslimat.core.news import read_event_id
from teslimat.core.webhooks import Target
from teslimat.flows import replay
from teslimat.flows.expire import expire
from teslimat.flows.replay import replay_order, replay_parked, replay_span
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import ACCEPTED, DELIVERED, FAILED, HANG, OK, UNDELIVERED, Receivers, Town, ids


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    return Town(await House(tmp_path / "house.db").open(), Receivers())


async def told_order(town: Town, count: int = 2, text: str = "Merhaba") -> int:
    """An order of which all is told; then the receivers forget."""
    order_id = await town.house.place(numbers(count), text)
    await town.tell()
    town.house.clock.advance(60_000)
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    town.receivers.told.clear()
    return order_id


async def again(town: Town, target: Target, order_id: int, event: str | None = None) -> int:
    only = read_event_id(event) if event else None
    return await replay_order(town.house.store, town.house.clock, target.id, order_id, only)


async def test_an_order_is_told_again_in_the_order_in_which_it_happened(town: Town) -> None:
    target = await town.add(concurrency=1)
    order_id = await told_order(town)
    await told_order(town, text="another")
    assert await again(town, target, order_id) == 4
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED], [0, 1]) + ids(order_id, [DELIVERED], [0, 1])
    assert [told.event_at for told in town.receivers.told] == [
        town.house.clock.now() - 120_000 + late for late in (0, 0, 60_000, 60_000)
    ]


async def test_it_can_be_told_again_and_again_each_event_once(town: Town) -> None:
    target = await town.add(concurrency=1)
    order_id = await told_order(town)
    for _ in range(3):
        assert await again(town, target, order_id) == 4
        await town.tell()
    assert len(town.receivers.told) == 12


async def test_one_event_is_told_again(town: Town) -> None:
    target = await town.add()
    order_id = await told_order(town)
    (name,) = ids(order_id, [DELIVERED], [1])
    assert await again(town, target, order_id, name) == 1
    await town.tell()
    assert town.receivers.events() == [name]


async def test_only_that_target_is_told_again(town: Town) -> None:
    first, second = await town.add(), await town.add()
    order_id = await told_order(town)
    await again(town, first, order_id)
    await town.tell()
    assert len(town.receivers.events(first.id)) == 4
    assert town.receivers.events(second.id) == []


async def test_what_is_untold_is_not_told_twice(town: Town) -> None:
    target = await town.add()
    order_id = await told_order(town)
    assert await again(town, target, order_id) == 4
    assert await again(town, target, order_id) == 0
    span = (0, town.house.clock.now() + 1)
    assert await replay_span(town.house.store, town.house.clock, target.id, *span) == 0
    await town.tell()
    assert len(town.receivers.told) == 4


async def test_what_waits_in_a_lane_comes_now_and_once(town: Town) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: FAILED
    order_id = await town.house.place(numbers(1))
    await town.tell()
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.told.clear()
    assert await again(town, target, order_id) == 1
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED])
    assert await town.waiting() == (0, 0)


@pytest.mark.parametrize("failed", [False, True])
async def test_what_is_told_again_comes_before_what_is_still_untold(town: Town, failed: bool) -> None:
    target = await town.add(concurrency=1)
    order_id = await town.house.place(numbers(2))
    await town.tell()
    town.receivers.answer = lambda _target, _name: FAILED
    await town.finish(order_id, states.DELIVERED)
    if failed:
        await town.tell()
    assert len(await town.lanes(target.id)) == 2 * failed
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.told.clear()
    assert await again(town, target, order_id) == (4 if failed else 2)
    await town.tell()
    for position in (0, 1):
        events = [name for name in town.receivers.events() if name.split("-")[1] == str(position)]
        assert events == ids(order_id, [ACCEPTED, DELIVERED], [position])
    assert await town.waiting() == (0, 0)


async def test_what_was_open_when_it_was_asked_for_is_told_again_behind_the_rest(town: Town) -> None:
    target = await town.add(concurrency=1)
    order_id = await town.house.place(numbers(1))
    await town.tell()
    town.receivers.answer = lambda _target, _name: HANG
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    await again(town, target, order_id)
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.told.clear()
    town.receivers.time_out()
    await town.tell()
    town.house.clock.advance(20_000)
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED, DELIVERED])
    assert await town.waiting() == (0, 0)


async def test_events_that_were_asked_for_one_by_one_come_in_their_order(town: Town) -> None:
    target = await town.add(concurrency=1)
    order_id = await told_order(town, 1)
    for event in (DELIVERED, ACCEPTED):
        (name,) = ids(order_id, [event])
        assert await again(town, target, order_id, name) == 1
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED, DELIVERED])


async def test_a_large_order_is_told_again_a_little_per_transaction(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_EVENTS", 2_000)
    target = await town.add(concurrency=100)
    order_id = await told_order(town, 3_500)
    transactions = 0
    whole = town.house.store.transact

    async def transact(work: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await whole(work)

    monkeypatch.setattr(town.house.store, "transact", transact)
    assert await again(town, target, order_id) == 7_000
    assert transactions == 4
    (name,) = ids(order_id, [DELIVERED], [3_499])
    await town.tell()
    transactions = 0
    assert await again(town, target, order_id, name) == 1
    assert transactions == 1


async def test_what_waits_comes_now_although_what_was_told_with_it_is_forgotten(town: Town) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: FAILED
    order_id = await town.house.place(numbers(1))
    await town.tell()
    await town.house.store.transact(lambda tx: tx.forget_news(town.house.clock.now() + DAY, 10))
    town.receivers.answer = lambda _target, _name: OK
    assert await again(town, target, order_id) == 1
    await town.tell()
    assert await town.waiting() == (0, 0)


async def test_a_span_of_time_is_told_again(town: Town) -> None:
    target = await town.add(concurrency=1)
    await told_order(town, text="before")
    town.house.clock.advance(DAY)
    since = town.house.clock.now()
    order_id = await told_order(town, 1_200)
    until = town.house.clock.now()
    town.house.clock.advance(1)
    await told_order(town, text="after")
    # The end itself is not in the span.
    assert await replay_span(town.house.store, town.house.clock, target.id, since, until) == 1_200
    assert await replay_span(town.house.store, town.house.clock, target.id, since, until + 1) == 1_200
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED], range(1_200)) + ids(order_id, [DELIVERED], range(1_200))


async def test_what_is_parked_is_tried_again_in_its_order(town: Town) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: FAILED
    order_id = await town.house.place(numbers(1))
    for _ in range(40):
        await town.tell()
        town.house.clock.advance(6 * 3_600_000)
    await expire(town.house.store, town.house.clock)
    await town.tell()
    assert await town.waiting() == (0, 2)
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.told.clear()
    town.house.clock.advance(600_000)
    await town.tell()
    assert town.receivers.told == []

    assert await replay_parked(town.house.store, town.house.clock, target.id) == 2
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED, UNDELIVERED])
    assert await town.waiting() == (0, 0)


async def test_a_parked_message_that_fails_again_has_two_days_again(town: Town) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: FAILED
    await town.house.place(numbers(1))
    for _ in range(40):
        await town.tell()
        town.house.clock.advance(6 * 3_600_000)
    await replay_parked(town.house.store, town.house.clock, target.id)
    await town.tell()
    (lane,) = await town.lanes(target.id)
    assert (lane.attempts, lane.parked, lane.first_failed_at) == (1, False, town.house.clock.now())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1",
        "1-0",
        "1-0-seen",
        "x-0-accepted",
        "1-x-accepted",
        "1--0-accepted",
        "²-0-accepted",
        f"{2**63}-0-accepted",
        f"1-{2**63}-accepted",
        f"{'9' * 5_000}-0-accepted",
    ],
)
def test_what_is_no_event_is_not_read_as_one(name: str) -> None:
    assert read_event_id(name) is None


def test_a_name_says_which_event_it_is() -> None:
    assert read_event_id("300000007-1499-delivered") == ((300_000_007, 1, 499), DELIVERED)
    assert read_event_id(f"{2**63 - 1}-0-accepted") == ((2**63 - 1, 0, 0), ACCEPTED)
