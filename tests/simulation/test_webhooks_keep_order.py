"""Whatever fails and whenever the process dies: nothing is lost, and each message's news come in their order."""

import asyncio
import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teslimat.core import states
from teslimat.core.news import Event, event_id
from teslimat.flows.cancel import cancel
from teslimat.flows.expire import expire
from teslimat.flows.replay import replay_order, replay_parked, replay_span
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import (
    ACCEPTED,
    DELIVERED,
    FAILED,
    HANG,
    OK,
    UNDELIVERED,
    Receivers,
    Replay,
    Town,
    ids,
)

STEP = st.one_of(
    st.tuples(st.just("place"), st.integers(1, 3)),
    st.tuples(st.just("end"), st.sampled_from([states.DELIVERED, states.UNDELIVERED])),
    st.tuples(st.just("expire"), st.just(0)),
    st.tuples(st.just("tell"), st.sampled_from([1, 1, 2, 3, 100])),
    st.tuples(st.just("time out"), st.just(0)),
    st.tuples(st.just("crash"), st.just(0)),
    st.tuples(st.just("pass"), st.sampled_from([1_000, 15_000, 3_600_000, DAY])),
)
REPLAY = st.tuples(st.sampled_from(["replay", "replay all", "replay parked"]), st.integers(0, 5))
ANSWERS = st.sampled_from([(OK, FAILED), (OK, OK, FAILED, HANG), (FAILED,)])
SEED = st.integers(0, 2**32)
LIVES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Steps = list[tuple[str, int]]


@LIVES
@given(steps=st.lists(STEP, min_size=3, max_size=40), seed=SEED, answers=ANSWERS)
def test_nothing_is_lost_and_no_final_comes_first(steps: Steps, seed: int, answers: tuple[int, ...]) -> None:
    town, orders = asyncio.run(life(steps, seed, answers))
    check_order(town)
    assert orders


@LIVES
@given(steps=st.lists(STEP | REPLAY, min_size=3, max_size=40), seed=SEED, answers=ANSWERS)
def test_nothing_is_lost_either_where_it_is_told_again(steps: Steps, seed: int, answers: tuple[int, ...]) -> None:
    town, _ = asyncio.run(life(steps, seed, answers))
    check_order_after_replays(town)


async def life(steps: Steps, seed: int, answers: tuple[int, ...]) -> tuple[Town, list[int]]:
    """Live through these steps, and then through a week in which the receiver takes everything."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(await House(Path(folder) / "house.db", seed=seed).open(), Receivers())
        chance = Random(seed)
        town.receivers.answer = lambda _target, _name: chance.choice(answers)
        await town.add(concurrency=3)
        orders = [await town.house.place(["kimse", *numbers(1)], "ilk")]
        for step, value in steps:
            await take(town, orders, step, value)
        town.receivers.answer = lambda _target, _name: OK
        await town.crash()
        for _ in range(30):
            town.house.clock.advance(7 * 3_600_000)
            await town.tell()
        await check_all_told(town, orders)
        await town.house.close()
    return town, orders


async def take(town: Town, orders: list[int], step: str, value: int) -> None:
    house = town.house
    if step == "place":
        orders.append(await house.place(["kimse", *numbers(value)], f"metin {len(orders)}"))
    elif step == "end":
        await town.finish(orders[-1], value)
    elif step == "expire":
        house.clock.advance(3 * DAY)
        await expire(house.store, house.clock)
    elif step == "tell":
        await town.tell(turns=value)
    elif step == "time out":
        town.receivers.time_out()
    elif step == "crash":
        await town.crash()
    elif step == "replay":
        remember_replay(town)
        await replay_order(house.store, house.clock, 1, orders[value % len(orders)])
    elif step == "replay all":
        remember_replay(town)
        await replay_span(house.store, house.clock, 1, 0, house.clock.now() + 1)
    elif step == "replay parked":
        await replay_parked(house.store, house.clock, 1)
    else:
        house.clock.advance(value)


def check_order(town: Town) -> None:
    taken: set[str] = set()
    posted: set[str] = set()
    for post in town.receivers.told:
        accepted, *finals = (f"{post.message}-{event.word}" for event in Event)
        if post.event == "accepted":
            assert posted.isdisjoint(finals), "accepted came after its final"
        elif not post.message.endswith("-0"):
            assert accepted in taken, "a final came before its accepted was taken"
        posted.add(post.event_id)
        if post.answer == OK:
            taken.add(post.event_id)


def remember_replay(town: Town) -> None:
    town.replays.append(Replay(len(town.receivers.told), town.open_messages()))


def check_order_after_replays(town: Town) -> None:
    """What is posted after a replay comes in the order of happening, but for what was open when it was asked for."""
    told = town.receivers.told
    ends = [*(replay.told for replay in town.replays), len(told)]
    for replay, end in zip([Replay(0, frozenset()), *town.replays], ends, strict=True):
        newest: dict[str, int] = {}
        may_start_over = set(replay.open)
        owed: set[str] = set()
        for post in told[replay.told : end]:
            event = Event[post.event.upper()]
            if event < newest.get(post.message, 0):
                assert post.message in may_start_over, "an event came after one that happened later"
                may_start_over.remove(post.message)
            assert event == ACCEPTED or post.message not in owed, "a final came before its accepted was taken"
            newest[post.message] = event
            if event == ACCEPTED and post.answer != OK:
                owed.add(post.message)
            else:
                owed.discard(post.message)


async def check_all_told(town: Town, orders: list[int]) -> None:
    parked = {event_id(lane.key, event) for lane in await town.lanes(1) if lane.parked for event in lane.events}
    taken = {post.event_id for post in town.receivers.told if post.answer == OK}
    assert await town.waiting() == (0, len(parked))
    bodies: dict[str, bytes] = {}
    for post in town.receivers.told:
        assert bodies.setdefault(post.event_id, post.body) == post.body
    happened = set()
    for order_id in orders:
        for position, state in enumerate(await town.house.states(order_id)):
            final = {states.DELIVERED: [DELIVERED], states.UNDELIVERED: [UNDELIVERED]}.get(state, [])
            happened |= set(ids(order_id, [ACCEPTED, *final] if position else final, [position]))
    assert taken | parked == happened


async def test_a_final_waits_until_accepted_was_taken(tmp_path: Path) -> None:
    town = Town(await House(tmp_path / "house.db").open(), Receivers(lambda _target, _name: FAILED))
    target = await town.add()
    order_id = await town.house.place(numbers(1))
    await town.tell()
    await town.finish(order_id, states.DELIVERED)
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED])
    (lane,) = await town.lanes(target.id)
    assert lane.events == bytes([ACCEPTED, DELIVERED])

    town.receivers.answer = lambda _target, _name: OK
    town.house.clock.advance(12_000)
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED, ACCEPTED, DELIVERED])
    assert await town.lanes(target.id) == []


async def test_a_final_that_waited_behind_one_under_way_waits_in_its_lane_too(tmp_path: Path) -> None:
    town = Town(await House(tmp_path / "house.db").open(), Receivers(lambda _target, _name: HANG))
    target = await town.add()
    order_id = await town.house.place(numbers(2))
    await town.tell()
    await town.finish(order_id, states.DELIVERED)
    town.receivers.answer = lambda _target, _name: OK
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED], [0, 1])
    town.receivers.time_out()
    await town.tell()
    assert [lane.events for lane in await town.lanes(target.id)] == [bytes([ACCEPTED, DELIVERED])] * 2


async def test_what_was_under_way_when_the_process_died_is_told_again_under_the_same_name(tmp_path: Path) -> None:
    town = Town(await House(tmp_path / "house.db").open(), Receivers())
    await town.add()
    order_id = await town.house.place(numbers(3))
    await town.tell(turns=1)
    assert sorted(town.receivers.events()) == ids(order_id, [ACCEPTED], range(3))
    await town.crash()
    await town.tell()
    assert sorted(town.receivers.events()) == sorted(2 * ids(order_id, [ACCEPTED], range(3)))
    assert await town.waiting() == (0, 0)


async def test_a_cancel_comes_after_its_accepted(tmp_path: Path) -> None:
    town = Town(await House(tmp_path / "house.db").open(), Receivers())
    await town.add()
    house = town.house
    order_id = await house.place(numbers(1), send_at=house.clock.now() + DAY)
    await cancel(house.store, house.clock, house.account_id, order_id)
    await town.tell()
    assert town.receivers.events() == ids(order_id, [ACCEPTED, UNDELIVERED])
