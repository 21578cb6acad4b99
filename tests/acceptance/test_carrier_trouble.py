"""Whatever a carrier does, every recipient ends as it said; over TCP, with a gateway that is a process."""

from pathlib import Path

import pytest

from teslimat.carriers.simulator.receipts import IdForm, ReceiptForm
from teslimat.carriers.simulator.script import Script
from tests.acceptance.processes import (
    WIRE_DELIVERED,
    Carrying,
    adds_up,
    installed,
    recipients,
    served,
)

MESSAGES = 2_000
GRACE_S = 0.3
TROUBLES = {
    "early, late, duplicate and contradicting receipts in any order": Script(
        undelivered=0.1,
        shares={
            "early-receipt": 0.1,
            "late-receipt": 0.1,
            "two-receipts": 0.1,
            "delivered-then-not": 0.1,
            "failed-then-delivered": 0.1,
            "enroute-first": 0.05,
            "enroute-last": 0.05,
            "tlv-receipt": 0.05,
            "text-receipt": 0.05,
        },
        late=0.2,
        jitter=0.1,
        reorder=True,
    ),
    "ids in hex in answers and in decimal in receipts": Script(
        answer_ids=IdForm.HEX, shares={"early-receipt": 0.1}, late=0.2
    ),
    "ids in decimal in answers and in hex in receipts": Script(receipt_ids=IdForm.UPPER_HEX, delay=0.1),
    "receipts as text, ten at a time": Script(receipt_form=ReceiptForm.TEXT, receipt_window=10, undelivered=0.3),
    "messages refused and put off": Script(
        shares={"queue-full": 0.05, "throttled": 0.001, "submit-failed": 0.1, "number-refused": 0.1}
    ),
}


@pytest.mark.parametrize("script", TROUBLES.values(), ids=TROUBLES)
async def test_every_recipient_ends_as_the_carrier_said(tmp_path: Path, script: Script) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, script) as (installation, carrier):
        serve = await installation.start(uncertain_grace_seconds=GRACE_S)
        order_id = await serve.send(numbers)
        await adds_up(serve, order_id, numbers)
        assert await serve.rows(order_id) == carrier.predicts(numbers)
        assert (carrier.stats.copies, installation.uncertain()) == (0, 0)


@pytest.mark.parametrize(
    "script",
    [
        Script(disconnect_every=700, undelivered=0.1),
        Script(disconnect_every=700, delay=1, answer_ids=IdForm.HEX),
        Script(shares={"taken-hang-up": 0.001, "not-taken-hang-up": 0.001}),
    ],
    ids=["with receipts at once", "with receipts after the grace", "instead of answers"],
)
async def test_a_carrier_that_hangs_up_costs_no_message(tmp_path: Path, script: Script) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, script, binds=4) as (installation, carrier):
        serve = await installation.start(uncertain_grace_seconds=GRACE_S)
        order_id = await serve.send(numbers)
        await adds_up(serve, order_id, numbers)
        assert await serve.rows(order_id) == carrier.predicts(numbers)
        assert carrier.stats.hang_ups >= 2
        assert carrier.stats.messages == MESSAGES
        uncertain = installation.uncertain()
        assert carrier.stats.copies <= uncertain == await serve.metric("teslimat_uncertain_total")


async def test_orders_are_taken_while_the_carrier_is_away_and_sent_once_it_comes(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with Carrying(Script()) as away:
        pass
    async with installed(tmp_path) as installation:
        await installation.add_carrier(away.port)
        serve = await installation.start()
        order_id = await serve.send(numbers)
        report = await serve.report(order_id)
        assert (report.status, report.waiting) == (113, MESSAGES)
        ready = await serve.ready()
        assert ready["status"] == "ready"
        assert ready["carrier simulator"].startswith("0 of 1 bound")
        assert await serve.metric("teslimat_queue_recipients") == MESSAGES
        async with away as carrier:
            await carrier.until(lambda seen: seen.receipts_acknowledged == MESSAGES)
            report = await serve.report(order_id)
            assert (report.status, report.delivered) == (114, MESSAGES)
            assert (await serve.ready())["carrier simulator"] == "1 of 1 bound"


async def test_receipts_that_a_carrier_kept_while_it_was_away_find_their_messages(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    async with served(tmp_path, Script(delay=0.3, jitter=0.3, undelivered=0.2)) as (installation, carrier):
        serve = await installation.start(uncertain_grace_seconds=GRACE_S)
        order_id = await serve.send(numbers)
        await carrier.until(lambda seen: seen.messages == MESSAGES and seen.receipts_acknowledged >= 100)
        await carrier.simulator.stop()
        kept = carrier.stats.receipts_waiting
        assert kept
        await carrier.simulator.start("127.0.0.1", carrier.port)
        await adds_up(serve, order_id, numbers)
        assert await serve.rows(order_id) == carrier.predicts(numbers)
        assert carrier.stats.receipts_acknowledged == MESSAGES
        assert (carrier.stats.copies, installation.uncertain()) == (0, 0)


async def test_an_order_goes_on_with_another_carrier_when_its_own_is_removed(tmp_path: Path) -> None:
    numbers = recipients(MESSAGES)
    slow = Script(answer_delay=0.05, delay=0.3)
    async with Carrying(slow) as leaving, served(tmp_path, Script()) as (installation, staying):
        await installation.add_carrier(leaving.port, window=10, name="leaving")
        serve = await installation.start(uncertain_grace_seconds=0)
        order_id = await serve.send(numbers)
        await leaving.until(lambda seen: seen.messages >= 20)
        await installation.remove_carrier("leaving")
        gone = await leaving.until(lambda seen: seen.connections == 0)
        others = MESSAGES - gone.messages
        await staying.until(lambda seen: seen.receipts_acknowledged == others)
        assert (leaving.stats.copies, staying.stats.copies, installation.uncertain()) == (0, 0, 0)
        # Nobody is there any more to take the receipts that the removed carrier still has.
        report = await serve.report(order_id)
        assert report.waiting == gone.messages - gone.receipts_acknowledged
        assert report.delivered == MESSAGES - report.waiting
        assert list((await serve.rows(order_id)).values()).count(WIRE_DELIVERED) == report.delivered
