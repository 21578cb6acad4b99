"""A carrier's binds together: one place to hand parts to, whatever becomes of the single connections."""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import structlog

from teslimat.carriers.link import Link, Tally, Token, answers_of
from teslimat.carriers.pace import Pace
from teslimat.carriers.profile import Profile
from teslimat.core.clock import Clock
from teslimat.core.model import Carrier
from teslimat.core.outcomes import Answer, Fate, OutgoingPart, Receipt
from teslimat.core.ports import Inbox
from teslimat.core.reasons import Reason
from teslimat.smpp.pdus import Bind, Command, encode

_log = structlog.get_logger(__name__)

_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 60.0
_MAX_DOUBLINGS = 6
_LOOK_AGAIN_S = 0.05
# A bind that lasted so long was a good one: the next attempt need not wait longer than the first.
_STABLE_S = 10.0


class PoolState(NamedTuple):
    """How a carrier is doing."""

    binds: int
    """How many there should be."""
    bound: int
    last_error: str
    """Why a bind was last lost or refused, in words without secrets; empty while all is well."""
    parts_per_second: float
    """The pace at the moment; infinite without a limit."""


def check_bind(carrier: Carrier) -> None:
    """Raise ValueError if the system id or password does not fit a bind (SMPP 3.4 §4.1.5: 15 and 8 octets)."""
    encode(_bind_of(carrier))


def _bind_of(carrier: Carrier) -> Bind:
    return Bind(Command.BIND_TRANSCEIVER, 0, carrier.system_id, carrier.password)


class Pool:
    """A carrier as a :class:`~teslimat.core.ports.CarrierLink`.

    :meth:`start` connects each bind and keeps it connected, with exponential backoff and full jitter.
    Parts wait here, not at a bind, so they leave by whichever has most room; once the last bind is lost they are
    answered NOT_SENT. ``bell`` is rung when :meth:`room` stops being 0; ``failed`` is told of a fault of ours that
    ended a task; ``random`` gives floats from 0 to 1.

    Raises ValueError if the carrier's system id or password does not fit a bind (SMPP 3.4 §4.1.5: 15 and 8 octets).
    """

    def __init__(
        self,
        carrier: Carrier,
        profile: Profile,
        inbox: Inbox,
        clock: Clock,
        random: Callable[[], float],
        bell: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._carrier = carrier
        self._profile = profile
        self._inbox = inbox
        self._clock = clock
        self._random = random
        self._bell = bell
        self._failed = failed
        check_bind(carrier)
        self._bind = _bind_of(carrier)
        self._pace = Pace(carrier.parts_per_second, clock.monotonic())
        self._waiting: deque[tuple[OutgoingPart, float]] = deque()
        self._bound: list[Link] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._wake: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._had_room = False
        self._last_error = ""
        self.tally = Tally()

    @property
    def carrier_id(self) -> int:
        """Which carrier this is."""
        return self._carrier.id

    @property
    def state(self) -> PoolState:
        """How the carrier is doing."""
        return PoolState(self._carrier.binds, len(self._bound), self._last_error, self._pace.rate)

    # The port of the dispatcher and of the settler.

    def room(self) -> int:
        """How many more parts to hand over now: what fits the windows and a little more, so that none runs empty.

        With what waits already that is no more than the pace takes in a tenth of a second, nor more than one
        window beyond those that are free. 0 while no bind can be used, in a pause, and once it stops.
        """
        room = self._room()
        self._had_room = room > 0
        return room

    def _room(self) -> int:
        usable = [link.room for link in self._bound if link.usable]
        if not usable or self._stopping.is_set():
            return 0
        most = min(sum(usable) + self._carrier.window, self._pace.ahead(self._clock.monotonic()))
        return max(0, most - len(self._waiting))

    def submit(self, parts: Sequence[OutgoingPart], write_before: float) -> None:
        """Send these in order; what could not be written by then (monotonic seconds) is answered NOT_SENT."""
        self._waiting.extend([(part, write_before) for part in parts])
        self._pump()

    def withdraw(self) -> None:
        """Answer NOT_SENT for everything that was handed over but not written yet."""
        parts = [part for part, _ in self._waiting]
        self._waiting.clear()
        self._give_back(parts)

    def unanswered(self) -> int:
        """How many parts were handed over and have no answer yet."""
        return len(self._waiting) + sum(link.unanswered for link in self._bound)

    def acknowledge(self, tokens: Sequence[object]) -> None:
        """Acknowledge receipts whose effect is committed, and read on if there is space for more."""
        by_link: dict[Link, list[int]] = {}
        for link, sequence in cast("Sequence[Token]", tokens):
            if link in by_link:
                by_link[link].append(sequence)
            else:
                by_link[link] = [sequence]
        for link, sequences in by_link.items():
            link.acknowledge(sequences)
        self._read_on()

    # Life and death.

    def start(self) -> None:
        """Begin to connect."""
        for index in range(self._carrier.binds):
            task = asyncio.create_task(self._keep_bound(), name=f"bind {index} of {self._carrier.name}")
            task.add_done_callback(self._notice_end)
            self._tasks.append(task)

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing more, give back what was not written, wait for answers, unbind and close.

        What is not answered when the grace is over is answered UNKNOWN. Receipts that are not acknowledged by
        then will be sent again after the next bind.
        """
        self._stopping.set()
        self.withdraw()
        self._note_idle()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
        links = list(self._bound)
        for link in links:
            link.unbind()
        if links:
            ends = [link.ended for link in links]
            await asyncio.wait(ends, timeout=self._profile.timers.unbind)
            for link in links:
                link.abort()
            await asyncio.wait(ends)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for timer in (self._wake, self._look):
            if timer is not None:
                timer.cancel()

    async def _keep_bound(self) -> None:
        """Keep one bind connected, until told to stop."""
        failures = 0
        while not self._stopping.is_set():
            link = Link(
                self._carrier.id,
                self._bind,
                self._carrier.window,
                self._profile,
                self._clock,
                self,
                self.tally,
            )
            error = await self._live(link)
            if self._stopping.is_set():
                return
            self._last_error = error
            _log.warning("carrier lost", carrier=self._carrier.name, error=error)
            if link.bound_at is not None and self._clock.monotonic() - link.bound_at >= _STABLE_S:
                failures = 0
            longest = min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** min(failures, _MAX_DOUBLINGS))
            failures += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(longest * self._random()):
                    await self._stopping.wait()

    async def _live(self, link: Link) -> str:
        """One connection from its beginning to its end; why it ended."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._profile.timers.bind):
                await loop.create_connection(lambda: link, self._carrier.host, self._carrier.port)
        except TimeoutError:
            return "no connection in time"
        except OSError as error:
            return f"no connection: {error.strerror or error}"
        except UnicodeError:
            return "no connection: its host is no name that can be looked up"
        try:
            # Not awaited itself: cancelling this task must not cancel the end of the connection.
            await asyncio.wait([link.ended])
        finally:
            link.abort()
        link.ended.result()
        return link.error

    def _notice_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._last_error = "a fault of the gateway itself"
            self._failed(error)

    # What links tell.

    def bound(self, link: Link) -> None:
        """One more bind is there."""
        self._bound.append(link)
        if len(self._bound) == self._carrier.binds:
            self._last_error = ""
        _log.info("carrier bound", carrier=self._carrier.name, binds=len(self._bound))
        if self._stopping.is_set():
            link.unbind()

    def lost(self, link: Link) -> None:
        """One bind is gone, if it ever was one."""
        if link in self._bound:
            self._bound.remove(link)

    def brought(
        self, link: Link, answers: Sequence[Answer], receipts: Sequence[tuple[Receipt, Token]], *, slow_down: bool
    ) -> None:
        """Hand a link's news on, and use the room that they made."""
        if slow_down:
            self._pace.slow_down(self._clock.monotonic())
        if answers:
            self._inbox.answered(answers)
        if receipts:
            self._inbox.received(self, receipts)
        if link in self._bound and self._inbox.full():
            link.pause_reading()
            self._look_again()
        self._pump()
        self._note_idle()

    def _look_again(self) -> None:
        """See to it that reading goes on even if there is nothing to acknowledge: answers fill an inbox too."""
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK_AGAIN_S, self._read_on)

    def _read_on(self) -> None:
        """Read from the links that wait for the inbox, if it has space."""
        if self._look is None:
            return
        self._look.cancel()
        self._look = None
        if self._inbox.full():
            self._look_again()
            return
        for link in self._bound:
            link.resume_reading()
        self._pump()

    # From here to the wire.

    def _pump(self) -> None:
        """Write what pace and windows allow, then see to the next time and the bell."""
        now = self._clock.monotonic()
        while self._waiting:
            link = max(self._bound, key=lambda link: link.room, default=None)
            count = 0 if link is None else min(link.room, self._pace.allowance(now))
            parts = self._take(count, now)
            if not parts or link is None:
                break
            self._pace.take(len(parts), now)
            if refused := link.submit(parts):
                self._inbox.answered(refused)
        if not self._bound:
            # Without any bind, what waits would wait for nothing.
            self.withdraw()
        self._set_wake(now)
        if not self._had_room and self._room() > 0:
            # Once is enough: the dispatcher asks for room before it waits again.
            self._had_room = True
            self._bell()

    def _take(self, count: int, now: float) -> list[OutgoingPart]:
        """The next parts to write; those whose time is over are given back, however many stand in front."""
        waiting = self._waiting
        parts: list[OutgoingPart] = []
        too_late: list[OutgoingPart] = []
        while waiting and (len(parts) < count or waiting[0][1] <= now):
            part, write_before = waiting.popleft()
            if write_before > now:
                parts.append(part)
            else:
                too_late.append(part)
        self._give_back(too_late)
        return parts

    def _give_back(self, parts: Sequence[OutgoingPart]) -> None:
        if parts:
            self.tally.fates[Fate.NOT_SENT] += len(parts)
            self._inbox.answered(answers_of(parts, self._carrier.id, Fate.NOT_SENT, Reason.NONE, self._clock.now()))

    def _set_wake(self, now: float) -> None:
        """Come back when the pace allows more, or what waits has waited too long."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        at = self._waiting[0][1] if self._waiting else math.inf
        if self._pace.paused(now) or (self._waiting and any(link.room for link in self._bound)):
            at = min(at, self._pace.next_write(len(self._waiting), now))
        if at < math.inf and self._bound:
            self._wake = asyncio.get_running_loop().call_later(max(0.0, at - now), self._pump)

    def _note_idle(self) -> None:
        if self._stopping.is_set() and not self.unanswered():
            self._idle.set()
