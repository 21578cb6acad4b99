"""What a courier may ask of its target: nothing but a probe while it is broken, and never more than its pace.

Times are seconds of a clock that never steps back, for nothing of this outlives the process.
"""

from collections.abc import Callable
from typing import Final

from teslimat.flows.backoff import jittered

FAILURES_THAT_OPEN: Final = 5
_FIRST_PROBE_MS: Final = 5_000
_LONGEST_PROBE_MS: Final = 250_000
"""Five minutes at most, whatever chance adds to it."""
_BURST_S: Final = 0.05


class Circuit:
    """Opens after several failures in a row; then one probe at a time is let through, ever less often.

    Any success closes it.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._interval_ms = _FIRST_PROBE_MS
        self._probing = False
        self._opening = 0
        self._probe_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether only probes pass."""
        return self._probe_at is not None

    def wait_s(self, now: float) -> float | None:
        """How long until something may be posted, 0 if it may now; None until the probe under way has ended."""
        if self._probe_at is None:
            return 0
        return None if self._probing else max(0, self._probe_at - now)

    def begin(self) -> int:
        """Count what is being posted; which opening of the circuit it probes, 0 if none."""
        self._probing = self.is_open
        return self._opening if self._probing else 0

    def succeed(self) -> None:
        """Close the circuit."""
        self._failures = 0
        self._interval_ms = _FIRST_PROBE_MS
        self._probing = False
        self._probe_at = None

    def fail(self, now: float, *, probe: int) -> None:
        """Count a failure. What was under way when the circuit opened says nothing new, nor does an earlier probe."""
        self._failures += 1
        if self.is_open:
            if probe != self._opening:
                return
            self._probing = False
            self._interval_ms = min(2 * self._interval_ms, _LONGEST_PROBE_MS)
        elif self._failures < FAILURES_THAT_OPEN:
            return
        else:
            self._opening += 1
        self._probe_at = now + jittered(self._interval_ms, self._random) / 1000


class Pace:
    """So many POSTs begun per second, and a twentieth of it at once at most; 0 is no limit."""

    def __init__(self, per_second: int) -> None:
        self._gap_s = 1 / per_second if per_second else 0.0
        self._next = 0.0

    def wait_s(self, now: float) -> float:
        """How long until the next one may begin; 0 if it may now."""
        return max(0.0, self._next - now)

    def take(self, now: float) -> None:
        """Count one that begins."""
        self._next = max(self._next, now - _BURST_S) + self._gap_s
