"""Whatever fails and whenever the process dies: nothing is lost, and each message's news come in their order."""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teslimat.core import states
from teslimat.core.news import event_id
from teslimat.flows.cancel import cancel
from teslimat.flows.expire import expire
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import (
    ACCEPTED,
    DELIVERED,
    FAILED,
    HANG,
    OK,
    UNDELIVERED,
    Receivers,
    Town,
    ids,
)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(1, 3)),
        st.tuples(st.just("end"), st.sampled_from([states.DELIVERED, states.UNDELIVERED])),
        st.tuples(st.just("expire"), st.none()),
        st.tuples(st.just("tell"), st.sampled_from([1, 1, 2, 3, 100])),
        st.tuples(st.just("time out"), st.none()),
        st.tuples(st.just("crash"), st.none()),
        st.tuples(st.just("pass"), st.sampled_from([1_000, 15_000, 3_600_000, DAY])),
    ),
    min_size=3,
    max_size=40,
)
LIVES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@LIVES
@given(
    steps=STEPS, seed=st.integers(0, 2**32), answers=st.sampled_from([(OK, FAILED), (OK, OK, FAILED, HANG), (FAILED,)])
)
def test_nothing_is_lost_and_no_final_comes_first(
    steps: list[tuple[str, int]], seed: int, answers: tuple[int, ...]
) -> None:
    async def life() -> None:
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
            await check(town, orders)
            await town.house.close()

    asyncio.run(life())


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
    else:
        house.clock.advance(value)


async def check(town: Town, orders: list[int]) -> None:
    parked = {event_id(lane.key, event) for lane in await town.lanes(1) if lane.parked for event in lane.events}
    assert await town.waiting() == (0, len(parked))
    told = defaultdict(set)
    for post in town.receivers.told:
        first = post.event == "accepted" or post.message.endswith("-0")
        assert first or OK in told[event_id_of(post.message, "accepted")], "a final came before its accepted"
        finals = told[event_id_of(post.message, "delivered")] | told[event_id_of(post.message, "undelivered")]
        assert post.event != "accepted" or not finals, "accepted came after its final"
        told[post.event_id].add(post.answer)
    for order_id in orders:
        for position, state in enumerate(await town.house.states(order_id)):
            final = {states.DELIVERED: [DELIVERED], states.UNDELIVERED: [UNDELIVERED]}.get(state, [])
            for name in ids(order_id, [ACCEPTED, *final] if position else final, [position]):
                assert (OK in told[name]) != (name in parked), name


def event_id_of(message: str, word: str) -> str:
    return f"{message}-{word}"


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
