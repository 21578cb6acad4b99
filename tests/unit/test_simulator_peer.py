"""The simulator seen by an independent ESME: smpp34, which shares no code with ours."""

import asyncio

import smpp34

from teslimat.carriers.simulator.outcomes import Outcomes
from teslimat.carriers.simulator.script import Script
from teslimat.smpp.status import Status
from tests.unit.scripted_esme import HOST, NUMBER_OF, ORDINARY, simulator_port


async def test_an_independent_esme_reads_the_answers_and_receipts_of_a_campaign() -> None:
    numbers = [str(ORDINARY + i) for i in range(200)]
    outcomes = Outcomes(seed=3, undelivered=0.3)
    async with simulator_port(Script(seed=3, undelivered=0.3)) as (smsc, port):
        client = smpp34.Client(HOST, port, "acme", "secret", bind_type="TRX", window_size=50)
        session = await client.connect()
        answers = await asyncio.gather(
            *[session.submit_sm(n, b"hello", source_addr="ACME", registered_delivery=1) for n in numbers]
        )
        number_of = {answer.message_id: number for answer, number in zip(answers, numbers, strict=True)}
        failed = set()
        for _ in numbers:
            receipt = await asyncio.wait_for(session.next(), 10)
            text = receipt.short_message.decode()
            assert number_of.pop(text[3 : text.index(" ")]) == receipt.source_addr
            if " stat:DELIVRD " not in text:
                failed.add(receipt.source_addr)
        assert failed == {number for number in numbers if outcomes.of(number).name != "delivered"}
        await session.unbind()
        await client.stop()
        assert smsc.stats().messages == 200


async def test_an_independent_esme_reads_a_refusal() -> None:
    async with simulator_port(Script()) as (_, port):
        client = smpp34.Client(HOST, port, "acme", "secret", bind_type="TX")
        session = await client.connect()
        answer = await session.submit_sm(NUMBER_OF["throttled"], b"hello", source_addr="ACME")
        assert (answer.is_success, answer.command_status) == (False, Status.ESME_RTHROTTLED)
        await session.unbind()
        await client.stop()
