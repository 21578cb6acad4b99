"""Receivers that obey the test, in the place of the network, and the couriers of a house that tell them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import json

from teslimat.core.news import AttemptRow, Event, Lane, event_id
from teslimat.core.webhooks import Attempted, Secret, Target
from teslimat.flows.courier import Courier, Tally, Telling
from teslimat.flows.wording import Wording
from tests.simulation.house import House

HANG = -1
ACCEPTED, DELIVERED, UNDELIVERED = Event
OK = 200
FAILED = 500


class Told(NamedTuple):
    """A POST as its receiver saw it."""

    target_id: int
    event_id: str
    event_at: int
    body: bytes
    answer: int

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.decode(self.body)["report"])

    @property
    def message(self) -> str:
        return self.event_id.rpartition("-")[0]

    @property
    def event(self) -> str:
        return self.event_id.rpartition("-")[2]


class Receivers:
    """The port core.webhooks.Sender: what each receiver answers is up to the test."""

    def __init__(self, answer: Callable[[int, str], int] = lambda _target, _event: OK) -> None:
        self.answer = answer
        self.retry_after_s = 0
        self.told: list[Told] = []
        self.hanging: Counter[int] = Counter()
        self.forgotten: list[int] = []
        self._let_go = asyncio.Event()

    async def post(self, target: Target, event_id: str, event_at: int, body: bytes) -> Attempted:
        status = self.answer(target.id, event_id)
        self.told.append(Told(target.id, event_id, event_at, body, status))
        if status == HANG:
            self.hanging[target.id] += 1
            try:
                await self._let_go.wait()
            finally:
                self.hanging[target.id] -= 1
            return Attempted(0, 10_000, "timed out", 0)
        return Attempted(status, 7, "" if status else "connection refused", self.retry_after_s)

    async def forget(self, target_id: int) -> None:
        self.forgotten.append(target_id)

    async def close(self) -> None: ...

    def time_out(self) -> None:
        """Whatever hangs fails."""
        self._let_go.set()
        self._let_go = asyncio.Event()

    def events(self, target_id: int | None = None) -> list[str]:
        """The ids of what was told, in order."""
        return [told.event_id for told in self.told if target_id in (None, told.target_id)]


class Replay(NamedTuple):
    """A moment at which something was asked for again."""

    told: int
    """How many POSTs there were before."""
    open: frozenset[str]
    """Messages of which a courier had something in hand already."""


class Town:
    """A house, receivers, and a courier for each of them."""

    def __init__(self, house: House, receivers: Receivers) -> None:
        self.house = house
        self.receivers = receivers
        self.faults: list[BaseException] = []
        self.couriers: dict[int, Courier] = {}
        self.targets: dict[int, Target] = {}
        self.replays: list[Replay] = []

    async def add(self, *, concurrency: int = 4, per_second: int = 0, account_id: int | None = None) -> Target:
        owner = account_id or self.house.account_id
        secrets = (Secret(bytes(32), 0),)
        new = Target(0, owner, "https://receiver.example/hook", secrets, concurrency, per_second, enabled=True)
        target_id = await self.house.store.transact(lambda tx: tx.insert_target(new))
        (target,) = [t for t in await self.house.store.webhook_targets() if t.id == target_id]
        self.targets[target_id] = target
        self.start(target)
        return target

    def telling(self) -> Telling:
        house = self.house
        return Telling(
            house.store, house.clock, self.receivers, house.random.random, self.faults.append, Wording(), Tally()
        )

    def start(self, target: Target) -> None:
        self.couriers[target.id] = Courier(self.telling(), target)

    def restart(self) -> None:
        """Begin anew with all couriers; they remember nothing."""
        for target in self.targets.values():
            self.start(target)

    async def crash(self) -> None:
        """Lose everything that is not in the file, POSTs under way too."""
        for courier in self.couriers.values():
            for task in courier._under_way:
                task.cancel()
        await asyncio.sleep(0)
        await self.house.crash()
        self.restart()

    async def tell(self, turns: int = 10_000) -> None:
        """Let couriers work until nothing is left to do now, or for so many turns."""
        for courier in self.couriers.values():
            courier.ring()
        while turns and not all(map(self._is_quiet, self.couriers.values())):
            turns -= 1
            for courier in self.couriers.values():
                await courier.step()
            for _ in range(3):  # an attempt begins, ends, and lands
                await asyncio.sleep(0)
        assert not self.faults

    def open_messages(self) -> frozenset[str]:
        """The messages of which couriers have something in hand, as they are called in ids."""
        busy = [message for courier in self.couriers.values() for message in courier._busy]
        return frozenset(event_id(message, ACCEPTED).rpartition("-")[0] for message in busy)

    def _is_quiet(self, courier: Courier) -> bool:
        hangs = len(courier._under_way) == self.receivers.hanging[courier.target.id]
        return hangs and not (courier._landed or courier._wants_lanes or courier._wants_rows or courier._hurry)

    async def finish(self, order_id: int, outcome: int) -> None:
        """Dispatch, and let the carrier tell the same of all recipients of an order."""
        link = self.house.link
        link.capacity = 100_000
        await self.house.dispatch()
        while link.under_way:
            part = link.take()
            message_id = link.accept(part)
            if part.order_id == order_id:
                link.receipt(message_id, outcome)
        await self.house.settle()

    async def waiting(self) -> tuple[int, int]:
        """How many events are untold, and how many parked."""
        return await self.house.store.news_waiting()

    async def lanes(self, target_id: int) -> list[Lane]:
        return await self.house.store.transact(lambda tx: tx.lanes_after(target_id, (0, 0, 0), 10_000))

    async def log(self, target_id: int) -> list[AttemptRow]:
        """The whole delivery log, oldest first."""
        return (await self.house.store.attempts(target_id, None, 100_000, failed=False))[::-1]


def ids(order_id: int, events: Sequence[Event], positions: Sequence[int] = (0,)) -> list[str]:
    """The ids of these events of these recipients."""
    return [event_id((order_id, *divmod(position, 1000)), event) for position in positions for event in events]
