"""A clean stop leaves no uncertain message, whatever is under way."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.stats import Stats
from tests.acceptance.processes import Carrying, adds_up, installed, recipients, served

MESSAGES = 3_000


@dataclass(frozen=True)
class Stop:
    """When the gateway is told to stop, and what carrier it has."""

    when: Callable[[Stats], bool]
    script: Script = field(default_factory=Script)
    window: int = 500
    how: signal.Signals = signal.SIGTERM


STOPS = {
    "at the first message": Stop(lambda seen: seen.messages >= 1),
    "in the middle": Stop(lambda seen: seen.messages >= 1_500, Script(answer_delay=0.02, delay=0.5), window=100),
    "in the middle, by Ctrl-C": Stop(
        lambda seen: seen.messages >= 1_500, Script(answer_delay=0.02), window=100, how=signal.SIGINT
    ),
    "while a thousand answers are withheld": Stop(
        lambda seen: seen.messages >= 1_200, Script(answer_delay=0.5), window=1_000
    ),
    "while receipts flow": Stop(
        lambda seen: seen.receipts_acknowledged >= 1_000,
        Script(answer_delay=0.02, undelivered=0.2, jitter=0.1),
        window=100,
    ),
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
async def test_a_stop_in_the_middle_leaves_none_uncertain(tmp_path: Path, stop: Stop) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, stop.script, window=stop.window) as (installation, carrier):
        serve = await installation.start()
        order_id = await serve.send(numbers)
        await carrier.until(stop.when)
        assert await serve.stop(stop.how) == 0
        seen = carrier.stats.messages
        assert seen < MESSAGES
        assert carrier.stats.connections == 0
        assert installation.submitting() == 0

        serve = await installation.start()
        await adds_up(serve, order_id, numbers)
        assert (carrier.stats.messages, carrier.stats.copies, installation.uncertain()) == (MESSAGES, 0, 0)
        assert "the last run left uncertain messages" not in {event["event"] for event in serve.events()}


async def test_a_stop_takes_back_what_waits_for_a_slow_carrier(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, Script(), window=10) as (installation, carrier):
        serve = await installation.start()
        await serve.send(numbers)
        await carrier.until(lambda seen: seen.messages >= 100)
        assert await serve.stop() == 0
        assert installation.submitting() == 0
        assert carrier.stats.receipts_acknowledged <= carrier.stats.messages < MESSAGES


async def test_it_stops_with_orders_that_wait_for_a_carrier_that_is_away(tmp_path: Path) -> None:
    numbers = recipients(100)
    async with Carrying(Script()) as away:
        pass
    async with installed(tmp_path) as installation:
        await installation.add_carrier(away.port)
        serve = await installation.start()
        order_id = await serve.send(numbers)
        assert await serve.stop() == 0
        assert installation.submitting() == 0
        serve = await installation.start()
        assert (await serve.report(order_id)).waiting == len(numbers)


async def test_it_stops_while_the_carrier_goes_away(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, Script(delay=0.2)) as (installation, carrier):
        serve = await installation.start(uncertain_grace_seconds=0)
        order_id = await serve.send(numbers)
        await carrier.until(lambda seen: seen.messages >= 1_000)
        await carrier.simulator.stop()
        assert await serve.stop() == 0

        await carrier.simulator.start("127.0.0.1", carrier.port)
        serve = await installation.start(uncertain_grace_seconds=0)
        await adds_up(serve, order_id, numbers)
        assert carrier.stats.messages == MESSAGES
        assert carrier.stats.copies <= installation.uncertain()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_idle(tmp_path: Path, how: signal.Signals) -> None:
    async with served(tmp_path, Script()) as (installation, carrier):
        serve = await installation.start()
        await carrier.until(lambda seen: seen.binds == 1)
        assert await serve.stop(how) == 0
        assert carrier.stats.connections == 0


async def test_it_stops_without_any_carrier(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        serve = await installation.start()
        assert await serve.stop() == 0
