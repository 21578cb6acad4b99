"""What the simulator does with messages, over real TCP."""

import asyncio

import pytest

from teslimat.carriers.simulator.outcomes import BY_NAME
from teslimat.carriers.simulator.receipts import IdForm
from teslimat.carriers.simulator.script import Script
from teslimat.smpp.events import Lost
from teslimat.smpp.receipts import parse_receipt
from teslimat.smpp.status import Status
from tests.unit.scripted_esme import NUMBER_OF, ORDINARY, acknowledged, simulator


async def test_messages_are_answered_with_ids_that_differ_and_receipts_name_them() -> None:
    numbers = [str(ORDINARY + i) for i in range(2_000)]
    async with simulator(Script(undelivered=0.25, seed=5)) as (smsc, connect):
        esme = await connect()
        await esme.send(*numbers)
        await esme.until(lambda: len(esme.receipts) == len(numbers))
        ids = {esme.answers[number].message_id: number for number in numbers}
        assert len(ids) == len(numbers)
        outcomes = Script(undelivered=0.25, seed=5).outcomes()
        for receipt in esme.receipts:
            parsed = parse_receipt(receipt)
            assert ids[parsed.message_id] == receipt.source
            assert parsed.state is outcomes.of(receipt.source).receipts[0].state
        await acknowledged(smsc, esme, len(numbers))
        stats = smsc.stats()
        assert (stats.messages, stats.copies, stats.receipts_sent) == (2_000, 0, 2_000)
        assert sum(stats.outcomes.values()) == 2_000
        assert stats.outcomes["delivered"] == sum(outcomes.of(n).name == "delivered" for n in numbers)


async def test_a_message_sent_again_is_a_copy_and_another_text_or_part_is_not() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        number = str(ORDINARY)
        for text in (b"one", b"two", b"one", b"\x05\x00\x03\x01\x02\x01x", b"\x05\x00\x03\x01\x02\x02x", b"one"):
            await esme.send(number, text=text)
        assert (smsc.stats().messages, smsc.stats().copies) == (4, 2)


@pytest.mark.parametrize("name", ["sender-refused", "number-refused", "submit-failed", "vendor-refusal"])
async def test_a_refused_message_gets_its_status_and_no_receipt(name: str) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        await esme.send(NUMBER_OF[name])
        assert esme.status(name) == BY_NAME[name].replies[0].status
        stats = smsc.stats()
        assert (stats.messages, stats.refused, stats.receipts_waiting, stats.receipts_sent) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("name", "status"), [("throttled", Status.ESME_RTHROTTLED), ("queue-full", Status.ESME_RMSGQFUL)]
)
async def test_a_throttled_message_is_taken_at_every_third_try_and_its_refusals_are_no_copies(
    name: str, status: int
) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        for copies in (0, 1):
            seen = []
            for _ in range(3):
                await esme.send(NUMBER_OF[name])
                seen.append(esme.status(name))
            assert seen == [status, status, 0]
            assert (smsc.stats().messages, smsc.stats().copies) == (1, copies)
        await esme.until(lambda: esme.states() == ["DELIVERED"] * 2)
        assert smsc.stats().throttled == 4


@pytest.mark.parametrize(
    "outcome",
    [
        outcome
        for outcome in BY_NAME.values()
        if outcome.replies[0].taken and outcome.receipts and outcome.name != "taken-hang-up"
    ],
    ids=lambda outcome: outcome.name,
)
async def test_each_outcome_sends_its_receipts_in_their_order(outcome: object) -> None:
    async with simulator(Script(late=0.01, reorder=True)) as (smsc, connect):
        esme = await connect()
        esme.submit(NUMBER_OF[outcome.name])
        expected = [plan.state.name for plan in outcome.receipts for _ in range(plan.copies)]
        await esme.until(lambda: len(esme.receipts) == len(expected))
        assert esme.states() == expected
        assert smsc.stats().outcomes == {outcome.name: 1}


async def test_an_early_receipt_comes_before_the_answer_and_names_the_id_that_the_answer_will() -> None:
    async with simulator(Script(late=0.05)) as (_, connect):
        esme = await connect()
        await esme.send(NUMBER_OF["early-receipt"])
        assert esme.log == ["receipt", "answer"]
        message_id = esme.answers[NUMBER_OF["early-receipt"]].message_id
        assert esme.receipts[0].short_message.startswith(b"id:%b " % message_id.encode())


async def test_a_message_without_an_answer_leaves_the_others_answered() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        esme.submit(NUMBER_OF["taken-no-answer"], NUMBER_OF["not-taken-no-answer"])
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 2)
        assert list(esme.answers) == [str(ORDINARY)]
        assert (smsc.stats().messages, smsc.stats().unanswered) == (2, 2)
        await esme.send(NUMBER_OF["not-taken-no-answer"])
        assert (smsc.stats().messages, smsc.stats().copies) == (3, 0)


@pytest.mark.parametrize(("name", "counts"), [("taken-hang-up", (3, 1)), ("not-taken-hang-up", (3, 0))])
async def test_a_hang_up_comes_after_the_answers_before_it_and_receipts_wait_for_the_next_bind(
    name: str, counts: tuple[int, int]
) -> None:
    async with simulator(Script(delay=0.02)) as (smsc, connect):
        first = await connect()
        first.submit(str(ORDINARY), NUMBER_OF[name], str(ORDINARY + 1))
        await first.until(lambda: first.gone)
        assert list(first.answers) == [str(ORDINARY)]
        assert [event for event in first.events if isinstance(event, Lost)] == [
            Lost(NUMBER_OF[name]),
            Lost(str(ORDINARY + 1)),
        ]
        again = await connect()
        await again.send(NUMBER_OF[name], str(ORDINARY + 1))
        await again.until(lambda: len(first.receipts) + len(again.receipts) == sum(counts))
        assert (smsc.stats().messages, smsc.stats().copies, smsc.stats().hang_ups) == (*counts, 1)


@pytest.mark.parametrize(
    ("registered_delivery", "expected"), [(0, []), (1, ["DELIVERED", "UNDELIVERABLE"]), (2, ["UNDELIVERABLE"])]
)
async def test_only_the_receipts_that_were_asked_for_come(registered_delivery: int, expected: list[str]) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        numbers = (str(ORDINARY), NUMBER_OF["absent"])
        await esme.send(*numbers, registered_delivery=registered_delivery)
        await esme.until(lambda: len(esme.receipts) == len(expected))
        assert (esme.states(), smsc.stats().receipts_waiting) == (expected, 0)


async def test_ids_can_be_hex_in_the_answer_and_decimal_in_the_receipt() -> None:
    async with simulator(Script(answer_ids=IdForm.HEX)) as (_, connect):
        esme = await connect()
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 1)
        number = int(esme.answers[str(ORDINARY)].message_id, 16)
        assert esme.receipts[0].short_message.startswith(b"id:%d " % number)


async def test_answers_can_be_delayed_past_the_receipt() -> None:
    async with simulator(Script(answer_delay=0.05)) as (_, connect):
        esme = await connect()
        await esme.send(str(ORDINARY))
        assert esme.log == ["receipt", "answer"]


async def test_receipts_with_jitter_and_reordering_all_arrive_in_another_order() -> None:
    numbers = [str(ORDINARY + i) for i in range(200)]
    async with simulator(Script(jitter=0.03, reorder=True)) as (_, connect):
        esme = await connect()
        await esme.send(*numbers)
        await esme.until(lambda: len(esme.receipts) == 200)
        order = [receipt.source for receipt in esme.receipts]
        assert sorted(order) == numbers
        assert order != numbers
        assert list(esme.answers) != numbers


@pytest.mark.parametrize("number", ["", "90530abc", "1" * 20])
async def test_a_recipient_that_is_no_number_is_refused(number: str) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        await esme.send(number)
        assert esme.answers[number].status == Status.ESME_RINVDSTADR
        assert smsc.stats().messages == 0


async def test_the_texts_can_be_read_as_the_telephones_show_them() -> None:
    async with simulator(Script(keep_texts=2)) as (smsc, connect):
        esme = await connect()
        for text in (b"forgotten", b"one", b"two"):
            await esme.send(str(ORDINARY), text=text)
        assert [(text.sender, text.recipient, text.text) for text in smsc.texts()] == [
            ("ACME", str(ORDINARY), "one"),
            ("ACME", str(ORDINARY), "two"),
        ]


async def test_whoever_waits_for_counts_gets_them_as_soon_as_they_are_reached_and_at_once_if_they_are() -> None:
    async with simulator(Script()) as (smsc, connect):
        waiting = asyncio.create_task(smsc.until(lambda stats: stats.receipts_acknowledged == 3))
        esme = await connect()
        await esme.send(*[str(ORDINARY + i) for i in range(2)])
        await smsc.until(lambda stats: stats.receipts_acknowledged == 2)
        assert not waiting.done()
        await esme.send(str(ORDINARY + 2))
        assert (await waiting).messages == 3
        assert (await smsc.until(lambda stats: stats.messages == 3)).messages == 3
