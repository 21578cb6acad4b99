"""All couriers: one for each target that is switched on, and what is forgotten of what they did."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Final

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
_DAY_MS: Final = 86_400_000

log = structlog.get_logger(__name__)


class Couriers:
    """Starts, wakes and stops them."""

    def __init__(self, telling: Telling, log_days: float) -> None:
        self._telling = telling
        self._log_ms = int(log_days * _DAY_MS)
        self._lines: dict[int, tuple[Courier, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._looked_at = self._tidied_at = -_TIDY_SECONDS

    async def figures(self) -> dict[str, int]:
        """Tell how telling goes: attempts by outcome, events that wait or are parked, and open circuits."""
        untold, parked = await self._telling.store.transact(lambda tx: tx.news_waiting())
        tally = self._telling.tally
        broken = sum(courier.is_broken for courier, _ in self._lines.values())
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
        """Keep couriers at work until cancelled."""
        while True:
            self._bell.clear()
            try:
                await self.step()
            except StoreUnavailable:
                log.exception("could not look for news; trying again")
            await asyncio.sleep(_PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), _LOOK_SECONDS)

    async def step(self) -> None:
        """Wake whoever has something to tell; now and then, take up changes and tidy."""
        now = self._telling.clock.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            await self._look()
            self._looked_at = now
        if self._lines:
            for target_id in await self._telling.store.transact(self._with_news):
                if target_id in self._lines:
                    self._lines[target_id][0].ring()
        # A little at a time, for the next news come in between.
        if now - self._tidied_at >= _TIDY_SECONDS and not await self._telling.store.transact(self._forget):
            self._tidied_at = now

    async def stop(self) -> None:
        """Stop all couriers, and wait for them."""
        for courier, _ in self._lines.values():
            courier.stop()
        ending = [task for _, task in self._lines.values()]
        if ending:
            await asyncio.wait(ending)
        await self._telling.sender.close()

    async def _with_news(self, tx: Transaction) -> list[int]:
        return await tx.targets_with_news(self._telling.clock.now())

    async def _look(self) -> None:
        """Take up what an operator has changed."""
        wanted = {target.id: target for target in await self._telling.store.transact(_targets) if target.enabled}
        for target_id, (courier, _) in self._lines.items():
            target = wanted.get(target_id)
            if target is None:
                courier.stop()
            elif target != courier.target:
                if (target.url, target.concurrency) != (courier.target.url, courier.target.concurrency):
                    self._supervised(self._telling.sender.forget(target_id))
                courier.change(target)
        for target_id, target in wanted.items():
            if target_id not in self._lines:
                self._open(target)

    def _open(self, target: Target) -> None:
        courier = Courier(self._telling, target)
        self._lines[target.id] = courier, self._supervised(self._tell(courier))

    async def _tell(self, courier: Courier) -> None:
        await courier.run()
        await self._telling.sender.forget(courier.target.id)
        # Only now may another one tell this target.
        del self._lines[courier.target.id]

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


async def _targets(tx: Transaction) -> list[Target]:
    return await tx.targets()
