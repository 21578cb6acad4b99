"""The pool against the simulator: the tables of both ends say the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from scripted_smsc import CARRIER, CLOCK, DEFAULT, FOREVER, KeepingInbox, parts, soon

from teslimat.carriers.pool import Pool
from teslimat.carriers.simulator.outcomes import TABLE, Outcome, Timing
from teslimat.carriers.simulator.receipts import IdForm
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.core.outcomes import Fate
from teslimat.core.states import State
from teslimat.smpp.receipts import MessageState

OPEN = {MessageState.ENROUTE, MessageState.ACCEPTED}


@asynccontextmanager
async def simulated(script: Script) -> AsyncIterator[tuple[Pool, KeepingInbox]]:
    """A bound pool whose carrier is a simulator."""
    simulator = Simulator(script, CLOCK)
    carrier = replace(CARRIER, port=await simulator.start("127.0.0.1", 0), window=100)
    inbox, bell = KeepingInbox(), asyncio.Event()
    faults: list[BaseException] = []
    pool = Pool(carrier, DEFAULT, inbox, CLOCK, lambda: 0.0, bell.set, faults.append)
    pool.start()
    try:
        await bell.wait()
        yield pool, inbox
        assert not faults
    finally:
        await pool.stop(0)
        await simulator.stop()


def says_in_the_end_by_itself(outcome: Outcome) -> bool:
    """Whether one submit is enough for an ending: not tried again, and not ended by the order's expiry."""
    [reply, *others] = outcome.replies
    final = [plan for plan in outcome.receipts if plan.state not in OPEN]
    return not others and reply.timing is Timing.AT_ONCE and (final != [] if reply.taken else reply.status != 0x58)


ENDINGS = {
    905_550_000_000 + digits: outcome.ending
    for digits, outcome in TABLE.items()
    if outcome.ending is not None and says_in_the_end_by_itself(outcome)
}


@pytest.mark.parametrize("number", ENDINGS, ids=lambda number: TABLE[number % 100].name)
async def test_a_special_number_ends_as_the_simulators_table_says(number: int) -> None:
    ending = ENDINGS[number]
    async with simulated(Script(late=0.01)) as (pool, inbox):
        pool.submit([parts(1)[0]._replace(number=number)], FOREVER)
        [answer] = await inbox.next_answers(1)
        if answer.fate == Fate.REFUSED:
            assert (State.UNDELIVERED, answer.reason) == ending
            return
        receipt, token = await soon(inbox.receipts)
        while receipt.outcome == State.SUBMITTED:
            pool.acknowledge([token])
            receipt, token = await soon(inbox.receipts)
        assert (receipt.outcome, receipt.reason) == ending
        assert answer.message_id in receipt.message_ids
        assert (receipt.number, receipt.sender) == (number, "ACME")


@pytest.mark.parametrize("answer_ids", IdForm)
@pytest.mark.parametrize("receipt_ids", IdForm)
async def test_receipts_find_their_answers_however_both_write_the_id(answer_ids: IdForm, receipt_ids: IdForm) -> None:
    async with simulated(Script(answer_ids=answer_ids, receipt_ids=receipt_ids)) as (pool, inbox):
        pool.submit(parts(20), FOREVER)
        answers = {answer.message_id for answer in await inbox.next_answers(20)}
        for _ in range(20):
            receipt, _ = await soon(inbox.receipts)
            assert len(answers & set(receipt.message_ids)) == 1
