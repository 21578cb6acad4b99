"""Tell again what was told before, under the same names and in the order in which it happened.

What is still untold is not told twice: if it waits in a lane of retries, its time comes now, parked or not. What was
told comes before it: in its lane, or in new rows with what is untold of the same message behind.
"""

import asyncio
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from teslimat.core.clock import Clock
from teslimat.core.model import BlockKey
from teslimat.core.news import Event, Lane, MessageKey, OutboxRow
from teslimat.core.ports import Store, Transaction
from teslimat.flows.outbox import with_events

_BLOCKS: Final = 100
_EVENTS: Final = 2_000
"""So many are looked at in a transaction, and one block more."""
_PAUSE_SECONDS: Final = 0.005
"""After each transaction, for a gateway writes too, and looks every 2 ms whether it may."""
_LANES: Final = 500
_EVER: Final = (-(2**62), 2**62)
_FIRST: Final = (0, -1)
_LAST: Final = (2**63 - 1, 0)

Wanted = Callable[[MessageKey, int, int], bool]
"""Tells of an event (message, event, when it happened) whether it is to be told again."""


class _Told(NamedTuple):
    """What is known of one message: which of its events were told, and which are still untold in which rows."""

    times: dict[int, int]
    """When each of its events happened."""
    pending: list[tuple[int, OutboxRow, int]]
    """(event, row, place in it) of what is untold, in the order in which it will be told."""


class _Again(NamedTuple):
    """What tells a block's news again."""

    rows: list[OutboxRow]
    moved: list[OutboxRow]
    """Rows that lose some of what was untold in them, for it comes again in the new rows."""
    lanes: list[Lane]
    told: int
    """How many events that is."""


async def replay_order(
    store: Store, clock: Clock, target_id: int, order_id: int, only: tuple[MessageKey, Event] | None = None
) -> int:
    """Tell what happened to an order, or only one event of it, once more; how many events that is."""
    if only is None:
        blocks = (order_id, -1), (order_id, 2**62)
    else:
        (_, block_no, _), _ = only
        blocks = (order_id, block_no - 1), (order_id, block_no)
    return await _replay(
        store, clock, target_id, blocks, _EVER, lambda message, event, _: only in (None, (message, event))
    )


async def replay_span(store: Store, clock: Clock, target_id: int, since: int, until: int) -> int:
    """Tell what happened in [since, until) (ms since 1970 UTC) once more; how many events that is."""
    blocks, span = (_FIRST, _LAST), (since, until)
    return await _replay(store, clock, target_id, blocks, span, lambda _message, _event, at: since <= at < until)


async def replay_parked(store: Store, clock: Clock, target_id: int) -> int:
    """Try again whatever is parked; how many events that is."""
    after: MessageKey = (0, 0, -1)

    async def work(tx: Transaction) -> tuple[int, MessageKey | None]:
        lanes = await tx.lanes_after(target_id, after, _LANES)
        parked = [lane for lane in lanes if lane.parked]
        await tx.save_lanes([_hurried(lane, clock.now()) for lane in parked])
        return sum(len(lane.events) for lane in parked), lanes[-1].key if lanes else None

    told = 0
    while True:
        some, last = await store.transact(work)
        told += some
        if last is None:
            return told
        after = last
        await asyncio.sleep(_PAUSE_SECONDS)


async def _replay(
    store: Store,
    clock: Clock,
    target_id: int,
    blocks: tuple[BlockKey, BlockKey],
    span: tuple[int, int],
    wanted: Wanted,
) -> int:
    after, last = blocks
    todo: Sequence[BlockKey] = ()

    async def work(tx: Transaction) -> tuple[int, int]:
        told = events = 0
        for done, key in enumerate(todo, 1):
            rows, lanes = await tx.news_in(target_id, key), await tx.lanes_in(target_id, key)
            again = _again(key, rows, lanes, wanted, clock.now())
            await tx.save_untold(again.moved)
            await tx.insert_news(again.rows)
            await tx.save_lanes(again.lanes)
            told += again.told
            events += sum(len(row.events) for row in rows)
            if events >= _EVENTS:
                return told, done
        return told, len(todo)

    told = 0
    while todo := await store.blocks_with_news(target_id, (after, last), span, _BLOCKS):
        after = todo[-1]
        while todo:
            some, done = await store.transact(work)
            told, todo = told + some, todo[done:]
            await asyncio.sleep(_PAUSE_SECONDS)
    return told


def _again(key: BlockKey, rows: Sequence[OutboxRow], lanes: Mapping[int, Lane], wanted: Wanted, now: int) -> _Again:
    """Tell how to tell a block's news again: each event once, those of each message in their order."""
    longer: list[Lane] = []
    fresh: defaultdict[tuple[bool, int], list[tuple[int, int]]] = defaultdict(list)
    moved: dict[int, tuple[OutboxRow, bytearray]] = {}
    count = 0
    known = _known(rows)
    for position in sorted(known.keys() | lanes.keys()):
        times, pending = known.get(position, _Told({}, []))
        lane = lanes.get(position)
        untold = [event for event, _, _ in pending]
        message = (*key, position)
        chosen = {event for event, at in times.items() if event not in untold and wanted(message, event, at)}
        if lane is not None:
            held = zip(lane.events, array("q", lane.times), strict=True)
            chosen |= {event for event, at in held if wanted(message, event, at)}
            if chosen:
                added = [(event, times[event]) for event in chosen if event not in lane.events]
                longer.append(_hurried(with_events(lane, added), now))
        else:
            coming = sorted({*chosen, *untold})
            if untold + sorted(chosen) == coming:
                coming = sorted(chosen)
            else:
                for _, row, slot in pending:
                    moved.setdefault(row.id, (row, bytearray(row.untold)))[1][slot] = 0
            for event in coming:
                fresh[event != Event.ACCEPTED, times[event]].append((position, event))
        count += len(chosen)
    left = [replace(row, untold=bytes(untold) if any(untold) else b"") for row, untold in moved.values()]
    return _Again(list(_rows(key, rows[0].target_id, fresh)) if fresh else [], left, longer, count)


def _known(rows: Sequence[OutboxRow]) -> dict[int, _Told]:
    known: dict[int, _Told] = {}
    for row in rows:
        for slot, position in enumerate(array("H", row.positions)):
            event = row.events[slot]
            told = known.get(position)
            if told is None:
                told = known[position] = _Told({}, [])
            told.times.setdefault(event, row.happened_at)
            if row.untold and row.untold[slot]:
                told.pending.append((event, row, slot))
    return known


def _rows(
    key: BlockKey, target_id: int, fresh: Mapping[tuple[bool, int], Sequence[tuple[int, int]]]
) -> Iterator[OutboxRow]:
    """Give rows for what happened at the same time; what is final comes last."""
    for (_, at), told in sorted(fresh.items()):
        positions = array("H", [position for position, _ in told]).tobytes()
        events = bytes(event for _, event in told)
        yield OutboxRow(0, target_id, *key, at, positions, events, bytes([1]) * len(events))


def _hurried(lane: Lane, now: int) -> Lane:
    """Let a lane come now, as if nothing of it had been tried."""
    return replace(lane, attempts=0, first_failed_at=now, next_at=now, parked=False)
