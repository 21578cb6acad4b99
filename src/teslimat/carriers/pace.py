"""How fast a carrier may be written to: what it allows, and what it lately said.

Parts are counted, because that is what carriers count. No clock is read here: instants are monotonic seconds
that the caller passes in, never going back.
"""

import math
import sys

AHEAD_S = 0.1
"""How much work is worth having at hand: more would only keep it from being cancelled or sent elsewhere."""

_BURST_S = 0.05
_TICK_S = 0.02
# A carrier that throttles has seen too much in its current second; the next one starts afresh.
_PAUSE_S = 1.0
_SLOWEST = 1.0
_GROWTH_PER_S = 1.1
_NO_LIMIT_ABOVE = 100_000.0
# Growth after this long has long met any limit; a larger exponent would only overflow.
_LONGEST_GROWTH_S = 200.0


class Pace:
    """A token bucket whose rate falls by half when the carrier throttles, then grows back by a tenth a second.

    In any second at most the rate and a burst of a twentieth of it are allowed (of one part at least). A carrier
    without a limit (``parts_per_second`` 0) gets one while it throttles: at first half of what it was just sent.
    """

    def __init__(self, parts_per_second: int, now: float) -> None:
        self._limit = float(parts_per_second) if parts_per_second else math.inf
        self._rate = self._limit
        self._tokens = self._burst()
        self._filled_at = now
        self._paused_until = now
        self._second = now
        self._taken = 0
        self._taken_before = 0
        self._heeded = False

    @property
    def rate(self) -> float:
        """Parts per second at the moment; infinite without a limit."""
        return self._rate

    def paused(self, now: float) -> bool:
        """Whether nothing at all may be written for now."""
        return now < self._paused_until

    def allowance(self, now: float) -> int:
        """How many parts may be written now."""
        if now < self._paused_until:
            return 0
        self._fill(now)
        # A millionth forgives the rounding of many small refills.
        return sys.maxsize if math.isinf(self._rate) else int(self._tokens + 1e-6)

    def take(self, parts: int, now: float) -> None:
        """Count parts that are being written; no more than :meth:`allowance` gave."""
        if now - self._second >= 1:
            self._taken_before = self._taken if now - self._second < 2 else 0
            self._taken = 0
            self._second = now
        self._taken += parts
        self._heeded = False
        if not math.isinf(self._rate):
            self._tokens -= parts

    def ahead(self, now: float) -> int:
        """How many parts to have at hand: what may be written in :data:`AHEAD_S`, one at least; 0 in a pause."""
        if now < self._paused_until:
            return 0
        return sys.maxsize if math.isinf(self._rate) else max(1, math.ceil(self._rate * AHEAD_S))

    def next_write(self, parts: int, now: float) -> float:
        """When it is worth writing again with so many parts waiting: a few at a time, not one by one."""
        if math.isinf(self._rate):
            return max(now, self._paused_until)
        wanted = max(1.0, min(parts, self._rate * _TICK_S))
        return max(now, self._paused_until, self._filled_at + (wanted - self._tokens) / self._rate)

    def slow_down(self, now: float) -> None:
        """The carrier throttled: nothing for a second, then half the rate.

        Whatever else it throttles before the next write was written before it could be heeded: it says nothing new.
        """
        if self._heeded:
            return
        self._fill(now)
        rate = self._rate if not math.isinf(self._rate) else max(self._taken, self._taken_before)
        self._rate = max(_SLOWEST, rate / 2)
        self._tokens = 0.0
        self._paused_until = now + _PAUSE_S
        self._filled_at = self._paused_until
        self._heeded = True

    def _fill(self, now: float) -> None:
        elapsed = now - self._filled_at
        if elapsed <= 0 or math.isinf(self._rate):
            return
        self._tokens = min(self._burst(), self._tokens + elapsed * self._rate)
        self._filled_at = now
        if self._rate < self._limit:
            grown = self._rate * _GROWTH_PER_S ** min(elapsed, _LONGEST_GROWTH_S)
            self._rate = min(self._limit, grown if grown < _NO_LIMIT_ABOVE else self._limit)

    def _burst(self) -> float:
        return max(1.0, self._rate * _BURST_S)
