"""Where the news of an account go: what an operator may set, and how secrets change."""

from typing import Final

from msgspec.structs import replace

from teslimat.core.model import Account
from teslimat.core.ports import Store
from teslimat.core.webhooks import Secret, Target
from teslimat.flows.accounts import BadSetting

DEFAULT_CONCURRENCY: Final = 8
MOST_CONCURRENCY: Final = 100
MOST_PER_SECOND: Final = 10_000
_HOUR_MS: Final = 3_600_000


async def add_target(
    store: Store, account: Account, url: str, secret: bytes, *, concurrency: int, per_second: int
) -> int:
    """Let an account's news go to a URL from now on; the target's id. Raises BadSetting."""
    secrets = (Secret(secret, 0),)
    target = _checked(Target(0, account.id, url, secrets, concurrency, per_second, enabled=True))
    return await store.transact(lambda tx: tx.insert_target(target))


async def target_of(store: Store, target_id: int) -> Target:
    """Find a target. Raises BadSetting if there is none of that id."""
    for target in await store.transact(lambda tx: tx.targets()):
        if target.id == target_id:
            return target
    raise BadSetting(f"there is no webhook {target_id}: see 'teslimat webhooks list'")


async def change_target(store: Store, target: Target) -> None:
    """Write a changed target back. Raises BadSetting."""
    checked = _checked(target)
    await store.transact(lambda tx: tx.update_target(checked))


def rotated(target: Target, secret: bytes, keep_hours: float, now: int) -> Target:
    """Give a target a new secret; those it had sign beside it for so many hours, or for as long as they had left."""
    until = now + int(keep_hours * _HOUR_MS)
    old = [Secret(value, min(until, ends) if ends else until) for value, ends in target.secrets]
    return replace(target, secrets=(Secret(secret, 0), *(known for known in old if known.until > now)))


def _checked(target: Target) -> Target:
    if not 1 <= target.concurrency <= MOST_CONCURRENCY:
        raise BadSetting(f"1 to {MOST_CONCURRENCY} POSTs can be under way to a webhook at once")
    if not 0 <= target.per_second <= MOST_PER_SECOND:
        raise BadSetting(f"at most {MOST_PER_SECOND:,} POSTs can be begun per second; 0 is no limit")
    return target
