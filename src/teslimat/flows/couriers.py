"""All couriers: one for each target that is switched on, and what is forgotten of what they did."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Final, NamedTuple

import structlog

from teslimat.core.ports import StoreUnavailable, Transaction
from teslimat.core.webhooks import Target
from teslimat.flows.courier import Courier, Telling

_LOOK_SECONDS: Final = 0.5
"""How often what an operator changed is looked for, and lanes whose time has come."""
_PAUSE_SECONDS: Final = 0.02
"""What is recorded within this time is told in one go."""
_TIDY_SECONDS: Final = 60.0
_FORGOTTEN: Final = 500
_COUNT_SECONDS: Final = 5.0
"""How long a count of what waits is good for: the event loop waits for it, and there may be millions."""
_DAY_MS: Final = 86_400_000

log = structlog.get_logger(__name__)


class _AtWork(NamedTuple):
    courier: Courier
    task: asyncio.Task[None]


class Couriers:
    """Starts, wakes and stops them."""

    def __init__(self, telling: Telling, log_days: float) -> None:
        self._telling = telling
        self._log_ms = int(log_days * _DAY_MS)
        self._at_work: dict[int, _AtWork] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._stopping = False
        self._looked_at = self._tidied_at = self._counted_at = -_TIDY_SECONDS
        self._waiting = (0, 0)

    async def figures(self) -> dict[str, int]:
        """Tell how telling goes: attempts by outcome, events that wait or are parked, and open circuits.

        What waits is as it was within the last five seconds.
        """
        now = self._telling.clock.monotonic()
        if now - self._counted_at >= _COUNT_SECONDS:
            self._waiting = await self._telling.store.news_waiting()
            self._counted_at = now
        untold, parked = self._waiting
        tally = self._telling.tally
        broken = sum(courier.is_broken for courier, _ in self._at_work.values())
        return {
            "delivered": tally.delivered,
            "failed": tally.failed,
            "untold": untold,
            "parked": parked,
            "circuits_open": broken,
        }

    def ring(self) -> None:
        """Say that news were recorded."""
        self._bell.set()

    async def run(self) -> None:
        """Keep couriers at work until stopped or cancelled."""
        while not self._stopping:
            self._bell.clear()
            try:
                await self.step()
            except StoreUnavailable:
                log.exception("could not look for news; trying again")
            await asyncio.sleep(_PAUSE_SECONDS)
            # Not wait_for, which may swallow a cancel that comes with the bell.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._bell.wait()

    async def step(self) -> None:
        """Wake whoever has something to tell; now and then, take up changes and tidy."""
        now = self._telling.clock.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            await self._look()
            self._looked_at = now
        if self._at_work:
            for target_id in await self._telling.store.targets_with_news(self._telling.clock.now()):
                if target_id in self._at_work:
                    self._at_work[target_id].courier.ring()
        # A little at a time, for the next news come in between.
        if now - self._tidied_at >= _TIDY_SECONDS and not await self._telling.store.transact(self._forget):
            self._tidied_at = now

    async def stop(self) -> None:
        """Stop all couriers, and wait for them; none begins any more."""
        self._stopping = True
        self._bell.set()
        for courier, _ in self._at_work.values():
            courier.stop()
        ending = [task for _, task in self._at_work.values()]
        if ending:
            await asyncio.wait(ending)
        await self._telling.sender.close()

    async def _look(self) -> None:
        """Take up what an operator has changed."""
        wanted = {target.id: target for target in await self._telling.store.webhook_targets() if target.enabled}
        if self._stopping:
            return
        for target_id, (courier, _) in self._at_work.items():
            target = wanted.get(target_id)
            if target is None:
                courier.stop()
            elif target != courier.target:
                courier.change(target)
        for target_id, target in wanted.items():
            if target_id not in self._at_work:
                self._open(target)

    def _open(self, target: Target) -> None:
        courier = Courier(self._telling, target)
        self._at_work[target.id] = _AtWork(courier, self._supervised(self._tell(courier)))

    async def _tell(self, courier: Courier) -> None:
        await courier.run()
        await self._telling.sender.forget(courier.target.id)
        # Only now may another one tell this target.
        del self._at_work[courier.target.id]

    async def _forget(self, tx: Transaction) -> bool:
        """Forget some of what was told long ago; False once there is little left of it."""
        before = self._telling.clock.now() - self._log_ms
        forgotten = (
            await tx.forget_news(before, _FORGOTTEN),
            await tx.forget_attempts(before, _FORGOTTEN),
            await tx.forget_removed(_FORGOTTEN),
        )
        return max(forgotten) >= _FORGOTTEN

    def _supervised(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._notice_end)
        return task

    def _notice_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._telling.failed(error)
