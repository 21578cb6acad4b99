"""What has to happen with time: leases, doubts, expiry, routes, and forgetting."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import structlog
from msgspec.structs import replace

from teslimat.core.clock import Clock
from teslimat.core.model import BlockKey
from teslimat.core.ports import Store, StoreUnavailable, Transaction
from teslimat.flows.dispatch import LEASE_MS
from teslimat.flows.expire import expire
from teslimat.flows.place import DUPLICATE_WINDOW_MS
from teslimat.flows.route import Routes, reroute
from teslimat.flows.settle import Keeping, Settled, means, receipt_of, settle
from teslimat.flows.uncertain import decide, release_claims, submitting

_ROWS: Final = 16
"""Blocks decided about in one transaction; each may hold a thousand uncertain recipients."""
_DOUBTS: Final = 200
_ORPHANS: Final = 500
_REROUTED: Final = 500
_FORGOTTEN: Final = 2_000
_FORGETTING_TURNS: Final = 50

log = structlog.get_logger(__name__)


class Upkeep:
    """Does once a second what nobody else is asked to do."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        routes: Routes,
        keeping: Keeping,
        owner: str,
        grace_ms: int,
        told: Callable[[Settled], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._routes = routes
        self._keeping = keeping
        self._owner = owner
        self._grace_ms = grace_ms
        self._told = told
        self._doubts: dict[tuple[BlockKey, int], int] = {}

    def doubt(self, recipients: Sequence[tuple[BlockKey, int]]) -> None:
        """Decide about these after the grace, unless an answer or a receipt does first."""
        due = self._clock.now() + self._grace_ms
        self._doubts.update(dict.fromkeys(recipients, due))

    async def take_over(self) -> int:
        """Take over what a dead process held, where there can be only one; how many messages are uncertain.

        Rows with nothing on its way are free at once; the others after the grace, for receipts may still name
        their messages.
        """

        async def work(tx: Transaction) -> int:
            rows = await tx.foreign_claims(self._owner)
            states = await tx.load_states([(row.order_id, row.block_no) for row in rows])
            uncertain = {key: len(submitting(state)) for key, state in states.items()}
            wait_until = self._clock.now() + self._grace_ms
            await tx.update_claims(
                [
                    replace(row, lease_until=wait_until)
                    if uncertain[row.order_id, row.block_no]
                    else replace(row, owner=None, lease_until=0)
                    for row in rows
                ]
            )
            return sum(uncertain.values())

        return await self._store.transact(work)

    async def run(self, seconds_between: float) -> None:
        """Keep things up until cancelled."""
        while True:
            await asyncio.sleep(seconds_between)
            try:
                await self.tick()
            except StoreUnavailable:
                log.exception("upkeep failed; trying again")

    async def tick(self) -> None:
        """Do all of it once."""
        rows = _ROWS
        while rows == _ROWS:
            rows, done = await self._store.transact(self._hold_and_release)
            self._told(done)
        while due := self._doubts_due():
            await self._decide_doubts(due)
        self._told(await self._store.transact(self._join_orphans))
        if ended := await expire(self._store, self._clock):
            self._told(Settled(undelivered=ended))
        if self._routes.carrier_ids:
            self._told(await self._store.transact(self._reroute))
        for _ in range(_FORGETTING_TURNS):
            if not await self._store.transact(self._forget):
                break

    async def _hold_and_release(self, tx: Transaction) -> tuple[int, Settled]:
        """Prolong what is ours, decide about what nobody holds any more; how many rows that was."""
        now = self._clock.now()
        await tx.renew_leases(self._owner, now + LEASE_MS)
        rows = await tx.expired_claims(now, _ROWS)
        return len(rows), await release_claims(tx, rows, now, self._keeping)

    def _doubts_due(self) -> dict[tuple[BlockKey, int], int]:
        now = self._clock.now()
        due = ((who, decide_at) for who, decide_at in self._doubts.items() if decide_at <= now)
        return dict(islice(due, _DOUBTS))

    async def _decide_doubts(self, due: dict[tuple[BlockKey, int], int]) -> None:
        self._told(await self._store.transact(lambda tx: decide(tx, due, self._clock.now(), self._keeping)))
        for who, decide_at in due.items():
            if self._doubts.get(who) == decide_at:
                del self._doubts[who]

    async def _reroute(self, tx: Transaction) -> Settled:
        return Settled(freed=await reroute(tx, self._routes, self._owner, _REROUTED))

    async def _join_orphans(self, tx: Transaction) -> Settled:
        """Settle orphans whose answer was recorded by another process in the same moment.

        One whose id stands for another phone goes on waiting, under every form of its id.
        """
        now = self._clock.now()
        orphans = await tx.matchable_orphans(now - self._keeping.orphan_ms, _ORPHANS)
        known = await tx.find_submissions(list({(orphan.carrier_id, orphan.message_id) for orphan in orphans}))
        matched = {o.id: o for o in orphans if means(o, known[o.carrier_id, o.message_id].number)}
        await tx.drop_orphans(list(matched))
        return await settle(tx, [], list(map(receipt_of, matched.values())), now, self._keeping)

    async def _forget(self, tx: Transaction) -> bool:
        """Forget some of what has had its time; False once there is little left of it."""
        now = self._clock.now()
        forgotten = (
            await tx.forget_submissions(now, _FORGOTTEN),
            await tx.forget_duplicates(now - DUPLICATE_WINDOW_MS, _FORGOTTEN),
            await tx.forget_orphans(now - self._keeping.orphan_ms, _FORGOTTEN),
        )
        return max(forgotten) == _FORGOTTEN
