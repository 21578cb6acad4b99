"""Where the news of an account go: what an operator may set, and how secrets change."""

from typing import Final, TypedDict, Unpack

from msgspec.structs import replace

from teslimat.core.model import Account
from teslimat.core.ports import Store, Transaction
from teslimat.core.webhooks import Secret, Target
from teslimat.flows.accounts import BadSetting

DEFAULT_CONCURRENCY: Final = 8
MOST_CONCURRENCY: Final = 100
MOST_PER_SECOND: Final = 10_000
MOST_TARGETS: Final = 10
"""Of one account: each is told of everything, and has a courier of its own."""
_HOUR_MS: Final = 3_600_000


class Changes(TypedDict, total=False):
    """What an operator may change of a target; all of it is explained there."""

    url: str
    concurrency: int
    per_second: int
    enabled: bool


async def add_target(
    store: Store, account: Account, url: str, secret: bytes, *, concurrency: int, per_second: int
) -> int:
    """Let an account's news go to a URL from now on; the target's id. Raises BadSetting."""
    secrets = (Secret(secret, 0),)
    target = _checked(Target(0, account.id, url, secrets, concurrency, per_second, enabled=True))

    async def work(tx: Transaction) -> int:
        if sum(other.account_id == account.id for other in await tx.targets()) >= MOST_TARGETS:
            raise BadSetting(f"an account has {MOST_TARGETS} webhooks at most: remove one of '{account.name}' first")
        return await tx.insert_target(target)

    return await store.transact(work)


async def target_of(store: Store, target_id: int) -> Target:
    """Find a target. Raises BadSetting if there is none of that id."""
    return _found(await store.webhook_targets(), target_id)


async def change_target(store: Store, target_id: int, **changes: Unpack[Changes]) -> None:
    """Change what is given of the target as it is now. Raises BadSetting."""

    async def work(tx: Transaction) -> None:
        now = _found(await tx.targets(), target_id)
        await tx.update_target(_checked(replace(now, **changes)))

    await store.transact(work)


async def rotate_secret(store: Store, target_id: int, secret: bytes, keep_hours: float, now: int) -> None:
    """Give a target a new secret; those it had sign beside it for so many hours. Raises BadSetting.

    now is in milliseconds since 1970 UTC.
    """

    async def work(tx: Transaction) -> None:
        await tx.update_target(rotated(_found(await tx.targets(), target_id), secret, keep_hours, now))

    await store.transact(work)


async def remove_target(store: Store, target_id: int) -> None:
    """Retire a target, with all that is still to be told to it. Raises BadSetting."""

    async def work(tx: Transaction) -> None:
        await tx.remove_target(_found(await tx.targets(), target_id).id)

    await store.transact(work)


def rotated(target: Target, secret: bytes, keep_hours: float, now: int) -> Target:
    """Give a target a new secret; those it had sign beside it for so many hours, or for as long as they had left."""
    until = now + int(keep_hours * _HOUR_MS)
    old = [Secret(value, min(until, ends) if ends else until) for value, ends in target.secrets]
    return replace(target, secrets=(Secret(secret, 0), *(known for known in old if known.until > now)))


def _found(targets: list[Target], target_id: int) -> Target:
    for target in targets:
        if target.id == target_id:
            return target
    raise BadSetting(f"there is no webhook {target_id}: see 'teslimat webhooks list'")


def _checked(target: Target) -> Target:
    if not 1 <= target.concurrency <= MOST_CONCURRENCY:
        raise BadSetting(f"1 to {MOST_CONCURRENCY} POSTs can be under way to a webhook at once")
    if not 0 <= target.per_second <= MOST_PER_SECOND:
        raise BadSetting(f"at most {MOST_PER_SECOND:,} POSTs can be begun per second; 0 is no limit")
    return target
