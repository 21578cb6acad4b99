from dataclasses import dataclass

import pytest
from scripted_smsc import DEFAULT, FOREVER, SetClock, bench, parts, soon, until

from teslimat.core.outcomes import Fate
from teslimat.core.reasons import Reason
from teslimat.core.states import State
from teslimat.smpp.events import Ignored
from teslimat.smpp.pdus import Command, Message, Signal, encode, receipt_body
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Timers


@dataclass(frozen=True)
class Case:
    status: int
    fate: Fate
    reason: Reason
    code: str


@pytest.mark.parametrize(
    "case",
    [
        Case(Status.ESME_RINVDSTADR, Fate.REFUSED, Reason.INVALID_NUMBER, "ESME_RINVDSTADR"),
        Case(Status.ESME_RSYSERR, Fate.REFUSED, Reason.REJECTED_TEMPORARILY, "ESME_RSYSERR"),
        Case(0x0444, Fate.REFUSED, Reason.REJECTED_PERMANENTLY, "0x00000444"),
        Case(Status.ESME_RTHROTTLED, Fate.LATER, Reason.NONE, "ESME_RTHROTTLED"),
        Case(Status.ESME_RMSGQFUL, Fate.LATER, Reason.NONE, "ESME_RMSGQFUL"),
    ],
)
async def test_a_part_that_the_carrier_does_not_take_has_the_fate_that_its_status_says(case: Case) -> None:
    async with bench() as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1], status=case.status)
        [answer] = await b.inbox.next_answers(1)
        assert (answer.fate, answer.reason, answer.code) == (case.fate, case.reason, case.code)
        assert answer.message_id == ""


async def test_an_accepted_part_is_answered_with_the_carriers_id_as_it_came() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.pool.submit(parts(1, first=41), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1], "00aB-7")
        [answer] = await b.inbox.next_answers(1)
        assert answer[:4] == (1, 0, 41, 0)
        assert (answer.carrier_id, answer.fate, answer.message_id) == (7, Fate.ACCEPTED, "00aB-7")


async def test_a_part_accepted_without_an_id_is_accepted_and_counted() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1])
        [answer] = await b.inbox.next_answers(1)
        assert (answer.fate, answer.message_id, b.pool.tally.unnamed) == (Fate.ACCEPTED, "", 1)


async def test_every_part_asks_for_a_receipt_and_goes_to_an_international_number() -> None:
    async with bench() as b:
        await b.bound()
        b.pool.submit(parts(1), FOREVER)
        _, message = await soon(b.smsc.submits)
        assert message.registered_delivery == 1
        assert (message.destination, message.destination_ton, message.destination_npi) == ("905320000000", 1, 1)
        assert (message.source, message.short_message) == ("ACME", b"hello")


async def test_a_sender_that_no_submit_can_hold_is_refused_and_harms_no_other_part() -> None:
    async with bench() as b:
        await b.bound()
        b.pool.submit(parts(1, sender="ŞİRKET") + parts(1, first=1), FOREVER)
        [refused] = await b.inbox.next_answers(1)
        assert (refused.position, refused.fate, refused.reason) == (0, Fate.REFUSED, Reason.CONTENT)
        await b.smsc.accept_all(1)
        [accepted] = await b.inbox.next_answers(1)
        assert (accepted.position, accepted.fate) == (1, Fate.ACCEPTED)


async def test_a_part_without_an_answer_in_time_is_unknown_and_accepted_when_a_late_answer_comes() -> None:
    profile = DEFAULT._replace(timers=Timers(answer=0.02))
    async with bench(profile=profile) as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        _, message = await soon(b.smsc.submits)
        [unknown] = await b.inbox.next_answers(1)
        assert unknown.fate == Fate.UNKNOWN
        assert b.pool.unanswered() == 0
        peer.answer(message, "late-id")
        [late] = await b.inbox.next_answers(1)
        assert late[:4] == unknown[:4]
        assert (late.fate, late.message_id, b.pool.tally.late) == (Fate.ACCEPTED_LATE, "late-id", 1)


async def test_a_late_refusal_is_not_told_since_the_part_may_be_on_its_way_again() -> None:
    profile = DEFAULT._replace(timers=Timers(answer=0.02))
    async with bench(profile=profile) as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        _, message = await soon(b.smsc.submits)
        await b.inbox.next_answers(1)
        peer.answer(message, status=Status.ESME_RTHROTTLED)
        await until(lambda: b.pool.tally.late == 1)
        assert b.inbox.answers.empty()


async def test_what_was_written_is_unknown_and_what_was_not_is_not_sent_when_the_carrier_hangs_up() -> None:
    async with bench(window=3) as b:
        peer = await b.bound()
        b.pool.submit(parts(5), FOREVER)
        for _ in range(3):
            await soon(b.smsc.submits)
        peer.transport.abort()
        fates = {answer.position: answer.fate for answer in await b.inbox.next_answers(5)}
        assert fates == {0: Fate.UNKNOWN, 1: Fate.UNKNOWN, 2: Fate.UNKNOWN, 3: Fate.NOT_SENT, 4: Fate.NOT_SENT}
        assert b.pool.unanswered() == 0


async def test_a_receipt_is_acknowledged_when_told_and_not_before() -> None:
    async with bench() as b:
        peer = await b.bound()
        peer.deliver("one", "two")
        one, two = await soon(b.inbox.receipts), await soon(b.inbox.receipts)
        assert [one[0].message_ids[0], two[0].message_ids[0]] == ["one", "two"]
        assert (one[0].outcome, one[0].number, one[0].sender) == (State.DELIVERED, 905321234567, "ACME")
        # A whole round trip later nothing has been acknowledged.
        b.pool.submit(parts(1), FOREVER)
        await b.smsc.accept_all(1)
        await b.inbox.next_answers(1)
        assert b.smsc.acknowledged.empty()
        b.pool.acknowledge([two[1]])
        assert "id:two" in await soon(b.smsc.acknowledged)
        assert b.smsc.acknowledged.empty()


async def test_answers_and_receipts_of_one_read_are_told_together() -> None:
    async with bench(window=50) as b:
        peer = await b.bound()
        b.pool.submit(parts(50), FOREVER)
        messages = [(await soon(b.smsc.submits))[1] for _ in range(50)]
        peer.session.answer([(message.sequence, 0, b"id") for message in messages])
        peer.deliver(*[f"{index}" for index in range(50)])
        await until(lambda: b.inbox.receipts.qsize() == 50)
        assert len(b.inbox.answer_batches) < 10
        assert len(b.inbox.receipt_batches) < 10


async def test_a_receipt_of_a_dead_connection_cannot_be_acknowledged_and_comes_again() -> None:
    async with bench() as b:
        first = await b.bound()
        first.deliver("one")
        _, token = await soon(b.inbox.receipts)
        first.transport.abort()
        second = await b.bound()
        b.pool.acknowledge([token])
        second.deliver("one")
        _, again = await soon(b.inbox.receipts)
        assert b.smsc.acknowledged.empty()
        b.pool.acknowledge([token, again])
        assert "id:one" in await soon(b.smsc.acknowledged)
        assert b.smsc.acknowledged.empty()


async def test_a_message_from_a_phone_is_acknowledged_at_once_and_counted() -> None:
    async with bench() as b:
        peer = await b.bound()
        body = encode(Message(Command.DELIVER_SM, 1, source="905321234567", destination="4609", short_message=b"STOP"))
        peer.deliver_bodies([(body[16:], "from a phone")])
        assert await soon(b.smsc.acknowledged) == "from a phone"
        assert b.inbox.receipts.empty()
        assert b.pool.tally.mobile_originated == 1


async def test_a_receipt_that_names_no_message_is_acknowledged_at_once_and_counted() -> None:
    async with bench() as b:
        peer = await b.bound()
        peer.deliver_bodies([(receipt_body(b"905321234567", b"ACME", b"stat:DELIVRD"), "nameless")])
        assert await soon(b.smsc.acknowledged) == "nameless"
        assert b.inbox.receipts.empty()
        assert b.pool.tally.unreadable == 1


async def test_an_answer_to_nothing_that_we_sent_is_counted_and_told_to_nobody() -> None:
    async with bench() as b:
        peer = await b.bound()
        peer.session.answer([(4711, 0, b"whose")])
        peer.flush()
        await until(lambda: b.pool.tally.stray == 1)
        assert b.inbox.answers.empty()


async def test_a_full_inbox_stops_reading_and_sending_until_receipts_are_acknowledged() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.inbox.is_full = True
        peer.deliver("one")
        _, token = await soon(b.inbox.receipts)
        assert b.pool.room() == 0
        peer.deliver("two")
        b.pool.acknowledge([token])
        assert "id:one" in await soon(b.smsc.acknowledged)
        assert b.inbox.receipts.empty()
        b.bell.clear()
        b.inbox.is_full = False
        b.pool.acknowledge([])
        assert b.bell.is_set()
        assert b.pool.room() > 0
        assert (await soon(b.inbox.receipts))[0].message_ids[0] == "two"


async def test_an_inbox_full_of_answers_alone_stops_reading_only_until_it_has_space() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.inbox.is_full = True
        b.pool.submit(parts(2), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1], "first")
        await b.inbox.next_answers(1)
        assert b.pool.room() == 0
        b.inbox.is_full = False
        peer.answer((await soon(b.smsc.submits))[1], "second")
        [answer] = await b.inbox.next_answers(1)
        assert answer.message_id == "second"


async def test_a_link_that_is_bound_while_the_inbox_is_full_is_used_once_it_has_space() -> None:
    async with bench() as b:
        first = await b.bound()
        b.inbox.is_full = True
        first.transport.abort()
        second = await soon(b.smsc.bound)
        await until(lambda: b.pool.state.bound == 1)
        b.inbox.is_full = False
        second.deliver("one")
        assert (await soon(b.inbox.receipts))[0].message_ids[0] == "one"


async def test_answers_that_wait_in_the_socket_of_a_paused_link_are_not_late() -> None:
    clock = SetClock()
    async with bench(clock=clock) as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        _, message = await soon(b.smsc.submits)
        b.inbox.is_full = True
        peer.deliver("one")
        await soon(b.inbox.receipts)
        peer.answer(message, "in time")
        clock.seconds += 600
        [link] = b.pool._bound
        link._ring()
        b.inbox.is_full = False
        b.pool.acknowledge([])
        link._ring()
        [answer] = await b.inbox.next_answers(1)
        assert (answer.fate, answer.message_id) == (Fate.ACCEPTED, "in time")


async def test_a_carrier_that_asks_whether_we_are_there_gets_an_answer() -> None:
    async with bench() as b:
        peer = await b.bound()
        peer.transport.write(encode(Signal(Command.ENQUIRE_LINK, 0, 77)))
        assert await soon(b.smsc.others) == Ignored(Command.ENQUIRE_LINK_RESP, 0, 77)


async def test_a_carrier_that_falls_silent_is_left_and_tried_again() -> None:
    profile = DEFAULT._replace(timers=Timers(enquire_link=0.02, enquire_link_answer=0.02))
    async with bench(profile=profile) as b:
        silent = await b.bound()
        b.smsc.deaf = True
        await silent.closed.wait()
        b.smsc.deaf = False
        await b.bound()
        assert b.pool.tally.binds >= 2
