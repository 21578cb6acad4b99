"""Tell again what was told before, under the same names and in the order in which it happened.

What is still untold is not told twice: if it waits in a lane of retries, its time comes now, parked or not.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from teslimat.core.clock import Clock
from teslimat.core.model import BLOCK_SIZE, BlockKey
from teslimat.core.news import Event, Lane, MessageKey, OutboxRow
from teslimat.core.ports import Store, Transaction

_ROWS: Final = 100
_LANES: Final = 500

Wanted = Callable[[MessageKey, int, int], bool]
"""Tells of an event (message, event, when it happened) whether it is to be told again."""


class _Marks:
    """Events that are not to be told again, for they are untold or will be told again already: a bit for each."""

    def __init__(self) -> None:
        self._bits: defaultdict[BlockKey, bytearray] = defaultdict(lambda: bytearray(BLOCK_SIZE))

    def add(self, message: MessageKey, event: int) -> bool:
        """Mark an event; False if it was marked before."""
        order_id, block_no, position = message
        bits = self._bits[order_id, block_no]
        if bits[position] >> event & 1:
            return False
        bits[position] |= 1 << event
        return True


async def replay_order(
    store: Store, clock: Clock, target_id: int, order_id: int, only: tuple[MessageKey, Event] | None = None
) -> int:
    """Tell what happened to an order, or only one event of it, once more; how many events that is."""

    def wanted(message: MessageKey, event: int, _at: int) -> bool:
        return message[0] == order_id and only in (None, (message, event))

    async def work(tx: Transaction) -> int:
        marks = _Marks()
        after = (order_id, -1, -1)
        hurried = 0
        while lanes := await tx.lanes_after(target_id, after, _LANES):
            hurried += await _hurry(tx, lanes, marks, wanted, clock.now())
            after = lanes[-1].key
            if after[0] > order_id:
                break
        rows = await tx.news_of_order(target_id, order_id)
        _mark_untold(rows, marks)
        again = _again(rows, marks, wanted)
        await tx.insert_news(again)
        return hurried + sum(row.waiting for row in again)

    return await store.transact(work)


async def replay_span(store: Store, clock: Clock, target_id: int, since: int, until: int) -> int:
    """Tell what happened in [since, until) (ms since 1970 UTC) once more; how many events that is."""

    def wanted(_message: MessageKey, _event: int, at: int) -> bool:
        return since <= at < until

    marks = _Marks()
    last = await store.transact(lambda tx: tx.last_news())
    # Rows before lanes: what fails meanwhile goes from the ones to the others.
    await _mark_all_untold(store, target_id, marks)
    told = await _hurry_all(store, clock, target_id, marks, wanted)
    after = 0

    async def work(tx: Transaction) -> tuple[int, int]:
        rows = await tx.news_between(target_id, (after, last), (since, until), _ROWS)
        again = _again(rows, marks, wanted)
        await tx.insert_news(again)
        return sum(row.waiting for row in again), rows[-1].id if rows else last

    # A little per transaction, for the gateway writes too. What becomes untold meanwhile is later than the last row.
    while after < last:
        some, after = await store.transact(work)
        told += some
    return told


async def replay_parked(store: Store, clock: Clock, target_id: int) -> int:
    """Try again whatever is parked; how many events that is."""
    return await _hurry_all(store, clock, target_id, _Marks(), lambda *_: True, only_parked=True)


async def _hurry_all(
    store: Store, clock: Clock, target_id: int, marks: _Marks, wanted: Wanted, *, only_parked: bool = False
) -> int:
    after: MessageKey = (0, 0, -1)

    async def work(tx: Transaction) -> tuple[int, MessageKey | None]:
        lanes = await tx.lanes_after(target_id, after, _LANES)
        some = [lane for lane in lanes if lane.parked or not only_parked]
        return await _hurry(tx, some, marks, wanted, clock.now()), lanes[-1].key if lanes else None

    hurried = 0
    while True:
        some, last = await store.transact(work)
        hurried += some
        if last is None:
            return hurried
        after = last


async def _hurry(tx: Transaction, lanes: Sequence[Lane], marks: _Marks, wanted: Wanted, now: int) -> int:
    """Mark what is in these lanes, and let those come now that hold something wanted; how many events of it."""
    hurried: list[Lane] = []
    events = 0
    for lane in lanes:
        times = array("q", lane.times)
        for event in lane.events:
            marks.add(lane.key, event)
        found = sum(wanted(lane.key, event, at) for event, at in zip(lane.events, times, strict=True))
        if found:
            events += found
            hurried.append(replace(lane, attempts=0, first_failed_at=now, next_at=now, parked=False))
    await tx.save_lanes(hurried)
    return events


async def _mark_all_untold(store: Store, target_id: int, marks: _Marks) -> None:
    after = 0

    async def work(tx: Transaction) -> list[OutboxRow]:
        return await tx.news_after(target_id, after, _ROWS)

    while rows := await store.transact(work):
        _mark_untold(rows, marks)
        after = rows[-1].id


def _mark_untold(rows: Sequence[OutboxRow], marks: _Marks) -> None:
    for row in rows:
        for slot, position in enumerate(array("H", row.positions)):
            if row.untold and row.untold[slot]:
                marks.add((row.order_id, row.block_no, position), row.events[slot])


def _again(rows: Sequence[OutboxRow], marks: _Marks, wanted: Wanted) -> list[OutboxRow]:
    """Give rows that tell again what was told in these, each event once."""
    again = []
    for row in rows:
        positions, events = array("H"), bytearray()
        for slot, position in enumerate(array("H", row.positions)):
            message, event = (row.order_id, row.block_no, position), row.events[slot]
            if wanted(message, event, row.happened_at) and marks.add(message, event):
                positions.append(position)
                events.append(event)
        if events:
            packed, untold = positions.tobytes(), bytes([1]) * len(events)
            again.append(replace(row, id=0, positions=packed, events=bytes(events), untold=untold))
    return again
