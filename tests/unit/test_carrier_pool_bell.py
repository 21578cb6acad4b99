"""Whoever was told that a carrier takes nothing is rung once it does again, whatever the reason was."""

from scripted_smsc import FOREVER, SetClock, bench, parts, soon, until

from teslimat.core.outcomes import Fate


async def test_the_bell_rings_after_a_pause_of_the_socket_though_nothing_was_written_meanwhile() -> None:
    async with bench() as b:
        await b.bound()
        [link] = b.pool._bound
        b.bell.clear()
        link.pause_writing()
        assert b.pool.room() == 0
        link.resume_writing()
        assert b.bell.is_set()


async def test_the_bell_rings_when_the_pace_allows_more_again() -> None:
    clock = SetClock()
    async with bench(parts_per_second=100, clock=clock) as b:
        await b.bound()
        b.pool.submit(parts(15), FOREVER)
        assert b.pool.room() == 0
        b.bell.clear()
        clock.seconds += 1
        await until(b.bell.is_set)
        assert b.pool.room() > 0


async def test_the_bell_rings_when_a_lost_bind_is_back() -> None:
    async with bench() as b:
        first = await b.bound()
        first.transport.abort()
        await until(lambda: b.pool.room() == 0)
        b.bell.clear()
        await b.bound()
        await until(b.bell.is_set)


async def test_the_bell_rings_when_a_full_inbox_has_space() -> None:
    async with bench() as b:
        peer = await b.bound()
        b.inbox.is_full = True
        peer.deliver("one")
        _, token = await soon(b.inbox.receipts)
        assert b.pool.room() == 0
        b.bell.clear()
        b.inbox.is_full = False
        b.pool.acknowledge([token])
        assert b.bell.is_set()


async def test_the_bell_is_silent_for_whoever_was_told_of_room() -> None:
    async with bench() as b:
        peer = await b.bound()
        assert b.pool.room() > 0
        b.bell.clear()
        b.pool.submit(parts(2), FOREVER)
        for _ in range(2):
            peer.answer((await soon(b.smsc.submits))[1], "id")
        assert [answer.fate for answer in await b.inbox.next_answers(2)] == [Fate.ACCEPTED] * 2
        assert not b.bell.is_set()
