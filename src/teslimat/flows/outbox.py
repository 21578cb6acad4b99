"""The transactions of a courier: open what is to be told, and write down what came of telling it.

What is untold stands in a row of the outbox or in a lane of retries, never in both and never in neither: so whatever
happens to the process, the rest is found again, and an event is told at least once.
"""

from array import array
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.news import AttemptRow, Lane, MessageKey, OutboxRow
from teslimat.core.ports import Transaction
from teslimat.core.webhooks import Attempted
from teslimat.flows.backoff import after_failure
from teslimat.flows.wording import Reading

_ROWS_AT_ONCE: Final = 32
_LANES_AT_ONCE: Final = 32
_HURRIED_AT_ONCE: Final = 200


class OpenRow:
    """A row of the outbox that is being told."""

    __slots__ = ("row", "untold")

    def __init__(self, row: OutboxRow) -> None:
        self.row = row
        self.untold = bytearray(row.untold)

    def as_it_is(self) -> OutboxRow:
        """Give the row with what is untold of it now."""
        return replace(self.row, untold=bytes(self.untold) if any(self.untold) else b"")


class Post(Struct, frozen=True):
    """An event that is to be told."""

    message: MessageKey
    event: int
    happened_at: int
    body: bytes
    attempt: int
    """Which attempt this is, from 1."""
    row: OpenRow | None
    """Where it stands; None if in a lane."""
    slot: int


class Outcome(NamedTuple):
    """What came of an attempt."""

    post: Post
    began_at: int
    attempted: Attempted


class Opened(NamedTuple):
    """What was opened."""

    posts: list[Post]
    more: bool
    """There may be more to open."""
    last_id: int = 0
    """The last row that was opened."""


async def open_news(tx: Transaction, reading: Reading, target_id: int, after_id: int, room: int) -> Opened:
    """Open rows until there are room events or more. News of a message that has a lane go there."""
    posts: list[Post] = []
    rows = await tx.news_after(target_id, after_id, _ROWS_AT_ONCE)
    more = len(rows) == _ROWS_AT_ONCE
    for row in rows:
        if len(posts) >= room or not reading.may_have((row.order_id, row.block_no)):
            return Opened(posts, more=True, last_id=after_id)
        posts += await _open_row(tx, reading, row)
        after_id = row.id
    return Opened(posts, more, after_id)


async def _open_row(tx: Transaction, reading: Reading, row: OutboxRow) -> list[Post]:
    order_id, block_no = key = row.order_id, row.block_no
    lanes = await tx.lanes_in(row.target_id, key)
    block = await reading.of(tx, key)
    opened = OpenRow(row)
    longer: dict[int, Lane] = {}
    posts = []
    for slot, position in enumerate(array("H", row.positions)):
        event = row.events[slot]
        if not row.untold[slot]:
            continue
        if position in lanes:
            lanes[position] = longer[position] = with_events(lanes[position], [(event, row.happened_at)])
            opened.untold[slot] = 0
            continue
        body = block.body(position, event)
        posts.append(Post((order_id, block_no, position), event, row.happened_at, body, 1, opened, slot))
    if longer:
        await tx.save_lanes(list(longer.values()))
        await tx.save_untold([opened.as_it_is()])
    return posts


async def open_lanes(
    tx: Transaction, reading: Reading, target_id: int, now: int, busy: Container[MessageKey], most_busy: int
) -> Opened:
    """Open some of the lanes whose time has come, the longest due first, of messages of which nothing is open.

    most_busy lanes at most may be of messages that are busy.
    """
    posts: list[Post] = []
    limit = _LANES_AT_ONCE + most_busy
    lanes = await tx.due_lanes(target_id, now, limit)
    free = [lane for lane in lanes if lane.key not in busy]
    for lane in free[:_LANES_AT_ONCE]:
        key = (lane.order_id, lane.block_no)
        if not reading.may_have(key):
            continue
        event = lane.events[0]
        body = (await reading.of(tx, key)).body(lane.position, event)
        posts.append(Post(lane.key, event, lane.happened_at, body, lane.attempts + 1, None, 0))
    return Opened(posts, more=len(posts) < len(free) or len(lanes) == limit)


async def hurry_lanes(tx: Transaction, target_id: int, after: MessageKey, now: int) -> MessageKey | None:
    """Let the time of some lanes come now, unless they are parked; after which one to go on, None at their end."""
    lanes = await tx.lanes_after(target_id, after, _HURRIED_AT_ONCE)
    late = [replace(lane, next_at=now) for lane in lanes if not lane.parked and lane.next_at > now]
    await tx.save_lanes(late)
    return lanes[-1].key if len(lanes) == _HURRIED_AT_ONCE else None


async def write_outcomes(
    tx: Transaction,
    target_id: int,
    outcomes: Sequence[Outcome],
    behind: Mapping[MessageKey, Sequence[Post]],
    now: int,
    random: Callable[[], float],
) -> int:
    """Write down what came of some attempts; how many lanes were parked. May be done again if it was not kept.

    behind are later events of the same messages that are open as well: they go into the lane of one that failed.
    """
    rows: dict[int, OpenRow] = {}
    parked = 0
    for post, _, attempted in outcomes:
        settled = [post]
        if not attempted.delivered:
            settled += behind[post.message]
            lane = await _failed_lane(tx, target_id, settled)
            if lane is not None:
                lane = after_failure(lane, attempted.retry_after_s, now, random)
                parked += lane.parked
                await tx.save_lanes([lane])
        elif post.row is None:
            await _advance(tx, target_id, post, now)
        for each in settled:
            if each.row is not None:
                each.row.untold[each.slot] = 0
                rows[each.row.row.id] = each.row
    await tx.save_untold([row.as_it_is() for row in rows.values()])
    await tx.insert_attempts([_logged(target_id, outcome) for outcome in outcomes])
    return parked


async def _failed_lane(tx: Transaction, target_id: int, failed: Sequence[Post]) -> Lane | None:
    """Give the lane of a message whose first open event failed; what came out of the outbox joins it."""
    message = failed[0].message
    lane = await tx.lane_of(target_id, message)
    if lane is None and any(post.row is not None for post in failed):
        lane = Lane(target_id, *message, b"", b"", attempts=0, first_failed_at=0, next_at=0, parked=False)
    return lane and with_events(lane, [(post.event, post.happened_at) for post in failed if post.row is not None])


async def _advance(tx: Transaction, target_id: int, post: Post, now: int) -> None:
    """Take the event that was delivered out of its lane; the next one is due at once."""
    lane = await tx.lane_of(target_id, post.message)
    if lane is None or lane.events[0] != post.event:
        return
    if len(lane.events) == 1:
        await tx.drop_lane(target_id, post.message)
        return
    rest = replace(lane, events=lane.events[1:], times=lane.times[8:])
    await tx.save_lanes([replace(rest, attempts=0, first_failed_at=now, next_at=now, parked=False)])


def with_events(lane: Lane, more: Iterable[tuple[int, int]]) -> Lane:
    """Give a lane some more events, each with its time: all of them in the order in which they happen, each once."""
    known = {**dict(more), **dict(zip(lane.events, array("q", lane.times), strict=True))}
    events = sorted(known)
    attempts = lane.attempts if lane.events[:1] == bytes(events[:1]) else 0
    times = array("q", [known[event] for event in events]).tobytes()
    return replace(lane, events=bytes(events), times=times, attempts=attempts)


def _logged(target_id: int, outcome: Outcome) -> AttemptRow:
    post, began_at, (status, duration_ms, error, _) = outcome
    return AttemptRow(target_id, *post.message, post.event, post.attempt, began_at, status, duration_ms, error)
