"""Whoever shares a commit shares its end: all of it is kept, or everybody hears the same true reason."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from teslimat.core.ports import StoreUnavailable, Transaction
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, run_in_thread
from tests.store_contract.samples import NOW, an_account, an_order

FULL = "database or disk is full"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shared.db"
    migrate(path)
    return path


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, run_in_thread)
    yield store
    await store.close()


class OnlyOne(Exception):  # noqa: N818 - it is the test's own
    """What a job raises that fails alone."""


def fill_up(store: SqliteStore) -> Callable[[Transaction], Awaitable[None]]:
    """Give a job whose statement ends the whole transaction, as a full disk may."""

    async def work(tx: Transaction) -> None:
        await tx.allot_ids(1)
        store._writer.execute("ROLLBACK")
        raise sqlite3.OperationalError(FULL)

    return work


async def test_a_statement_that_ends_the_transaction_is_told_to_all_who_share_it_and_nothing_is_kept(
    store: SqliteStore,
) -> None:
    account = await an_account(store)

    async def fail_alone(tx: Transaction) -> None:
        await tx.add_credits(account.id, 100)
        raise OnlyOne

    async with asyncio.timeout(20):
        before, alone, culprit, after = await asyncio.gather(
            store.transact(lambda tx: tx.add_credits(account.id, 1)),
            store.transact(fail_alone),
            store.transact(fill_up(store)),
            store.transact(lambda tx: tx.add_credits(account.id, 10)),
            return_exceptions=True,
        )
    assert [(type(error), str(error)) for error in (before, culprit, after)] == [(StoreUnavailable, FULL)] * 3
    assert isinstance(alone, OnlyOne)
    assert await store.accounts() == [account]
    await store.transact(lambda tx: tx.add_credits(account.id, 5))
    assert (await store.accounts())[0].balance == account.balance + 5


async def test_a_really_full_file_is_told_to_all_who_share_the_commit(store: SqliteStore) -> None:
    account = await an_account(store)
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    async with asyncio.timeout(20):
        results = await asyncio.gather(
            store.transact(lambda tx: tx.add_credits(account.id, 1)),
            an_order(store, account.id, 20_000),
            store.transact(lambda tx: tx.add_credits(account.id, 10)),
            return_exceptions=True,
        )
    assert isinstance(results[1], StoreUnavailable)
    # Whether such a statement ends the transaction is SQLite's choice; what callers hear must be what is so.
    kept = sum(
        credits_
        for credits_, result in zip((1, 0, 10), results, strict=True)
        if not isinstance(result, StoreUnavailable)
    )
    assert (await store.accounts())[0].balance == account.balance + kept


async def test_a_caller_who_goes_before_the_commit_takes_nobody_s_work_along(path: Path) -> None:
    at_the_disk, go_on = asyncio.Event(), asyncio.Event()

    async def wait_for_the_disk(commit: Callable[[], None]) -> None:
        at_the_disk.set()
        await go_on.wait()
        commit()

    store = SqliteStore(path, wait_for_the_disk)
    go_on.set()
    account = await an_account(store)
    go_on.clear()
    at_the_disk.clear()
    gone = asyncio.ensure_future(store.transact(lambda tx: tx.add_credits(account.id, 1)))
    stays = asyncio.ensure_future(store.transact(lambda tx: tx.add_credits(account.id, 10)))
    await at_the_disk.wait()
    later = asyncio.ensure_future(store.transact(lambda tx: tx.add_credits(account.id, 100)))
    gone.cancel()
    await asyncio.wait([gone])
    go_on.set()
    async with asyncio.timeout(20):
        await asyncio.gather(stays, later)
    await store.close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT balance FROM account").fetchone() == (account.balance + 111,)


async def test_whatever_cannot_be_read_is_told_as_a_store_that_is_unavailable(path: Path, store: SqliteStore) -> None:
    account = await an_account(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for table in ("account", "carrier", "customer_order", "dispatch_queue"):
            file.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        reads: list[Callable[[], Awaitable[object]]] = [
            lambda: store.find_account(account.key),
            store.accounts,
            store.largest_limits,
            store.carriers,
            lambda: store.read_report(account.id, 1, 0, 0),
            lambda: store.list_orders(account.id, 0, NOW, 10, 0),
            lambda: store.next_due(1, NOW),
            store.queue_depth,
        ]
        for read in reads:
            with pytest.raises(StoreUnavailable):
                await read()
        for table in ("account", "carrier", "customer_order", "dispatch_queue"):
            file.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
    for read in reads:
        await read()
