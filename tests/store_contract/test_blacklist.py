"""Whom an account does not text: what is kept, counted and found again."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from teslimat.core.ports import Store, Transaction
from tests.store_contract.samples import ACCOUNT, NOW, an_account

FIRST = 905_300_000_000
OTHER = replace(ACCOUNT, name="another", key="f" * 32)


async def add(store: Store, account_id: int, numbers: Sequence[int], at: int = NOW) -> None:
    async def work(tx: Transaction) -> None:
        for number in numbers:
            await tx.add_to_blacklist(account_id, number, at)

    await store.transact(work)


async def remove(store: Store, account_id: int, number: int) -> bool:
    return await store.transact(lambda tx: tx.remove_from_blacklist(account_id, number))


async def test_of_some_numbers_those_on_the_list_are_found(store: Store) -> None:
    account = await an_account(store)
    asked = range(FIRST, FIRST + 5_000)
    assert await store.blacklisted(account.id, asked) == set()
    await add(store, account.id, [*asked[::7], FIRST - 1, FIRST + 5_000])
    assert await store.blacklisted(account.id, asked) == set(asked[::7])
    assert await store.blacklisted(account.id, [FIRST, FIRST, FIRST + 1]) == {FIRST}
    assert await store.blacklisted(account.id, []) == set()


async def test_an_account_s_list_is_no_other_account_s(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    await add(store, account.id, [FIRST, FIRST + 1])
    await add(store, other.id, [FIRST + 2])
    assert await store.blacklisted(other.id, [FIRST, FIRST + 1, FIRST + 2]) == {FIRST + 2}
    assert await store.list_blacklisted(other.id, None, 10, 0) == (1, [FIRST + 2])
    assert not await remove(store, other.id, FIRST)
    assert await store.list_blacklisted(account.id, None, 10, 0) == (2, [FIRST, FIRST + 1])


async def test_a_number_is_removed_once_and_can_come_again(store: Store) -> None:
    account = await an_account(store)
    await add(store, account.id, [FIRST, FIRST + 1])
    assert [await remove(store, account.id, FIRST) for _ in range(2)] == [True, False]
    assert await store.blacklisted(account.id, [FIRST, FIRST + 1]) == {FIRST + 1}
    await add(store, account.id, [FIRST], NOW + 1)
    assert await store.list_blacklisted(account.id, None, 10, 0) == (2, [FIRST + 1, FIRST])


async def test_a_number_added_again_keeps_its_time_and_counts_once(store: Store) -> None:
    account = await an_account(store)
    await add(store, account.id, [FIRST], NOW)
    await add(store, account.id, [FIRST], NOW + 5)
    assert await store.list_blacklisted(account.id, None, 10, 0) == (1, [FIRST])
    assert await store.list_blacklisted(account.id, (NOW, NOW + 1), 10, 0) == (1, [FIRST])
    assert await store.list_blacklisted(account.id, (NOW + 1, NOW + 9), 10, 0) == (0, [])


@pytest.mark.parametrize("limit", [1, 3, 4, 10, 11, 1000])
async def test_pages_together_are_the_list_as_it_came(store: Store, limit: int) -> None:
    account = await an_account(store)
    as_they_came = [FIRST + i * 7 % 10 for i in range(10)]
    for i, number in enumerate(as_they_came):
        await add(store, account.id, [number], NOW + i)
    for period, expected in ((None, as_they_came), ((NOW + 2, NOW + 9), as_they_came[2:9])):
        read: list[int] = []
        for offset in range(0, 30, limit):
            count, numbers = await store.list_blacklisted(account.id, period, limit, offset)
            assert count == len(expected)
            assert numbers == expected[offset : offset + limit]
            read += numbers
        assert read == expected
    assert await store.list_blacklisted(account.id, None, limit, 2**40) == (10, [])


async def test_numbers_that_came_at_one_time_are_listed_by_number(store: Store) -> None:
    account = await an_account(store)
    await add(store, account.id, [FIRST + 3, FIRST + 1, FIRST + 2])
    assert await store.list_blacklisted(account.id, None, 2, 0) == (3, [FIRST + 1, FIRST + 2])
    assert await store.list_blacklisted(account.id, None, 2, 2) == (3, [FIRST + 3])
