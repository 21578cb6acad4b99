"""A commit that fails takes back what everybody read in it: an order that never was leaves nothing behind."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from teslimat.core.ports import StoreUnavailable
from tests.simulation.house import House, numbers


async def test_an_order_whose_commit_failed_is_never_sent_under_the_id_of_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await House(tmp_path / "house.db").open()
    commit = house.store._commit

    def disk_full() -> None:
        monkeypatch.setattr(house.store, "_commit", commit)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(house.store, "_commit", disk_full)
    # More than the carrier takes at once, so that the dispatcher keeps what it knows of them.
    some, others = numbers(60), numbers(60, 100)
    # Both are under way when the commit begins, so they share it.
    placing = asyncio.create_task(house.place(some, "For some alone"))
    dispatching = asyncio.create_task(_when_placed(house))
    results = await asyncio.gather(placing, dispatching, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    assert not house.link.under_way

    await house.place(others, "For others")
    await house.dispatch()
    assert [part.number for part in house.link.under_way] == [int(str(number)) for number in others[:50]]
    assert all(b"For others" in part.payload for part in house.link.under_way)
    await house.close()


async def _when_placed(house: House) -> int:
    """Dispatch as soon as an order waits to be committed."""
    while not house.store._jobs:  # noqa: ASYNC110 - a turn of the loop, not time
        await asyncio.sleep(0)
    return await house.dispatch()
