"""Couriers come and go with what an operator sets, wake when there is something to tell, and forget in time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core import states
from teslimat.core.news import AttemptRow
from teslimat.core.ports import StoreUnavailable
from teslimat.flows import courier
from teslimat.flows.couriers import Couriers
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import ACCEPTED, DELIVERED, FAILED, HANG, OK, Receivers, Town, ids

LOG_DAYS = 7
PATIENCE_S = 20


class Post(Town):
    """A town whose couriers are started by what the store says, in tasks of their own."""

    def __init__(self, house: House, receivers: Receivers) -> None:
        super().__init__(house, receivers)
        self.post = Couriers(self.telling(), LOG_DAYS)

    async def look(self) -> None:
        self.house.clock.advance(1_000)
        await self.post.step()

    async def tell_landed(self) -> None:
        """Wait until all that was answered is written down."""
        await until(lambda: all(not c._landed and not c._under_way for c, _ in self.post._at_work.values()))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event, and it takes a few turns only
            await asyncio.sleep(0)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Post]:
    town = Post(await House(tmp_path / "house.db").open(), Receivers())
    yield town
    town.receivers.time_out()
    await town.post.stop()
    await town.house.close()
    assert not town.faults


async def test_a_new_target_is_told_once_it_is_seen(town: Post) -> None:
    await town.add()
    order_id = await town.house.place(numbers(2))
    await town.look()
    await until(lambda: len(town.receivers.told) == 2)
    assert sorted(town.receivers.events()) == ids(order_id, [ACCEPTED], [0, 1])


async def test_whoever_is_rung_tells_at_once(town: Post) -> None:
    await town.add()
    await town.look()
    running = asyncio.create_task(town.post.run())
    await town.house.place(numbers(1))
    town.post.ring()
    await until(lambda: len(town.receivers.told) == 1)
    running.cancel()


async def test_a_target_that_is_switched_off_is_told_no_more_and_goes_on_when_it_is_on_again(town: Post) -> None:
    target = await town.add(concurrency=1)
    town.receivers.answer = lambda _target, _name: HANG
    await town.house.place(numbers(3))
    await town.look()
    await until(lambda: len(town.receivers.told) == 1)
    await town.house.store.transact(lambda tx: tx.update_target(replace(target, enabled=False)))
    await town.look()
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.time_out()
    await until(lambda: town.receivers.forgotten == [target.id])
    assert len(town.receivers.told) == 1
    await town.house.store.transact(lambda tx: tx.update_target(target))
    await until(lambda: not town.post._at_work)
    town.house.clock.advance(60_000)
    await town.look()
    await until(lambda: len(town.receivers.told) == 4)


async def test_a_removed_target_is_forgotten_with_what_was_to_be_told(town: Post) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: FAILED
    await town.house.place(numbers(20))
    await town.look()
    await until(lambda: len(town.receivers.told) >= 5)
    await town.house.store.transact(lambda tx: tx.remove_target(target.id))
    await town.look()
    await until(lambda: not town.post._at_work)
    town.house.clock.advance(61_000)
    await town.look()
    assert await town.waiting() == (0, 0)


async def test_a_change_disturbs_nothing_that_is_under_way(town: Post) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, _name: HANG
    await town.house.place(numbers(1))
    await town.look()
    await until(lambda: len(town.receivers.told) == 1)
    changed = replace(target, url="https://new.example/", concurrency=9)
    await town.house.store.transact(lambda tx: tx.update_target(changed))
    await town.look()
    assert town.receivers.forgotten == []
    assert town.post._at_work[target.id].courier.target == changed
    town.receivers.answer = lambda _target, _name: OK
    await town.house.place(numbers(1), "yeni")
    await town.look()
    await until(lambda: len(town.receivers.told) == 2)


async def test_what_was_told_is_forgotten_after_some_days_and_what_was_not_never(town: Post) -> None:
    target = await town.add()
    town.receivers.answer = lambda _target, name: FAILED if name.split("-")[1] == "0" else OK
    order_id = await town.house.place(numbers(2))
    await town.look()
    await until(lambda: len(town.receivers.told) == 2)
    await town.tell_landed()
    town.receivers.answer = lambda _target, _name: HANG
    town.house.clock.advance(LOG_DAYS * DAY)
    await town.look()
    await town.house.place(numbers(1), "yeni")
    assert await town.log(target.id) == []
    assert await town.house.store.transact(lambda tx: tx.news_in(target.id, (order_id, 0))) == []
    assert await town.waiting() == (2, 0)


async def test_much_is_forgotten_a_little_at_a_time(town: Post) -> None:
    target = await town.add(concurrency=100)
    await town.house.place(numbers(1_200))
    await town.look()
    await until(lambda: len(town.receivers.told) == 1_200)
    await town.tell_landed()
    left = []
    town.house.clock.advance(LOG_DAYS * DAY)
    for _ in range(3):
        await town.look()
        left.append(len(await town.log(target.id)))
    assert left == [700, 200, 0]


async def test_attempts_that_were_written_while_the_clock_was_ahead_keep_no_others(town: Post) -> None:
    target = await town.add()
    await town.look()
    now = town.house.clock.now()
    ahead, old = (
        [AttemptRow(target.id, 1, 0, 0, ACCEPTED, 1, at, OK, 1, "")] * 500 for at in (now + 400 * DAY, now - 400 * DAY)
    )
    await town.house.store.transact(lambda tx: tx.insert_attempts([*ahead, *old]))
    town.house.clock.advance(61_000)
    await town.look()
    assert await town.log(target.id) == ahead


@pytest.mark.parametrize("turns", range(6))
async def test_nothing_is_posted_after_a_stop_whenever_it_comes(town: Post, turns: int) -> None:
    await town.add()
    running = asyncio.create_task(town.post.run())
    await until(lambda: len(town.post._at_work) == 1)
    await until(lambda: bool(town.post._bell._waiters))
    town.post.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await town.post.stop()
    await town.house.place(numbers(1))
    town.post.ring()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(running, PATIENCE_S)
    assert town.receivers.told == []
    assert town.post._at_work == {}


async def test_what_waits_is_counted_beside_who_writes_and_not_at_every_question(town: Post, tmp_path: Path) -> None:
    await town.add()
    await town.house.place(numbers(2))
    with closing(sqlite3.connect(tmp_path / "house.db", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        assert (await town.post.figures())["untold"] == 2
    await town.house.place(numbers(3), "yeni")
    assert (await town.post.figures())["untold"] == 2
    town.house.clock.advance(5_000)
    assert (await town.post.figures())["untold"] == 5


async def test_a_stop_waits_for_what_is_under_way_and_writes_it_down(town: Post) -> None:
    await town.add()
    town.receivers.answer = lambda _target, _name: HANG
    await town.house.place(numbers(2))
    await town.look()
    await until(lambda: len(town.receivers.told) == 2)
    stopping = asyncio.create_task(town.post.stop())
    await asyncio.sleep(0)
    town.receivers.time_out()
    await stopping
    assert [row.status for row in await town.log(1)] == [0, 0]
    assert len(await town.lanes(1)) == 2


async def test_a_stop_does_not_wait_for_a_receiver_that_hangs(town: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "_GOODBYE_SECONDS", 0.0)
    await town.add()
    town.receivers.answer = lambda _target, _name: HANG
    await town.house.place(numbers(2))
    await town.look()
    await until(lambda: len(town.receivers.told) == 2)
    await town.post.stop()
    assert await town.waiting() == (2, 0)
    assert await town.lanes(1) == []


async def test_what_could_not_be_written_down_is_written_down_later(
    town: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "_RETRY_SECONDS", 0.0)
    await town.add()
    town.receivers.answer = lambda _target, _name: HANG
    order_id = await town.house.place(numbers(1))
    await town.look()
    await until(lambda: len(town.receivers.told) == 1)
    await town.finish(order_id, states.DELIVERED)
    await town.look()
    whole = town.house.store._commit
    failures = iter([True, True, True])

    def commit() -> None:
        if next(failures, False):
            raise StoreUnavailable("the disk is full")
        whole()

    monkeypatch.setattr(town.house.store, "_commit", commit)
    town.receivers.time_out()
    await until(lambda: not next(failures, False))
    await until(lambda: not town.post._at_work[1].courier._landed)
    assert [lane.events for lane in await town.lanes(1)] == [bytes([ACCEPTED, DELIVERED])]
    assert len(await town.log(1)) == 1


async def test_a_fault_of_a_sender_is_the_gateway_s(tmp_path: Path) -> None:
    def breaks(_target: int, _name: str) -> int:
        raise ZeroDivisionError

    town = Post(await House(tmp_path / "house.db").open(), Receivers(breaks))
    await town.add()
    await town.house.place(numbers(1))
    await town.look()
    await until(lambda: len(town.faults) == 1)
    assert isinstance(town.faults[0], ZeroDivisionError)
    await town.post.stop()
    await town.house.close()
