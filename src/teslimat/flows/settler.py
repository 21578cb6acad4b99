"""The inbox of all carriers, and the loop that settles what is in it.

A batch is whatever arrived while the last one was being committed: there is no timer, for a carrier that allows
few unacknowledged receipts must not wait.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from teslimat.core.clock import Clock
from teslimat.core.outcomes import Answer, Receipt
from teslimat.core.ports import CarrierLink, Store, StoreUnavailable
from teslimat.flows.attempts import Attempts
from teslimat.flows.settle import Keeping, Settled, settle

_FULL: Final = 20_000
"""Answers and receipts; links stop reading beyond."""
_BATCH: Final = 1_000
_RETRY_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class Settler:
    """The port core.ports.Inbox, and what empties it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        attempts: Attempts,
        keeping: Keeping,
        told: Callable[[Settled], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._attempts = attempts
        self._keeping = keeping
        self._told = told
        self._answers: list[Answer] = []
        self._receipts: list[tuple[Receipt, CarrierLink, object]] = []
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def answered(self, answers: Sequence[Answer]) -> None:
        """Take answers; see the port."""
        self._answers += self._attempts.decided(answers)
        self._arrived.set()

    def received(self, link: CarrierLink, receipts: Sequence[tuple[Receipt, object]]) -> None:
        """Take receipts; see the port."""
        self._receipts += [(receipt, link, token) for receipt, token in receipts]
        self._arrived.set()

    def full(self) -> bool:
        """Tell whether links should stop reading."""
        return len(self._answers) + len(self._receipts) >= _FULL

    async def run(self) -> None:
        """Settle until cancelled; cancelling loses nothing that was acknowledged."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._answers or self._receipts:
                await self.step()

    async def drained(self) -> None:
        """Return when all that has arrived is settled."""
        while self._answers or self._receipts or not self._idle.is_set():
            await self._idle.wait()
            await asyncio.sleep(0)

    async def step(self) -> Settled:
        """Settle a batch, then acknowledge its receipts (promise 4)."""
        answers, self._answers = self._answers[:_BATCH], self._answers[_BATCH:]
        # A receipt must not overtake its answer, which may still stand in the queue.
        taken = 0 if self._answers else _BATCH
        received, self._receipts = self._receipts[:taken], self._receipts[taken:]
        receipts = [receipt for receipt, _, _ in received]
        self._idle.clear()
        try:
            done = await self._commit(answers, receipts)
        finally:
            self._idle.set()
        tokens: dict[CarrierLink, list[object]] = {}
        for _, link, token in received:
            tokens.setdefault(link, []).append(token)
        for link, some in tokens.items():
            link.acknowledge(some)
        self._told(done)
        return done

    async def _commit(self, answers: Sequence[Answer], receipts: Sequence[Receipt]) -> Settled:
        """Settle until it is durable: what carriers told is never dropped because a disk was full for a while."""
        while True:
            try:
                return await self._store.transact(
                    lambda tx: settle(tx, answers, receipts, self._clock.now(), self._keeping)
                )
            except StoreUnavailable:
                log.exception("settling failed; trying again", answers=len(answers), receipts=len(receipts))
                await asyncio.sleep(_RETRY_SECONDS)
