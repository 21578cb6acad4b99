"""The transactions of a courier: open what is to be told, and write down what came of telling it.

What is untold stands in a row of the outbox or in a lane of retries, never in both and never in neither: so whatever
happens to the process, the rest is found again, and an event is told at least once.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.news import AttemptRow, Lane, MessageKey, OutboxRow
from teslimat.core.ports import Transaction
from teslimat.core.webhooks import Attempted
from teslimat.flows.backoff import after_failure
from teslimat.flows.wording import Wording

_ROWS_AT_ONCE: Final = 32
"""Each may need a block with a thousand texts to be read, and the event loop waits for that."""


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
    last_id: int
    """The last row that was opened."""
    more: bool
    """There may be more to open."""


async def open_news(tx: Transaction, wording: Wording, target_id: int, after_id: int, room: int) -> Opened:
    """Open rows until there are room events or more. News of a message that has a lane go there."""
    posts: list[Post] = []
    rows = await tx.news_after(target_id, after_id, _ROWS_AT_ONCE)
    more = len(rows) == _ROWS_AT_ONCE
    for row in rows:
        if len(posts) >= room:
            return Opened(posts, after_id, more=True)
        posts += await _open_row(tx, wording, row)
        after_id = row.id
    return Opened(posts, after_id, more)


async def _open_row(tx: Transaction, wording: Wording, row: OutboxRow) -> list[Post]:
    order_id, block_no = key = row.order_id, row.block_no
    lanes = await tx.lanes_in(row.target_id, key)
    block = await wording.of(tx, key)
    opened = OpenRow(row)
    longer: dict[int, Lane] = {}
    posts = []
    for slot, position in enumerate(array("H", row.positions)):
        event = row.events[slot]
        if not row.untold[slot]:
            continue
        if position in lanes:
            lanes[position] = longer[position] = _longer(lanes[position], [(event, row.happened_at)])
            opened.untold[slot] = 0
            continue
        body = block.body(position, event)
        posts.append(Post((order_id, block_no, position), event, row.happened_at, body, 1, opened, slot))
    if longer:
        await tx.save_lanes(list(longer.values()))
        await tx.save_untold([opened.as_it_is()])
    return posts


async def open_lanes(tx: Transaction, wording: Wording, target_id: int, now: int, limit: int) -> list[Post]:
    """Open the lanes whose time has come, the longest due first."""
    posts = []
    for lane in await tx.due_lanes(target_id, now, limit):
        block = await wording.of(tx, (lane.order_id, lane.block_no))
        event = lane.events[0]
        body = block.body(lane.position, event)
        posts.append(Post(lane.key, event, lane.happened_at, body, lane.attempts + 1, None, 0))
    return posts


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
    await tx.insert_attempts([_line(target_id, outcome) for outcome in outcomes])
    return parked


async def _failed_lane(tx: Transaction, target_id: int, failed: Sequence[Post]) -> Lane | None:
    """Give the lane of a message whose first open event failed; what came out of the outbox joins it."""
    message = failed[0].message
    lane = await tx.lane_of(target_id, message)
    if lane is None and any(post.row is not None for post in failed):
        lane = Lane(target_id, *message, b"", b"", attempts=0, first_failed_at=0, next_at=0, parked=False)
    return lane and _longer(lane, [(post.event, post.happened_at) for post in failed if post.row is not None])


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


def _longer(lane: Lane, more: Sequence[tuple[int, int]]) -> Lane:
    events, times = bytes(event for event, _ in more), array("q", [at for _, at in more])
    return replace(lane, events=lane.events + events, times=lane.times + times.tobytes())


def _line(target_id: int, outcome: Outcome) -> AttemptRow:
    post, began_at, (status, duration_ms, error, _) = outcome
    return AttemptRow(target_id, *post.message, post.event, post.attempt, began_at, status, duration_ms, error)
