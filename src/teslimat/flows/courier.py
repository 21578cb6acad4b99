"""Tell one target what happened: rows of the outbox in their order, lanes of retries when their time has come.

An event is posted only when the earlier ones of its message were delivered, and waits behind them in a lane if they
were not. So one that is late holds up its own message and nothing else.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from msgspec import Struct

from teslimat.core.clock import Clock
from teslimat.core.news import MessageKey, event_id
from teslimat.core.ports import Store, StoreUnavailable, Transaction
from teslimat.core.webhooks import Sender, Target
from teslimat.flows.circuit import Circuit, Pace
from teslimat.flows.outbox import Opened, Outcome, Post, hurry_lanes, open_lanes, open_news, write_outcomes
from teslimat.flows.wording import Reading, Wording

_HELD: Final = 2_000
"""Events in memory; the last row that is opened may bring some more."""
_FEW: Final = _HELD // 2
"""So few are held that it is worth reading on."""
_RETRY_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 1.0
_GOODBYE_SECONDS: Final = 2.0
"""How long a stop waits for POSTs under way; those that take longer are made again."""
_BEFORE_ALL: Final[MessageKey] = (0, 0, -1)

log = structlog.get_logger(__name__)


class Tally(Struct):
    """What came of all attempts."""

    delivered: int = 0
    failed: int = 0


class Telling(Struct, frozen=True):
    """What telling needs."""

    store: Store
    clock: Clock
    sender: Sender
    random: Callable[[], float]
    """Gives numbers of [0, 1)."""
    failed: Callable[[BaseException], None]
    """Is told of a fault of ours."""
    wording: Wording
    tally: Tally


class _Wishes(NamedTuple):
    """What a courier wants of one transaction."""

    landed: list[Outcome]
    lanes: bool
    rows: bool
    hurry: MessageKey | None
    """The lanes after this one are to come now."""


class _Done(NamedTuple):
    """What a transaction did of it."""

    lanes: Opened
    rows: Opened
    hurry: MessageKey | None
    reading: Reading


class Courier:
    """Tells one target. Its memory is bounded, and nobody waits for it."""

    def __init__(self, telling: Telling, target: Target) -> None:
        self.target = target
        self._telling = telling
        self._circuit = Circuit(telling.random)
        self._pace = Pace(target.per_second)
        self._bell = asyncio.Event()
        self._lanes_wait = self._rows_wait = True
        """There may be more of them to open."""
        self._hurry: MessageKey | None = None
        """After which lane the others are to come now, for the target takes its news again."""
        self._stopping = False
        self._fresh: deque[Post] = deque()
        self._due: deque[Post] = deque()
        self._lanes_turn = True
        self._busy: dict[MessageKey, deque[Post]] = {}
        """Messages of which an event is open, and the later ones that wait behind it."""
        self._held = 0
        """How many events out of the outbox are open."""
        self._opened_to = 0
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._landed: list[Outcome] = []

    @property
    def is_broken(self) -> bool:
        """Tell whether the circuit is open: only probes are posted."""
        return self._circuit.is_open

    def ring(self) -> None:
        """Say that there may be something to tell."""
        self._lanes_wait = self._rows_wait = True
        self._bell.set()

    def change(self, target: Target) -> None:
        """Go on with the target as it is now; another URL gets its chance at once."""
        if target.url != self.target.url:
            self._circuit.succeed()
            self._hurry = _BEFORE_ALL
        self._pace = Pace(target.per_second)
        self.target = target
        self.ring()

    def stop(self) -> None:
        """Post nothing more; run returns once what is under way has ended, or after two seconds."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Tell until stopped."""
        while not self._stopping:
            self._bell.clear()
            try:
                await self.step()
            except StoreUnavailable:
                log.exception("the outbox could not be read or written; trying again", target=self.target.id)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                await self._wait()
        await self._finish()

    async def step(self) -> None:
        """Write down what has landed, open what there is room for, and post what may be posted."""
        hurry = None if self._stopping else self._hurry
        wishes = _Wishes(self._landed[:], self._wants_lanes, self._wants_rows, hurry)
        if any(wishes):
            # Whoever rings from now on may mean what the transaction does not see any more.
            self._lanes_wait &= not wishes.lanes
            self._rows_wait &= not wishes.rows
            try:
                done = await self._telling.store.transact(lambda tx: self._work(tx, wishes))
            except StoreUnavailable:
                self._lanes_wait |= wishes.lanes
                self._rows_wait |= wishes.rows
                raise
            del self._landed[: len(wishes.landed)]
            for outcome in wishes.landed:
                self._release(outcome)
            self._take(done)
            if self._hurry is hurry:
                self._hurry = done.hurry
        self._fill()

    @property
    def _wants_lanes(self) -> bool:
        return self._lanes_wait and not self._due and self._may_post

    @property
    def _wants_rows(self) -> bool:
        return self._rows_wait and self._held <= _FEW and self._may_post

    @property
    def _may_post(self) -> bool:
        return not self._stopping and self._circuit.wait_s(self._telling.clock.monotonic()) == 0

    async def _work(self, tx: Transaction, wishes: _Wishes) -> _Done:
        telling, target_id = self._telling, self.target.id
        now, reading = telling.clock.now(), telling.wording.reading()
        if wishes.landed:
            parked = await write_outcomes(tx, target_id, wishes.landed, self._busy, now, telling.random)
            if parked:
                log.warning("news were parked until somebody asks for them", target=target_id, messages=parked)
        hurry = wishes.hurry and await hurry_lanes(tx, target_id, wishes.hurry, now)
        lanes, rows = Opened([], more=False), Opened([], more=False, last_id=self._opened_to)
        if wishes.lanes:
            busy = self._busy.keys() - {outcome.post.message for outcome in wishes.landed}
            # Those that are under way may stand in front.
            lanes = await open_lanes(tx, reading, target_id, now, busy, len(self._under_way))
        if wishes.rows:
            rows = await open_news(tx, reading, target_id, self._opened_to, _HELD - self._held)
        return _Done(lanes, rows, hurry, reading)

    def _take(self, done: _Done) -> None:
        self._telling.wording.keep(done.reading)
        for post in done.lanes.posts:
            if post.message not in self._busy:
                self._busy[post.message] = deque()
                self._due.append(post)
        self._lanes_wait |= done.lanes.more
        self._opened_to = done.rows.last_id
        self._rows_wait |= done.rows.more
        self._held += len(done.rows.posts)
        for post in done.rows.posts:
            if post.message in self._busy:
                self._busy[post.message].append(post)
            else:
                self._busy[post.message] = deque()
                self._fresh.append(post)

    def _release(self, outcome: Outcome) -> None:
        """Let go of an event that was told, or that waits in a lane now with all that was behind it."""
        post = outcome.post
        behind = self._busy[post.message]
        self._held -= post.row is not None
        self._lanes_wait |= post.row is None and outcome.attempted.delivered
        if behind and outcome.attempted.delivered:
            self._fresh.append(behind.popleft())
        else:
            self._held -= len(behind)
            del self._busy[post.message]

    def _fill(self) -> None:
        """Begin as many POSTs as may be under way now."""
        telling = self._telling
        while not self._stopping and len(self._under_way) < self.target.concurrency:
            now = telling.clock.monotonic()
            if self._circuit.wait_s(now) != 0 or self._pace.wait_s(now):
                return
            post = self._next()
            if post is None:
                return
            self._pace.take(now)
            task = asyncio.create_task(self._attempt(post, probe=self._circuit.begin()))
            self._under_way.add(task)
            task.add_done_callback(self._land)

    def _next(self) -> Post | None:
        """Take lanes and rows in turn; a probe takes what has waited longer."""
        lanes_first = self._lanes_turn or self._circuit.is_open or not self._fresh
        self._lanes_turn = not lanes_first
        if self._due and lanes_first:
            return self._due.popleft()
        return self._fresh.popleft() if self._fresh else None

    async def _attempt(self, post: Post, *, probe: int) -> Outcome:
        target, clock = self.target, self._telling.clock
        began_at = clock.now()
        attempted = await self._telling.sender.post(
            target, event_id(post.message, post.event), post.happened_at, post.body
        )
        self._telling.tally.delivered += attempted.delivered
        self._telling.tally.failed += not attempted.delivered
        if target.url == self.target.url:
            self._judge(delivered=attempted.delivered, probe=probe)
        return Outcome(post, began_at, attempted)

    def _judge(self, *, delivered: bool, probe: int) -> None:
        was_broken = self._circuit.is_open
        if delivered:
            self._circuit.succeed()
        else:
            self._circuit.fail(self._telling.clock.monotonic(), probe=probe)
        if self._circuit.is_open and not was_broken:
            self._hurry = None
            log.warning("a webhook target takes nothing; it is only probed from now on", target=self.target.id)
        elif was_broken and not self._circuit.is_open:
            self._hurry = _BEFORE_ALL
            self.ring()
            log.warning("a webhook target takes its news again", target=self.target.id)

    def _land(self, task: asyncio.Task[Outcome]) -> None:
        self._under_way.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._telling.failed(error)
            return
        self._landed.append(task.result())
        self._bell.set()
        # The next ones need not wait until this is written down.
        self._fill()

    async def _wait(self) -> None:
        """Wait for the bell, or for what the circuit or the pace holds back."""
        if self._wants_lanes or self._wants_rows or self._hurry:
            return
        seconds = _LONGEST_WAIT_SECONDS
        now = self._telling.clock.monotonic()
        probe_s = self._circuit.wait_s(now)
        waiting = self._fresh or self._due or (probe_s and (self._lanes_wait or self._rows_wait))
        if waiting and probe_s is not None and len(self._under_way) < self.target.concurrency:
            seconds = min(seconds, max(probe_s, self._pace.wait_s(now)))
        # Not wait_for, which may swallow a cancel that comes with the bell.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _finish(self) -> None:
        """Wait a little for what is under way, and write down what landed; the rest is told again."""
        if self._under_way:
            _, late = await asyncio.wait(tuple(self._under_way), timeout=_GOODBYE_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        try:
            await self.step()
        except StoreUnavailable:
            log.exception("what was told could not be written down; it will be told again", target=self.target.id)
