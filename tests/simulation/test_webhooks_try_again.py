"""What a receiver does not take is tried for about two days, then parked; a receiver that is down is only probed."""

from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from teslimat.core import states
from teslimat.core.news import Lane
from teslimat.core.webhooks import Target
from teslimat.flows.circuit import FAILURES_THAT_OPEN, Circuit
from teslimat.flows.expire import expire
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import ACCEPTED, DELIVERED, FAILED, HANG, OK, UNDELIVERED, Receivers, Town, ids

HOUR = 3_600_000
SECOND = 1_000


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    return Town(await House(tmp_path / "house.db").open(), Receivers())


def fails(_target: int, _name: str) -> int:
    return FAILED


def takes(_target: int, _name: str) -> int:
    return OK


async def tries(town: Town, target: Target, hours: int) -> list[int]:
    """When the only lane was tried within so many hours, in ms since now."""
    started = town.house.clock.now()
    while (lanes := await town.lanes(target.id)) and not lanes[0].parked:
        next_at = lanes[0].next_at
        if next_at > started + hours * HOUR:
            break
        town.house.clock.advance(max(0, next_at - town.house.clock.now()))
        # Other messages get through, so the circuit stays closed.
        town.couriers[target.id]._circuit.succeed()
        await town.tell()
    return [row.at - started for row in await town.log(target.id)]


async def test_it_is_tried_ever_later_for_two_days_and_then_parked(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add()
    await town.house.place(numbers(1))
    await town.tell()
    at = await tries(town, target, 1_000)
    pauses = [later - earlier for earlier, later in pairwise(at)]
    for i, pause in enumerate(pauses):
        usual = min(10_000 * 2**i, 6 * HOUR)
        assert 0.8 * usual <= pause <= 1.2 * usual
    assert len({pause / min(10_000 * 2**i, 6 * HOUR) for i, pause in enumerate(pauses)}) == len(pauses)
    assert 48 * HOUR <= at[-1] <= 56 * HOUR
    (lane,) = await town.lanes(target.id)
    assert lane.parked
    assert await town.waiting() == (0, 1)

    town.receivers.answer = takes
    town.house.clock.advance(30 * DAY)
    await town.tell()
    assert len(town.receivers.told) == len(at)


async def test_later_news_of_a_parked_message_wait_with_it(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add()
    await town.house.place(numbers(1))
    await town.tell()
    await tries(town, target, 1_000)
    town.receivers.answer = takes
    await expire(town.house.store, town.house.clock)
    await town.tell()
    assert OK not in [told.answer for told in town.receivers.told]
    assert [lane.events for lane in await town.lanes(target.id)] == [bytes([ACCEPTED, UNDELIVERED])]
    assert await town.waiting() == (0, 2)


async def test_a_receiver_that_asks_for_time_gets_it(town: Town) -> None:
    town.receivers.answer = lambda _target, _name: 429
    town.receivers.retry_after_s = 600
    target = await town.add()
    await town.house.place(numbers(1))
    await town.tell()
    (lane,) = await town.lanes(target.id)
    assert lane.next_at == town.house.clock.now() + 600_000


async def test_after_a_success_the_next_event_starts_afresh(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add()
    order_id = await town.house.place(numbers(1))
    await town.tell()
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    await tries(town, target, 40)
    town.receivers.answer = lambda _target, name: OK if name.endswith("accepted") else FAILED
    town.house.clock.advance(8 * HOUR)
    town.couriers[target.id]._circuit.succeed()
    await town.tell()
    (lane,) = await town.lanes(target.id)
    assert (lane.events, lane.attempts, lane.first_failed_at) == (bytes([DELIVERED]), 1, town.house.clock.now())


async def test_lanes_and_new_rows_take_turns(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add(concurrency=1)
    old = await town.house.place(numbers(4), "eski")
    await town.tell()
    town.receivers.answer = takes
    town.receivers.told.clear()
    new = await town.house.place(numbers(4), "yeni")
    town.house.clock.advance(20_000)
    await town.tell()
    orders = [told.report["packet_id"] for told in town.receivers.told]
    assert sorted(orders) == [old] * 4 + [new] * 4
    assert orders[:4] in ([old, new] * 2, [new, old] * 2)
    assert target.id not in [lane.target_id for lane in await town.lanes(target.id)]


# the circuit


async def test_after_five_failures_there_are_only_probes_ever_less_often(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add(concurrency=1)
    order_id = await town.house.place(numbers(1_000))
    await town.tell()
    assert len(town.receivers.told) == 5
    assert town.couriers[target.id].is_broken
    probes = []
    for _ in range(10):
        before = len(town.receivers.told)
        waited = 0
        while len(town.receivers.told) == before:
            town.house.clock.advance(SECOND)
            waited += 1
            await town.tell()
        assert len(town.receivers.told) == before + 1
        probes.append(waited)
    for waited, usual in zip(probes, (5, 10, 20, 40, 80, 160, 250, 250, 250, 250), strict=True):
        assert 0.8 * usual <= waited <= 1.2 * usual + 1
    assert max(probes) <= 300
    # A million events for a receiver that is down must not become a million lanes.
    assert len(await town.lanes(target.id)) <= 6

    town.receivers.answer = takes
    town.house.clock.advance(400 * SECOND)
    await town.tell()
    assert not town.couriers[target.id].is_broken
    taken = {told.event_id for told in town.receivers.told if told.answer == OK}
    waiting = {lane.position for lane in await town.lanes(target.id)}
    assert taken == set(ids(order_id, [ACCEPTED], [i for i in range(1_000) if i not in waiting]))


async def test_a_success_in_between_keeps_the_circuit_closed(town: Town) -> None:
    town.receivers.answer = lambda _target, name: OK if int(name.split("-")[1]) % 5 == 4 else FAILED
    target = await town.add(concurrency=1)
    await town.house.place(numbers(100))
    await town.tell()
    assert len(town.receivers.told) == 100
    assert not town.couriers[target.id].is_broken


async def test_what_was_under_way_when_the_circuit_opened_says_nothing_new(town: Town) -> None:
    town.receivers.answer = lambda _target, name: HANG if int(name.split("-")[1]) < 3 else FAILED
    target = await town.add(concurrency=4)
    await town.house.place(numbers(20))
    await town.tell()
    assert len(town.receivers.told) == 8
    town.receivers.time_out()
    await town.tell()
    town.house.clock.advance(7 * SECOND)
    await town.tell()
    assert len(town.receivers.told) == 9
    assert town.couriers[target.id].is_broken


async def test_what_failed_comes_at_once_when_the_receiver_is_back(town: Town) -> None:
    target = await town.add(concurrency=1)
    await town.house.place(numbers(301))
    await town.house.store.transact(lambda tx: tx.save_lanes([late_lane(target, position) for position in range(250)]))
    town.receivers.answer = fails
    await town.tell()
    assert town.couriers[target.id].is_broken
    town.receivers.answer = takes
    town.house.clock.advance(7 * SECOND)
    await town.tell()
    assert await town.waiting() == (0, 1)
    assert [lane.parked for lane in await town.lanes(target.id)] == [True]


def late_lane(target: Target, position: int) -> Lane:
    """A lane that was tried for long; the first one is parked."""
    times = array("q", [1]).tobytes()
    return Lane(target.id, 300_000_000, 0, position, b"\x01", times, 12, 1, 2**60, parked=not position)


async def test_an_old_probe_says_nothing_of_a_circuit_that_has_opened_anew(town: Town) -> None:
    circuit = Circuit(town.house.random.random)
    for _ in range(FAILURES_THAT_OPEN):
        circuit.fail(0, probe=circuit.begin())
    old = circuit.begin()
    circuit.succeed()
    for _ in range(FAILURES_THAT_OPEN):
        circuit.fail(0, probe=circuit.begin())
    new = circuit.begin()
    circuit.fail(1, probe=old)
    assert circuit.wait_s(1) is None
    circuit.fail(1, probe=new)
    assert circuit.wait_s(1) is not None


async def test_a_clock_that_is_set_back_does_not_put_off_a_probe(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.receivers.answer = fails
    await town.add(concurrency=1)
    await town.house.place(numbers(10))
    await town.tell()
    monkeypatch.setattr(town.house.clock, "now", lambda: town.house.clock.ms - HOUR)
    town.house.clock.advance(7 * SECOND)
    await town.tell()
    assert len(town.receivers.told) == 6


async def test_a_receiver_that_is_down_costs_nothing_between_probes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.receivers.answer = fails
    target = await town.add(concurrency=1)
    await town.house.place(numbers(10))
    await town.tell()

    async def transact(_work: Any) -> Any:
        raise AssertionError("nothing can be told now")

    monkeypatch.setattr(town.house.store, "transact", transact)
    town.couriers[target.id].ring()
    await town.couriers[target.id].step()


async def test_a_new_address_is_tried_at_once(town: Town) -> None:
    town.receivers.answer = fails
    target = await town.add(concurrency=1)
    await town.house.place(numbers(10))
    await town.tell()
    town.receivers.answer = takes
    town.couriers[target.id].change(replace(target, url="https://elsewhere.example/"))
    await town.tell()
    assert [told.answer for told in town.receivers.told] == [FAILED] * 5 + [OK] * 10


# nobody waits for anybody else


async def test_a_receiver_that_hangs_holds_up_nobody_else(town: Town) -> None:
    slow, good = await town.add(concurrency=2), await town.add(concurrency=2)
    town.receivers.answer = lambda target, _name: HANG if target == slow.id else OK
    order_id = await town.house.place(numbers(5_000))
    await town.tell()
    assert len(town.receivers.events(good.id)) == 5_000
    assert len(town.receivers.events(slow.id)) == 2
    assert town.couriers[slow.id]._held <= 3_000
    assert town.house.told.delivered == 0
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    assert len(town.receivers.events(good.id)) > 5_000


async def test_a_message_that_is_never_taken_holds_up_only_itself(town: Town) -> None:
    town.receivers.answer = lambda _target, name: FAILED if name.split("-")[1] == "0" else OK
    await town.add(concurrency=1)
    order_id = await town.house.place(numbers(50))
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    taken = [told.event_id for told in town.receivers.told if told.answer == OK]
    assert taken[:49] == ids(order_id, [ACCEPTED], range(1, 50))
    assert not [told for told in town.receivers.told if told.event_id in ids(order_id, [DELIVERED])]


async def test_no_more_are_begun_than_the_pace_allows(town: Town) -> None:
    await town.add(concurrency=50, per_second=10)
    await town.house.place(numbers(100))
    begun = []
    for _ in range(400):
        await town.tell()
        begun.append(len(town.receivers.told))
        town.house.clock.advance(10)
    assert begun[-1] >= 39
    for earlier, later in zip(begun, begun[100:], strict=False):
        assert later - earlier <= 11


async def test_no_more_are_under_way_than_may_be(town: Town) -> None:
    target = await town.add(concurrency=3)
    town.receivers.answer = lambda _target, _name: HANG
    await town.house.place(numbers(10))
    await town.tell()
    assert town.receivers.hanging[target.id] == 3
