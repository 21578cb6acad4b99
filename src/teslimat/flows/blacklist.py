"""The numbers that an account does not text: add one, remove one, list them."""

from teslimat.core.clock import Clock
from teslimat.core.errors import BAD_NUMBER, NOT_LIFTABLE, Refused
from teslimat.core.numbers import parse
from teslimat.core.ports import Store, Transaction


async def add_number(store: Store, clock: Clock, account_id: int, given: object) -> None:
    """Add a number, however it is spelled; one that is there already stays as it was.

    Raises Refused(BAD_NUMBER) for what is no Turkish mobile number.
    """
    number = _number(given)

    async def work(tx: Transaction) -> None:
        await tx.add_to_blacklist(account_id, number, clock.now())

    await store.transact(work)


async def remove_number(store: Store, account_id: int, given: object) -> None:
    """Remove a number, however it is spelled.

    Raises Refused: BAD_NUMBER for what is no Turkish mobile number, NOT_LIFTABLE for one that is not there.
    """
    number = _number(given)

    async def work(tx: Transaction) -> None:
        if not await tx.remove_from_blacklist(account_id, number):
            raise Refused(NOT_LIFTABLE)

    await store.transact(work)


async def list_numbers(
    store: Store, account_id: int, period: tuple[int, int] | None, page: int, row_count: int
) -> tuple[int, list[int]]:
    """The page-th row_count numbers as they were added, and how many there are in all; pages start at 1.

    With a period, only of those that were added in [since, before), ms since 1970 UTC. A page past the end is empty.
    """
    return await store.list_blacklisted(account_id, period, row_count, (page - 1) * row_count)


def _number(given: object) -> int:
    number = parse(given)
    if number is None:
        raise Refused(BAD_NUMBER)
    return number
