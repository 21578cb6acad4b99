import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scripted_smsc import (
    CARRIER,
    CLOCK,
    DEFAULT,
    FOREVER,
    PATIENCE_S,
    KeepingInbox,
    ScriptedSmsc,
    SetClock,
    bench,
    parts,
    soon,
    until,
)

from teslimat.carriers.pool import Pool
from teslimat.core.model import Carrier
from teslimat.core.outcomes import Fate
from teslimat.smpp.events import PeerUnbinding, Unbound
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Timers

Run = Callable[[Coroutine[None, None, None]], None]

# The gateway runs on uvloop, which writes a turn later than asyncio does and has transports of its own.
LOOPS: list[Run] = [asyncio.run, uvloop.run]


async def test_a_carrier_that_hangs_up_is_bound_again_and_used_again() -> None:
    async with bench() as b:
        first = await b.bound()
        first.transport.abort()
        await b.bound()
        b.pool.submit(parts(1), FOREVER)
        await b.smsc.accept_all(1)
        assert [answer.fate for answer in await b.inbox.next_answers(1)] == [Fate.ACCEPTED]
        assert b.pool.tally.binds == 2


@pytest.mark.parametrize("run", LOOPS)
def test_a_carrier_that_unbinds_is_answered_and_bound_again(run: Run) -> None:
    run(be_unbound())


async def be_unbound() -> None:
    async with bench() as b:
        first = await b.bound()
        first.session.unbind(CLOCK.monotonic())
        first.flush()
        assert isinstance(await soon(b.smsc.others), Unbound)
        await b.bound()
        assert b.pool.state.bound == 1


async def test_a_refused_bind_is_tried_again_and_says_why_without_the_password() -> None:
    smsc = ScriptedSmsc()
    smsc.admits = Status.ESME_RINVPASWD
    async with bench(smsc=smsc) as b:
        for _ in range(3):
            await soon(smsc.connected)
        state = b.pool.state
        assert state.bound == b.pool.room() == 0
        assert "ESME_RINVPASWD" in state.last_error
        assert CARRIER.password not in repr(state)
        smsc.admits = Status.ESME_ROK
        await b.bound()
        assert b.pool.state.last_error == ""


async def test_a_carrier_that_takes_the_connection_and_says_nothing_is_left_after_a_while() -> None:
    smsc = ScriptedSmsc()
    smsc.deaf = True
    async with bench(smsc=smsc, profile=DEFAULT._replace(timers=Timers(bind=0.02))) as b:
        half_open = await soon(smsc.connected)
        await half_open.closed.wait()
        smsc.deaf = False
        await b.bound()


async def test_a_carrier_that_is_away_is_tried_again_until_it_is_there() -> None:
    delays: list[float] = []

    def no_delay() -> float:
        delays.append(0.0)
        return 0.0

    async with bench() as b:
        port = b.smsc.port
    pool = Pool(replace(CARRIER, port=port), DEFAULT, KeepingInbox(), CLOCK, no_delay, lambda: None, [].append)
    pool.start()
    await until(lambda: len(delays) >= 3)
    assert pool.state.last_error.startswith("no connection")
    assert pool.room() == 0
    await pool.stop(0)


async def test_all_binds_are_used_and_no_window_is_ever_exceeded() -> None:
    async with bench(window=3, binds=2) as b:
        await until(lambda: b.pool.state.bound == 2)
        b.pool.submit(parts(20), FOREVER)
        open_submits = [await soon(b.smsc.submits) for _ in range(6)]
        peers = [peer for peer, _ in open_submits]
        assert sorted(peers.count(peer) for peer in set(peers)) == [3, 3]
        for _ in range(14):
            assert b.smsc.submits.empty()
            assert b.pool.tally.submitted - b.pool.tally.fates[Fate.ACCEPTED] == 6
            peer, message = open_submits.pop(0)
            peer.answer(message, "id")
            await b.inbox.next_answers(1)
            open_submits.append(await soon(b.smsc.submits))


async def test_parts_leave_in_order_and_in_few_writes() -> None:
    async with bench(window=1000) as b:
        await b.bound()
        for start in range(0, 1000, 250):
            b.pool.submit(parts(250, first=start), FOREVER)
        messages = await b.smsc.accept_all(1000)
        assert [int(message.destination) for message in messages] == [part.number for part in parts(1000)]
        await b.inbox.next_answers(1000)
        assert len(b.inbox.answer_batches) < 1000


async def test_room_is_the_free_windows_and_one_more_and_shrinks_with_what_is_handed_over() -> None:
    async with bench(window=10) as b:
        assert b.pool.room() == 0
        await b.bound()
        assert b.pool.room() == 20
        b.pool.submit(parts(15), FOREVER)
        assert b.pool.room() == 5
        b.pool.submit(parts(5), FOREVER)
        assert b.pool.room() == 0


async def test_with_a_pace_room_is_what_the_carrier_takes_in_a_tenth_of_a_second() -> None:
    async with bench(window=1000, parts_per_second=300, clock=SetClock()) as b:
        await b.bound()
        assert b.pool.room() == 30


async def test_the_bell_rings_when_there_is_room_again_and_only_then() -> None:
    async with bench(window=1) as b:
        peer = await b.bound()
        assert b.bell.is_set()
        b.bell.clear()
        b.pool.submit(parts(1), FOREVER)
        assert b.pool.room() == 1
        assert not b.bell.is_set()
        b.pool.submit(parts(1, first=1), FOREVER)
        assert b.pool.room() == 0
        peer.answer((await soon(b.smsc.submits))[1], "id")
        await soon(b.smsc.submits)
        assert b.bell.is_set()


async def test_parts_leave_at_the_pace_of_the_clock_over_all_binds() -> None:
    clock = SetClock()
    async with bench(window=1000, binds=2, parts_per_second=100, clock=clock) as b:
        await until(lambda: b.pool.state.bound == 2)
        b.pool.submit(parts(20), FOREVER)
        assert b.pool.tally.submitted == 5
        clock.seconds += 0.03
        await until(lambda: b.pool.tally.submitted > 5)
        assert b.pool.tally.submitted == 8
        clock.seconds += 10
        await until(lambda: b.pool.tally.submitted > 8)
        assert b.pool.tally.submitted == 13


async def test_a_throttling_carrier_gets_no_more_for_a_second_then_half_the_pace() -> None:
    clock = SetClock()
    async with bench(parts_per_second=100, clock=clock) as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1], status=Status.ESME_RTHROTTLED)
        assert [answer.fate for answer in await b.inbox.next_answers(1)] == [Fate.LATER]
        assert b.pool.room() == 0
        assert b.pool.state.parts_per_second == 50
        b.pool.submit(parts(1, first=1), FOREVER)
        assert b.pool.tally.submitted == 1
        b.bell.clear()
        clock.seconds += 1.1
        b.pool._pump()
        assert b.bell.is_set()
        assert b.pool.tally.submitted == 2


async def test_a_full_queue_at_the_carrier_delays_its_part_and_no_other() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        peer.answer((await soon(b.smsc.submits))[1], status=Status.ESME_RMSGQFUL)
        assert [answer.fate for answer in await b.inbox.next_answers(1)] == [Fate.LATER]
        assert b.pool.room() > 0


async def test_what_was_not_written_before_its_time_is_not_sent() -> None:
    clock = SetClock()
    async with bench(window=2, clock=clock) as b:
        peer = await b.bound()
        b.pool.submit(parts(3), clock.seconds + 5)
        _, message = await soon(b.smsc.submits)
        clock.seconds += 5
        peer.answer(message, "id")
        first, second = await b.inbox.next_answers(2)
        assert {(first.position, first.fate), (second.position, second.fate)} == {
            (0, Fate.ACCEPTED),
            (2, Fate.NOT_SENT),
        }
        assert b.pool.tally.submitted == 2


async def test_what_waits_is_given_back_in_time_even_if_the_carrier_never_answers() -> None:
    async with bench(window=1) as b:
        await b.bound()
        b.pool.submit(parts(2), CLOCK.monotonic() + 0.02)
        [answer] = await b.inbox.next_answers(1)
        assert (answer.position, answer.fate) == (1, Fate.NOT_SENT)


async def test_nothing_is_written_while_the_socket_takes_no_more() -> None:
    async with bench() as b:
        peer = await b.bound()
        peer.deliver("one")
        _, token = await soon(b.inbox.receipts)
        [link] = b.pool._bound
        link.pause_writing()
        b.pool.submit(parts(1), FOREVER)
        b.pool.acknowledge([token])
        assert b.pool.tally.submitted == b.pool.room() == 0
        b.bell.clear()
        link.resume_writing()
        assert b.bell.is_set()
        assert "id:one" in await soon(b.smsc.acknowledged)
        await b.smsc.accept_all(1)
        assert [answer.fate for answer in await b.inbox.next_answers(1)] == [Fate.ACCEPTED]


async def test_receipts_are_acknowledged_on_the_bind_that_they_came_by() -> None:
    async with bench(binds=2) as b:
        first, second = await soon(b.smsc.bound), await soon(b.smsc.bound)
        first.deliver("one")
        second.deliver("two", "three")
        tokens = [(await soon(b.inbox.receipts))[1] for _ in range(3)]
        b.pool.acknowledge(tokens)
        for _ in range(3):
            await soon(b.smsc.acknowledged)
        assert (first.session.unanswered, second.session.unanswered) == (0, 0)


ACTIONS = ["submit", "accept", "refuse", "later", "hang up", "withdraw", "turn"]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=60), st.sampled_from(LOOPS))
def test_whatever_happens_every_part_has_one_answer_and_what_is_not_sent_never_arrived(
    actions: list[str], run: Run
) -> None:
    run(play(actions))


async def play(actions: list[str]) -> None:
    submitted = 0
    arrived: set[int] = set()
    accepted: set[int] = set()
    async with bench(window=4, binds=2) as b:
        await until(lambda: b.pool.state.bound == 2)
        for action in actions:
            if action == "submit":
                b.pool.submit(parts(3, first=submitted), FOREVER)
                submitted += 3
            elif action == "withdraw":
                b.pool.withdraw()
            elif action == "turn":
                for _ in range(5):
                    await asyncio.sleep(0)
            elif not b.smsc.submits.empty():
                peer, message = b.smsc.submits.get_nowait()
                position = int(message.destination) - parts(1)[0].number
                arrived.add(position)
                if action == "accept":
                    accepted.add(position)
                    peer.answer(message, f"id-{position}")
                elif action == "hang up":
                    peer.transport.abort()
                else:
                    status = Status.ESME_RINVDSTADR if action == "refuse" else Status.ESME_RMSGQFUL
                    peer.answer(message, status=status)
        await b.pool.stop(0)
        while not b.smsc.submits.empty():
            arrived.add(int(b.smsc.submits.get_nowait()[1].destination) - parts(1)[0].number)
        answers = [b.inbox.answers.get_nowait() for _ in range(b.inbox.answers.qsize())]
    assert sorted(answer.position for answer in answers) == list(range(submitted))
    assert not arrived & {answer.position for answer in answers if answer.fate == Fate.NOT_SENT}
    assert {answer.position for answer in answers if answer.fate == Fate.ACCEPTED} <= accepted
    assert sum(b.pool.tally.fates) == submitted


async def test_withdrawing_gives_back_what_was_not_written_and_nothing_else() -> None:
    async with bench(window=2) as b:
        await b.bound()
        b.pool.submit(parts(5), FOREVER)
        assert b.pool.unanswered() == 5
        b.pool.withdraw()
        answers = await b.inbox.next_answers(3)
        assert [(answer.position, answer.fate) for answer in answers] == [(at, Fate.NOT_SENT) for at in (2, 3, 4)]
        assert b.pool.unanswered() == 2
        await b.smsc.accept_all(2)
        assert [answer.fate for answer in await b.inbox.next_answers(2)] == [Fate.ACCEPTED] * 2


async def test_parts_handed_over_while_nothing_is_bound_are_not_sent() -> None:
    async with bench() as b:
        b.pool.submit(parts(2), FOREVER)
        assert [answer.fate for answer in await b.inbox.next_answers(2)] == [Fate.NOT_SENT] * 2


async def test_a_clean_stop_leaves_nothing_unanswered_and_unbinds() -> None:
    async with bench(window=3) as b:
        peer = await b.bound()
        b.pool.submit(parts(5), FOREVER)
        stopping = asyncio.create_task(b.pool.stop(60))
        assert {answer.position for answer in await b.inbox.next_answers(2)} == {3, 4}
        assert b.pool.room() == 0
        await b.smsc.accept_all(3)
        await stopping
        assert [answer.fate for answer in await b.inbox.next_answers(3)] == [Fate.ACCEPTED] * 3
        assert b.pool.unanswered() == 0
        assert isinstance(await soon(b.smsc.others), PeerUnbinding)
        await peer.closed.wait()
        assert b.pool.state.last_error == ""


async def test_a_stop_with_nothing_open_does_not_wait_for_its_grace() -> None:
    async with bench() as b:
        await b.bound()
        async with asyncio.timeout(PATIENCE_S):
            await b.pool.stop(PATIENCE_S * 10)
        assert b.pool.state.bound == 0


async def test_a_stop_that_gets_no_answers_ends_when_its_grace_does_and_says_unknown() -> None:
    profile = DEFAULT._replace(timers=Timers(unbind=0.02))
    async with bench(profile=profile) as b:
        await b.bound()
        b.pool.submit(parts(1), FOREVER)
        await soon(b.smsc.submits)
        b.smsc.deaf = True
        await b.pool.stop(0.02)
        [answer] = await b.inbox.next_answers(1)
        assert answer.fate == Fate.UNKNOWN


async def test_receipts_are_still_read_and_acknowledged_during_a_stop() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.pool.submit(parts(1), FOREVER)
        _, message = await soon(b.smsc.submits)
        stopping = asyncio.create_task(b.pool.stop(60))
        peer.deliver("one")
        _, token = await soon(b.inbox.receipts)
        b.pool.acknowledge([token])
        assert "id:one" in await soon(b.smsc.acknowledged)
        peer.answer(message, "one")
        await stopping


async def test_a_fault_of_ours_is_told_to_the_owner() -> None:
    class BrokenInbox(KeepingInbox):
        def full(self) -> bool:
            raise RuntimeError("a fault")

    faults: asyncio.Queue[BaseException] = asyncio.Queue()
    async with bench() as b:
        carrier = replace(CARRIER, port=b.smsc.port)
        pool = Pool(carrier, DEFAULT, BrokenInbox(), CLOCK, lambda: 0.0, lambda: None, faults.put_nowait)
        pool.start()
        assert str(await soon(faults)) == "a fault"
        await pool.stop(0)


@pytest.mark.parametrize("carrier", [replace(CARRIER, password="p" * 9), replace(CARRIER, system_id="s" * 16)])
async def test_credentials_that_no_bind_can_carry_are_refused_before_anything_starts(carrier: Carrier) -> None:
    with pytest.raises(ValueError, match="octets"):
        Pool(carrier, DEFAULT, KeepingInbox(), CLOCK, lambda: 0.0, lambda: None, [].append)
