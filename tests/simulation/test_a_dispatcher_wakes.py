"""A dispatcher sends what is due though nobody rings: clocks are set, and whoever should have rung may be gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.ports import StoreUnavailable
from teslimat.flows import dispatch
from tests.simulation.house import DAY, House, numbers

# Nothing is waited for by time; this only turns a hang into a failure.
PATIENCE_S = 20


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def sent(house: House) -> int:
    """How much is on its way as soon as anything is, while a dispatcher runs."""
    dispatcher = house.dispatchers[1]
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(PATIENCE_S):
        while not house.link.under_way and not running.done():  # noqa: ASYNC110 - a link has no event for it
            await asyncio.sleep(0)
    dispatcher.stop()
    await running
    return len(house.link.under_way)


async def test_an_order_that_becomes_due_is_sent_though_nobody_rings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a clock that is set forward: it is looked at again and again."""
    monkeypatch.setattr(dispatch, "_LONGEST_WAIT_SECONDS", 0.001)
    await house.place(numbers(2), send_at=house.clock.now() + DAY)
    asyncio.get_running_loop().call_later(0.01, house.clock.advance, DAY)
    assert await sent(house) == 2


async def test_what_became_due_since_the_dispatcher_looked_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_LONGEST_WAIT_SECONDS", 2 * PATIENCE_S)
    await house.place(numbers(2), send_at=house.clock.now() + 1)
    step = dispatch.Dispatcher.step

    async def step_while_time_passes(dispatcher: dispatch.Dispatcher) -> int:
        done = await step(dispatcher)
        house.clock.advance(1)
        return done

    monkeypatch.setattr(dispatch.Dispatcher, "step", step_while_time_passes)
    assert await sent(house) == 2


def test_a_dispatcher_never_waits_longer_than_a_second() -> None:
    assert dispatch._LONGEST_WAIT_SECONDS <= 1


async def test_a_dispatcher_goes_on_when_the_store_can_be_read_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(dispatch, "_LONGEST_WAIT_SECONDS", 0.001)
    failures = [StoreUnavailable("disk I/O error")] * 3

    async def next_due(carrier_id: int, after: int) -> int | None:
        del carrier_id, after
        if failures:
            raise failures.pop()
        house.clock.advance(DAY)
        return None

    monkeypatch.setattr(house.store, "next_due", next_due)
    await house.place(numbers(2), send_at=house.clock.now() + DAY)
    assert await sent(house) == 2
    assert not failures
