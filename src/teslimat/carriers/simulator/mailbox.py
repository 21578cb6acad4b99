"""The receipts that wait for one system_id: until they are due, then until a connection has room. Pure."""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

from teslimat.carriers.simulator.receipts import Receipt

_SLOTS_PER_SECOND = 100


class Mailbox:
    """Receipts in slots of 10 ms, so that a million of them need one timer and no heap of their own.

    ``shuffle`` mixes the receipts that become due together; None keeps their order.
    """

    def __init__(self, shuffle: Callable[[list[Receipt]], None] | None = None) -> None:
        self._slots: dict[int, list[Receipt]] = {}
        self._times: list[int] = []
        self._ready: deque[Receipt] = deque()
        self._scheduled = 0
        self._shuffle = shuffle

    def __len__(self) -> int:
        return self._scheduled + len(self._ready)

    @property
    def ready(self) -> bool:
        """Whether a receipt is due."""
        return bool(self._ready)

    def put(self, receipt: Receipt, due: float) -> None:
        """Keep a receipt until ``due``, in monotonic seconds, or up to 10 ms less."""
        slot = int(due * _SLOTS_PER_SECOND)
        receipts = self._slots.get(slot)
        if receipts is None:
            receipts = self._slots[slot] = []
            heappush(self._times, slot)
        receipts.append(receipt)
        self._scheduled += 1

    def put_back(self, receipts: list[Receipt]) -> None:
        """Put receipts that were taken in vain before all others, in their order."""
        self._ready.extendleft(reversed(receipts))

    def next_due(self) -> float | None:
        """When the next receipt becomes due, of those that are not yet."""
        return self._times[0] / _SLOTS_PER_SECOND if self._times else None

    def release(self, now: float) -> None:
        """Make ready what is due."""
        while self._times and self._times[0] <= now * _SLOTS_PER_SECOND:
            receipts = self._slots.pop(heappop(self._times))
            self._scheduled -= len(receipts)
            if self._shuffle is not None:
                self._shuffle(receipts)
            self._ready.extend(receipts)

    def take(self, limit: int) -> list[Receipt]:
        """At most ``limit`` receipts that are ready, first come first."""
        ready = self._ready
        return [ready.popleft() for _ in range(min(limit, len(ready)))]
