"""What an operator changes, and what readers are shown."""

import pytest
from msgspec.structs import replace

from teslimat.core.model import Account, Carrier
from teslimat.core.ports import NameTaken, NoMoreCarriers, Store, Transaction
from tests.store_contract.samples import ACCOUNT, CARRIER, NOW, an_account, an_order, numbers_in

OTHER = replace(ACCOUNT, name="another", key="f" * 32, max_recipients=70_000, allow_ips=(), iys_code="681294")
OPTIONS = replace(
    OTHER,
    unit_price=372,
    in_lira=True,
    strict_iys=True,
    strict_seconds=True,
    int_order_ids=True,
    contacts=True,
    recipients_per_second=100,
    max_body=20_000_000,
    test_number=905_301_234_567,
    username="5301234567",
    password_hash="$argon2id$",
)


async def insert_carrier(store: Store, carrier: Carrier) -> int:
    return await store.transact(lambda tx: tx.insert_carrier(carrier))


async def test_accounts_come_back_by_name_and_by_key(store: Store) -> None:
    first, second = await an_account(store), await an_account(store, OTHER)
    assert await store.accounts() == [first, second]
    assert await store.find_account(OTHER.key) == second
    assert await store.find_account("0" * 32) is None
    assert await store.find_account(OTHER.key.upper()) is None


async def test_the_largest_limits_are_found_over_all_accounts(store: Store) -> None:
    assert await store.largest_limits() == (0, 0)
    account = await an_account(store)
    assert await store.largest_limits() == (0, 50_000)
    await an_account(store, OTHER)
    assert await store.largest_limits() == (0, 70_000)
    await store.transact(lambda tx: tx.update_account(replace(account, max_recipients=90_000, max_body=1_024)))
    assert await store.largest_limits() == (1_024, 70_000)


async def test_every_option_of_an_account_comes_back(store: Store) -> None:
    account = await an_account(store, OPTIONS)
    assert await store.accounts() == [account]
    plain = replace(ACCOUNT, id=account.id, name=account.name, key=account.key)
    await store.transact(lambda tx: tx.update_account(plain))
    assert await store.accounts() == [plain]
    await store.transact(lambda tx: tx.update_account(account))
    assert await store.accounts() == [account]


async def test_an_account_is_found_by_its_username_as_it_is_written(store: Store) -> None:
    await an_account(store)
    assert not await store.has_logins()
    account = await an_account(store, replace(OPTIONS, username="Acme"))
    assert await store.has_logins()
    assert await store.find_account_by_username("Acme") == account
    assert await store.find_account_by_username("acme") is None
    await store.transact(lambda tx: tx.update_account(replace(account, username=None, password_hash=None)))
    assert await store.find_account_by_username("Acme") is None
    assert not await store.has_logins()


async def test_a_username_is_given_once_and_many_accounts_have_none(store: Store) -> None:
    await an_account(store, OPTIONS)
    account = await an_account(store)
    await an_account(store, replace(ACCOUNT, name="third", key="3" * 32))
    renamed = replace(account, username=OPTIONS.username, password_hash="$other$", api_access=False)
    with pytest.raises(NameTaken, match="5301234567"):
        await store.transact(lambda tx: tx.update_account(renamed))
    assert await store.find_account(account.key) == account


async def test_an_account_is_changed_as_it_is_within_the_transaction(store: Store) -> None:
    account = await an_account(store)

    async def work(tx: Transaction) -> Account:
        await tx.update_account(replace(account, max_recipients=7))
        await tx.add_credits(account.id, 5)
        return await tx.lock_account(account.id)

    changed = replace(account, max_recipients=7, balance=account.balance + 5, credited=account.credited + 5)
    assert await store.transact(work) == changed


async def test_a_name_is_given_once(store: Store) -> None:
    account = await an_account(store)
    with pytest.raises(NameTaken):
        await an_account(store, replace(OTHER, name=ACCOUNT.name))
    assert await store.accounts() == [account]
    await insert_carrier(store, CARRIER)
    with pytest.raises(NameTaken):
        await insert_carrier(store, CARRIER)
    assert len(await store.carriers()) == 1


async def test_there_are_255_carriers_in_a_database_s_life_removed_ones_included(store: Store) -> None:
    for number in range(255):
        carrier_id = await insert_carrier(store, replace(CARRIER, name=f"carrier {number}"))
        await store.transact(lambda tx, carrier_id=carrier_id: tx.remove_carrier(carrier_id))
    with pytest.raises(NoMoreCarriers):
        await insert_carrier(store, CARRIER)


async def test_writing_an_account_back_leaves_its_credits_and_credentials(store: Store) -> None:
    account = await an_account(store)
    changed = replace(OTHER, id=account.id, api_access=False, balance=7, credited=7, senders=("A", "B"))
    await store.transact(lambda tx: tx.update_account(changed))
    await store.transact(lambda tx: tx.add_credits(account.id, 5))
    assert await store.accounts() == [
        replace(
            changed,
            name=account.name,
            key=account.key,
            balance=account.balance + 5,
            credited=account.credited + 5,
        )
    ]


async def test_carriers_come_back_by_id_and_a_retired_one_leaves_its_name_but_not_its_id(store: Store) -> None:
    first = await insert_carrier(store, CARRIER)
    second = await insert_carrier(store, replace(CARRIER, name="second"))
    changed = replace(CARRIER, id=second, name="second", port=2776, window=1, profile="other")
    await store.transact(lambda tx: tx.update_carrier(changed))
    assert await store.carriers() == [replace(CARRIER, id=first), changed]
    await store.transact(lambda tx: tx.remove_carrier(first))
    assert await store.carriers() == [changed]
    third = await insert_carrier(store, CARRIER)
    assert third not in (first, second)
    await store.transact(lambda tx: tx.remove_carrier(third))
    assert await insert_carrier(store, CARRIER) not in (first, second, third)


async def test_a_report_is_read_with_the_blocks_that_were_asked_for_in_order(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id, 2_500)
    for first, last, sizes in ((0, 0, [1_000]), (0, 1, [1_000, 1_000]), (1, 2, [1_000, 500]), (3, 4, [])):
        rows = await store.read_report(account.id, placed.id, first, last)
        assert rows is not None
        assert rows.order == placed
        assert [len(states) for _, _, states in rows.blocks] == sizes
        numbers = [number for packed, _, _ in rows.blocks for number in numbers_in(packed)]
        start = 905_300_000_000 + 1_000 * first
        assert numbers == list(range(start, start + sum(sizes)))


async def test_another_account_s_order_is_not_there(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    placed = await an_order(store, account.id)
    assert await store.read_report(other.id, placed.id, 0, 0) is None
    assert await store.read_report(account.id, placed.id + 1, 0, 0) is None
    assert await store.list_orders(other.id, 0, NOW + 1, 10, 0) == (0, [])


async def test_orders_are_listed_by_id_within_their_dates(store: Store) -> None:
    account = await an_account(store)
    placed = [await an_order(store, account.id) for _ in range(5)]
    assert await store.list_orders(account.id, NOW, NOW + 1, 2, 0) == (5, placed[:2])
    assert await store.list_orders(account.id, NOW, NOW + 1, 2, 4) == (5, placed[4:])
    assert await store.list_orders(account.id, NOW, NOW + 1, 2, 6) == (5, [])
    assert await store.list_orders(account.id, NOW + 1, NOW + 2, 2, 0) == (0, [])
    assert await store.list_orders(account.id, NOW - 1, NOW, 2, 0) == (0, [])
