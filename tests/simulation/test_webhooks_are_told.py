"""Every change of a message's state is told to every target of its account, with the documented body."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace

from teslimat.core import states
from teslimat.core.model import BlockKey
from teslimat.core.news import event_id
from teslimat.core.ports import StoreUnavailable, Transaction
from teslimat.flows import wording
from teslimat.flows.cancel import cancel
from teslimat.flows.expire import expire
from teslimat_client.contract.webhooks import Webhook
from tests.simulation.house import DAY, House, numbers
from tests.simulation.receivers import ACCEPTED, DELIVERED, FAILED, OK, UNDELIVERED, Receivers, Town, ids


async def a_town(folder: Path, receivers: Receivers | None = None) -> Town:
    return Town(await House(folder / "house.db").open(), receivers or Receivers())


async def test_a_message_is_told_of_when_it_is_accepted_and_when_it_has_ended(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    await town.add()
    accepted_at = town.house.clock.now()
    order_id = await town.house.place(["0530 000 00 01"], "Merhaba")
    await town.tell()
    town.house.clock.advance(1_000)
    await town.finish(order_id, states.DELIVERED)
    await town.tell()

    accepted, delivered = town.receivers.told
    assert [accepted.event_id, delivered.event_id] == ids(order_id, [ACCEPTED, DELIVERED])
    assert [accepted.event_at, delivered.event_at] == [accepted_at, accepted_at + 1_000]
    assert accepted.report == {
        "id": 1,
        "packet_id": order_id,
        "status": "accepted",
        "to": "+905300000001",
        "body": "Merhaba",
    }
    # What the client's contract reads is all there is, in this order.
    assert msgspec.json.encode(msgspec.json.decode(accepted.body, type=Webhook)) == accepted.body
    assert delivered.report == {**accepted.report, "status": "delivered"}
    assert await town.waiting() == (0, 0)
    assert [(row.event, row.attempt, row.status) for row in await town.log(1)] == [
        (ACCEPTED, 1, OK),
        (DELIVERED, 1, OK),
    ]


async def test_who_is_refused_at_acceptance_is_undelivered_and_was_never_accepted(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    await town.add(concurrency=1)
    order_id = await town.house.place(["0530 000 00 01", "kimse"])
    await town.tell()
    assert town.receivers.events() == [*ids(order_id, [ACCEPTED]), *ids(order_id, [UNDELIVERED], [1])]
    assert town.receivers.told[1].report["to"] == "kimse"


async def test_each_has_its_own_text_and_its_own_id_beyond_the_first_block(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    await town.add(concurrency=50)
    order_id = await town.house.place(numbers(1_500), "bir", more=[("iki", numbers(2, first=5_000))])
    await town.tell()
    told = {told.event_id: told.report for told in town.receivers.told}
    assert len(told) == 1_502
    assert [told[name]["body"] for name in ids(order_id, [ACCEPTED], [0, 1_499, 1_500, 1_501])] == [
        "bir", "bir", "iki", "iki",
    ]  # fmt: skip
    assert [told[name]["id"] for name in ids(order_id, [ACCEPTED], range(1_502))] == list(range(1, 1_503))


async def test_cancelled_and_expired_messages_are_undelivered(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    await town.add()
    house = town.house
    cancelled = await house.place(numbers(1), "bir", send_at=house.clock.now() + DAY)
    expired = await house.place(numbers(1), "iki")
    await cancel(house.store, house.clock, house.account_id, cancelled)
    house.clock.advance(4 * DAY)
    await expire(house.store, house.clock)
    await town.tell()
    for order_id in (cancelled, expired):
        told = [told.event_id for told in town.receivers.told if told.report["packet_id"] == order_id]
        assert told == ids(order_id, [ACCEPTED, UNDELIVERED])


async def test_all_targets_of_the_account_are_told_and_nobody_else(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    other = await town.house.open_account("other")
    first, second, foreign = await town.add(), await town.add(), await town.add(account_id=other)
    order_id = await town.house.place(numbers(1))
    await town.tell()
    for target in (first, second):
        assert town.receivers.events(target.id) == ids(order_id, [ACCEPTED])
    assert town.receivers.events(foreign.id) == []


async def test_a_target_that_is_off_hears_nothing_of_what_happens_meanwhile(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    target = await town.add()
    off = replace(target, enabled=False)
    await town.house.store.transact(lambda tx: tx.update_target(off))
    await town.house.place(numbers(1))
    await town.house.store.transact(lambda tx: tx.update_target(target))
    await town.tell()
    assert town.receivers.told == []


async def test_an_answer_that_is_no_2xx_is_a_failure(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    answers = {"0": 204, "1": 301, "2": 404, "3": 299}
    town.receivers.answer = lambda _, name: answers[name.split("-")[1]]
    target = await town.add()
    order_id = await town.house.place(numbers(4))
    await town.tell()
    assert [lane.position for lane in await town.lanes(target.id)] == [1, 2]
    assert await town.waiting() == (2, 0)
    assert event_id((order_id, 0, 1), ACCEPTED) in town.receivers.events()


async def test_more_than_is_held_in_memory_is_told_all_the_same(tmp_path: Path) -> None:
    town = await a_town(tmp_path)
    target = await town.add(concurrency=100)
    order_id = await town.house.place(numbers(6_000))
    courier = town.couriers[target.id]
    await courier.step()
    assert courier._held <= 3_000
    await town.tell()
    assert sorted(town.receivers.events()) == sorted(ids(order_id, [ACCEPTED], range(6_000)))


async def test_a_failure_shows_in_the_log_with_what_it_was(tmp_path: Path) -> None:
    town = await a_town(tmp_path, Receivers(lambda _target, _name: 0))
    target = await town.add()
    await town.house.place(numbers(1))
    await town.tell()
    town.receivers.answer = lambda _target, _name: FAILED
    town.house.clock.advance(20_000)
    await town.tell()
    log = [(row.attempt, row.status, row.duration_ms, row.error) for row in await town.log(target.id)]
    assert log == [(1, 0, 7, "connection refused"), (2, FAILED, 7, "")]


async def test_an_order_whose_commit_failed_is_never_told_in_the_place_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await a_town(tmp_path)
    target = await town.add()
    store, courier = town.house.store, town.couriers[target.id]
    whole = store._commit

    def full() -> None:
        monkeypatch.setattr(store, "_commit", whole)
        raise sqlite3.OperationalError("database or disk is full")

    async def with_courier(work: Any) -> Any:
        """The courier's transaction is in the same commit, behind the order."""
        monkeypatch.undo()
        monkeypatch.setattr(store, "_commit", full)
        telling.append(asyncio.create_task(courier.step()))
        return await store.transact(work)

    telling: list[asyncio.Task[None]] = []
    monkeypatch.setattr(store, "transact", with_courier)
    with pytest.raises(StoreUnavailable):
        await town.house.place(["0530 000 00 01"], "gizli")
    with pytest.raises(StoreUnavailable):
        await telling[0]
    order_id = await town.house.place(["0530 000 00 02"], "yeni")
    await town.tell()
    (told,) = town.receivers.told
    assert told.report == {
        "id": 1, "packet_id": order_id, "status": "accepted", "to": "+905300000002", "body": "yeni",
    }  # fmt: skip


async def test_blocks_are_read_a_few_at_a_time_and_all_of_them_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await a_town(tmp_path)
    target = await town.add(concurrency=50)
    for i in range(40):
        await town.house.place(numbers(1), f"metin {i}")
    reads: list[int] = []
    whole = wording._read

    async def read(*arguments: Any) -> Any:
        reads.append(1)
        return await whole(*arguments)

    monkeypatch.setattr(wording, "_read", read)
    town.receivers.answer = lambda _target, _name: FAILED
    await town.couriers[target.id].step()
    assert len(reads) == 16
    await town.tell()
    reads.clear()
    town.restart()
    town.house.clock.advance(20_000)
    town.receivers.answer = lambda _target, _name: OK
    town.receivers.told.clear()
    await town.couriers[target.id].step()
    assert len(reads) == 16
    await town.tell()
    assert len(town.receivers.told) == 40


def test_the_blocks_that_were_used_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(_tx: object, key: BlockKey) -> Any:
        reads.append(key)
        return key

    async def use(*keys: int) -> None:
        for key in keys:
            reading = known.reading()
            await reading.of(cast("Transaction", None), (key, 0))
            known.keep(reading)

    monkeypatch.setattr(wording, "_read", read)
    reads: list[BlockKey] = []
    known = wording.Wording()
    asyncio.run(use(*range(64), 0, 64, 0, 65, 0))
    assert reads == [(key, 0) for key in range(66)]
