"""When to try again what a receiver did not take: ever later for about two days, and then only if asked."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from teslimat.core.news import Lane

TRIED_FOR_MS: Final = 48 * 3_600_000
_FIRST_MS: Final = 10_000
_LONGEST_MS: Final = 6 * 3_600_000
_DOUBLINGS: Final = 20
"""More would only make a number that is never waited for."""


def jittered(ms: int, random: Callable[[], float]) -> int:
    """Give about as long, a fifth more or less, so that what failed together does not come back together."""
    return round(ms * (0.8 + 0.4 * random()))


def after_failure(lane: Lane, retry_after_s: int, now: int, random: Callable[[], float]) -> Lane:
    """Tell when a lane is tried next, now that its first event was not taken; parked if it was tried for long enough.

    A receiver that asked for more time gets it.
    """
    attempts = lane.attempts + 1
    first_failed_at = lane.first_failed_at if lane.attempts else now
    delay = jittered(min(_FIRST_MS << min(attempts - 1, _DOUBLINGS), _LONGEST_MS), random)
    return replace(
        lane,
        attempts=attempts,
        first_failed_at=first_failed_at,
        next_at=now + max(delay, 1000 * retry_after_s),
        parked=now - first_failed_at >= TRIED_FOR_MS,
    )
