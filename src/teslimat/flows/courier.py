"""Tell one target what happened: rows of the outbox in their order, lanes of retries when their time has come.

An event is posted only when the earlier ones of its message were delivered, and waits behind them in a lane if they
were not. So one that is late holds up its own message and nothing else.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from msgspec import Struct

from teslimat.core.clock import Clock
from teslimat.core.news import MessageKey, event_id
from teslimat.core.ports import Store, StoreUnavailable, Transaction
from teslimat.core.webhooks import Sender, Target
from teslimat.flows.circuit import Circuit, Pace
from teslimat.flows.outbox import Opened, Outcome, Post, open_lanes, open_news, write_outcomes
from teslimat.flows.wording import Wording

_HELD: Final = 2_000
"""Events in memory; the last row that is opened may bring some more."""
_FEW: Final = _HELD // 2
"""So few are held that it is worth reading on."""
_LANES_AT_ONCE: Final = 32
_RETRY_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 1.0
_GOODBYE_SECONDS: Final = 2.0
"""How long a stop waits for POSTs under way; those that take longer are made again."""

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
        landed, lanes, rows = self._landed[:], self._wants_lanes, self._wants_rows
        if landed or lanes or rows:
            # Whoever rings from now on may mean what the transaction does not see any more.
            self._lanes_wait &= not lanes
            self._rows_wait &= not rows
            try:
                due, opened = await self._telling.store.transact(lambda tx: self._work(tx, landed, lanes, rows))
            except StoreUnavailable:
                self._lanes_wait |= lanes
                self._rows_wait |= rows
                raise
            del self._landed[: len(landed)]
            for outcome in landed:
                self._release(outcome)
            self._take(due, opened)
        self._fill()

    @property
    def _wants_lanes(self) -> bool:
        return self._lanes_wait and not self._due and not self._stopping

    @property
    def _wants_rows(self) -> bool:
        return self._rows_wait and self._held <= _FEW and not self._stopping

    async def _work(
        self,
        tx: Transaction,
        landed: Sequence[Outcome],
        lanes: bool,  # noqa: FBT001 - what is wanted of the three
        rows: bool,  # noqa: FBT001
    ) -> tuple[list[Post], Opened]:
        telling, target_id = self._telling, self.target.id
        now = telling.clock.now()
        if landed:
            parked = await write_outcomes(tx, target_id, landed, self._busy, now, telling.random)
            if parked:
                log.warning("news were parked until somebody asks for them", target=target_id, messages=parked)
        due: list[Post] = []
        opened = Opened([], self._opened_to, more=False)
        if lanes:
            # Those that are under way may still stand in front.
            limit = _LANES_AT_ONCE + self.target.concurrency
            due = await open_lanes(tx, telling.wording, target_id, now, limit)
        if rows:
            opened = await open_news(tx, telling.wording, target_id, self._opened_to, _HELD - self._held)
        return due, opened

    def _take(self, due: Sequence[Post], opened: Opened) -> None:
        for post in due:
            if post.message not in self._busy:
                self._busy[post.message] = deque()
                self._due.append(post)
        self._lanes_wait |= len(due) > _LANES_AT_ONCE and bool(self._due)
        self._opened_to = opened.last_id
        self._rows_wait |= opened.more
        self._held += len(opened.posts)
        for post in opened.posts:
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
            if self._circuit.wait_ms(telling.clock.now()) != 0 or self._pace.wait_s(now):
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

    async def _attempt(self, post: Post, *, probe: bool) -> Outcome:
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

    def _judge(self, *, delivered: bool, probe: bool) -> None:
        was_broken = self._circuit.is_open
        if delivered:
            self._circuit.succeed()
        else:
            self._circuit.fail(self._telling.clock.now(), probe=probe)
        if self._circuit.is_open and not was_broken:
            log.warning("a webhook target takes nothing; it is only probed from now on", target=self.target.id)
        elif was_broken and not self._circuit.is_open:
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
        if self._wants_lanes or self._wants_rows:
            return
        seconds = _LONGEST_WAIT_SECONDS
        clock = self._telling.clock
        probe_ms = self._circuit.wait_ms(clock.now())
        if (self._fresh or self._due) and probe_ms is not None and len(self._under_way) < self.target.concurrency:
            seconds = min(seconds, max(probe_ms / 1000, self._pace.wait_s(clock.monotonic())))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), seconds)

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
