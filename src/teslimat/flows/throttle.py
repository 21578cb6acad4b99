"""How many transactional recipients accounts may hand in per second."""

from typing import Final, NamedTuple

from teslimat.core.errors import UNAVAILABLE, Refused
from teslimat.core.model import Account

_THOUSANDTHS: Final = 1_000
"""Buckets count thousandths of recipients: a rate per second is as many of them per millisecond, without a rest."""
_SWEEP_FROM: Final = 1_000
"""So many buckets are kept before those that are full are looked for."""


class _Bucket(NamedTuple):
    level: int
    """Thousandths of recipients; below 0 is debt."""
    at: int
    """When it held that, in ms."""
    rate: int
    """What filled it then."""

    def held(self, rate: int, now: int) -> int:
        """What it holds now, at most a second's worth. A clock that was set back brings nothing, and takes nothing."""
        return min(self.level + rate * max(now - self.at, 0), rate * _THOUSANDTHS)


class Throttle:
    """A bucket for each account that has a rate; it holds a second's worth, and fills as time goes by.

    An order is accepted if the bucket holds all of it, or is full: then the whole order is taken out, and those that
    follow wait until the debt is paid. So in any time t an account hands in at most rate x t recipients, and once
    more the rate or the largest of its orders, whichever is more; and an order of any size is accepted some time.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._sweep_at = _SWEEP_FROM

    def take(self, account: Account, recipients: int, now: int) -> None:
        """Let an order of so many recipients in, at `now` ms.

        Raises Refused(UNAVAILABLE), which tells after how many seconds it would have been let in; then nothing is
        taken.
        """
        rate = account.recipients_per_second
        if not rate:
            return
        bucket = self._buckets.get(account.id)
        held = bucket.held(rate, now) if bucket else rate * _THOUSANDTHS
        missing = min(recipients, rate) * _THOUSANDTHS - held
        if missing > 0:
            raise Refused(UNAVAILABLE, retry_after_s=-(-missing // (rate * _THOUSANDTHS)))
        self._buckets[account.id] = _Bucket(held - recipients * _THOUSANDTHS, now, rate)
        if len(self._buckets) > self._sweep_at:
            self._forget_full(now)

    def give_back(self, account: Account, recipients: int) -> None:
        """Put back what was taken for an order that was refused all the same."""
        bucket = self._buckets.get(account.id)
        if bucket:
            self._buckets[account.id] = bucket._replace(level=bucket.level + recipients * _THOUSANDTHS)

    def __len__(self) -> int:
        """How many accounts are remembered."""
        return len(self._buckets)

    def _forget_full(self, now: int) -> None:
        self._buckets = {
            account_id: bucket
            for account_id, bucket in self._buckets.items()
            if bucket.held(bucket.rate, now) < bucket.rate * _THOUSANDTHS
        }
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._buckets))
