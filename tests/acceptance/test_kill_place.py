"""Promise 3: once send-sms has answered 200 the order is kept; before that it is kept whole or not at all."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from teslimat.carriers.simulator.script import Script
from teslimat_client.client import ApiError
from tests.acceptance.processes import CREDITS, Carrying, Serve, adds_up, installed, recipients, served

MESSAGES = 5_000
DUPLICATE = 451
KILLED_AFTER_S = [0, 0.005, 0.01, 0.02]
"""From before the request is read to after it is answered, on most machines."""


async def test_an_order_accepted_while_the_carrier_is_away_survives_a_kill(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with Carrying(Script()) as away:
        pass
    async with installed(tmp_path) as installation:
        await installation.add_carrier(away.port)
        serve = await installation.start()
        order_id = await serve.send(numbers)
        await serve.kill()
        async with away as carrier:
            serve = await installation.start()
            await carrier.until(lambda seen: seen.receipts_acknowledged == MESSAGES)
            report = await serve.report(order_id)
            assert (report.delivered, report.waiting) == (MESSAGES, 0)
            assert (carrier.stats.messages, carrier.stats.copies, installation.uncertain()) == (MESSAGES, 0, 0)


async def test_an_order_is_kept_if_the_kill_comes_with_its_answer(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, Script()) as (installation, carrier):
        serve = await installation.start(uncertain_grace_seconds=0.3)
        order_id = await serve.send(numbers)
        await serve.kill()
        serve = await installation.start(uncertain_grace_seconds=0.3)
        report = await adds_up(serve, order_id, numbers)
        assert report.delivered == carrier.stats.messages == MESSAGES
        assert carrier.stats.copies <= installation.uncertain()


async def test_a_kill_while_an_order_is_placed_leaves_it_whole_or_nothing_of_it(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with installed(tmp_path) as installation:
        for attempt, seconds in enumerate(KILLED_AFTER_S):
            text = f"Merhaba {attempt}"
            serve = await installation.start()
            sending = asyncio.create_task(serve.send(numbers, text))
            answered, _ = await asyncio.wait([sending], timeout=seconds)
            await serve.kill()
            if not answered:
                await asyncio.wait([sending])
                sending.exception()

            serve = await installation.start()
            before = (await serve.orders()).count
            placed_now = await is_placed_now(serve, numbers, text)
            assert before == attempt + (not placed_now)
            assert not (answered and placed_now)
            orders = await serve.orders()
            assert orders.count == attempt + 1
            assert {order.total for order in orders.orders} == {MESSAGES}
            assert await serve.balance() == CREDITS - MESSAGES * orders.count
            for order in orders.orders:
                assert len(await serve.rows(str(order.id))) == MESSAGES
            await serve.kill()


async def is_placed_now(serve: Serve, numbers: Sequence[str], text: str) -> bool:
    """Send it again, as a client does that got no answer; False if it is known already."""
    try:
        await serve.send(numbers, text)
    except ApiError as refusal:
        if refusal.code != DUPLICATE:
            raise
        return False
    return True
