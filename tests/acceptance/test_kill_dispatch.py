"""Promises 3 and 5: `kill -9` while messages are on their way loses none, and sends none twice in silence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.stats import Stats
from tests.acceptance.processes import (
    CREDITS,
    FIRST_NUMBER,
    Installation,
    Serve,
    adds_up,
    recipients,
    served,
)

MESSAGES = 5_000
GRACE_S = 0.3
ONE_PART = "Merhaba"
TWO_PARTS = "Merhaba " * 30
FICKLE = {
    "two-receipts": 0.05,
    "early-receipt": 0.05,
    "failed-then-delivered": 0.05,
    "delivered-then-not": 0.05,
    "enroute-first": 0.05,
    "queue-full": 0.01,
}


@dataclass(frozen=True)
class Kill:
    """When the gateway is killed, and what carrier it has."""

    when: Callable[[Stats], bool]
    script: Script = field(default_factory=Script)
    window: int = 500
    text: str = ONE_PART
    parts: int = 1
    sends_twice: bool = False
    """Whether there must be copies: answers were missing, and nothing else told of their messages in time."""


def at_least(messages: int) -> Callable[[Stats], bool]:
    return lambda seen: seen.messages >= messages


KILLS = {
    "at the first message": Kill(at_least(1)),
    "in the middle, with receipts at once": Kill(at_least(2_500)),
    "in the middle, with receipts after the grace": Kill(at_least(2_500), Script(delay=2)),
    "while a thousand answers are withheld": Kill(
        at_least(2_000), Script(answer_delay=0.3, delay=6), window=1_000, sends_twice=True
    ),
    "while answers are withheld that receipts have overtaken": Kill(
        at_least(2_000), Script(answer_delay=0.3), window=1_000
    ),
    "while receipts flow": Kill(lambda seen: seen.receipts_acknowledged >= 1_500, Script(undelivered=0.2, jitter=0.5)),
    "while receipts flow that contradict each other": Kill(
        lambda seen: seen.receipts_acknowledged >= 2_500, Script(undelivered=0.1, shares=FICKLE, late=0.3, reorder=True)
    ),
    "between the parts of long messages": Kill(at_least(3_333), Script(delay=2), text=TWO_PARTS, parts=2),
}


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS)
async def test_after_a_kill_everyone_is_sent_the_message_once_unless_it_was_uncertain(
    tmp_path: Path, kill: Kill
) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, kill.script, window=kill.window) as (installation, carrier):
        serve = await start(installation)
        order_id = await serve.send(numbers, kill.text)
        await carrier.until(kill.when)
        await serve.kill()

        serve = await start(installation)
        report = await adds_up(serve, order_id, numbers)
        assert await serve.rows(order_id) == carrier.predicts(numbers)
        assert await serve.balance() == CREDITS - report.delivered * kill.parts
        assert report.price == report.delivered * kill.parts
        uncertain = await uncertain_as_told(installation, serve)
        assert carrier.stats.messages == MESSAGES * kill.parts
        assert kill.sends_twice <= carrier.stats.copies <= uncertain * kill.parts


@pytest.mark.parametrize("seed", range(2))
async def test_however_often_it_is_killed_everyone_is_sent_the_message_once_unless_it_was_uncertain(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    numbers = recipients(MESSAGES, FIRST_NUMBER + seed * MESSAGES)
    script = Script(seed=seed, undelivered=0.1, shares=FICKLE, late=0.2, delay=random.choice([0, 0.5]))
    async with served(tmp_path, script, window=random.choice([50, 500]), binds=2) as (installation, carrier):
        serve = await start(installation)
        order_id = await serve.send(numbers)
        for kill_at in sorted(random.sample(range(1, MESSAGES), 3)):
            await carrier.until(at_least(kill_at))
            await serve.kill()
            serve = await start(installation)
        report = await adds_up(serve, order_id, numbers)
        assert await serve.rows(order_id) == carrier.predicts(numbers)
        assert await serve.balance() == CREDITS - report.delivered
        assert carrier.stats.messages == MESSAGES
        assert carrier.stats.copies <= installation.uncertain()


@pytest.mark.parametrize(
    "kill",
    [
        Kill(at_least(2_500), Script(delay=1)),
        Kill(at_least(2_000), Script(answer_delay=0.3, delay=1), window=1_000),
        Kill(at_least(2_000), Script(answer_delay=0.3), window=1_000),
    ],
    ids=["in the middle", "while answers are withheld", "while answers are withheld that receipts have overtaken"],
)
async def test_nobody_gets_a_commercial_message_twice(tmp_path: Path, kill: Kill) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, kill.script, window=kill.window) as (installation, carrier):
        serve = await start(installation)
        await installation.agree(numbers)
        order_id = await serve.send(numbers, commercial=True)
        await carrier.until(kill.when)
        await serve.kill()

        serve = await start(installation)
        report = await adds_up(serve, order_id, numbers)
        assert report.undelivered == await uncertain_as_told(installation, serve)
        assert await serve.balance() == CREDITS - report.delivered
        assert carrier.stats.copies == 0
        assert report.delivered <= carrier.stats.messages <= MESSAGES


async def start(installation: Installation) -> Serve:
    return await installation.start(uncertain_grace_seconds=GRACE_S)


async def uncertain_as_told(installation: Installation, serve: Serve) -> int:
    """How many messages were uncertain; the orders, the metric and the log say the same."""
    uncertain = installation.uncertain()
    logged = sum(int(str(e["messages"])) for e in serve.events() if e["event"] == "decided about uncertain messages")
    assert uncertain == await serve.metric("teslimat_uncertain_total") == logged
    return uncertain
