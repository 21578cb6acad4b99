"""What is SQLite's own: the file, its schema, and how it fails."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core.model import Account, Block, Order, QueueRow, SubmissionRow
from teslimat.core.ports import StoreUnavailable
from teslimat.store import sqlite
from teslimat.store.migrate import WrongSchema, migrate, require_current
from teslimat.store.sqlite import DatabaseInUse, SqliteStore, run_in_thread, serve_lock
from tests.store_contract.samples import ACCOUNT, NOW, an_account, an_order

STEPS = sorted(file.name for file in (files("teslimat.store") / "migrations" / "sqlite").iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "teslimat.db"
    migrate(path)
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, run_in_thread)
    yield store
    await store.close()


# the schema


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        ("account", Account.__struct_fields__),
        ("customer_order", Order.__struct_fields__),
        ("block", Block.__struct_fields__),
        ("dispatch_queue", QueueRow.__struct_fields__),
        ("submission", SubmissionRow._fields),
    ],
)
def test_a_table_read_as_a_whole_has_the_columns_of_its_struct(
    connection: sqlite3.Connection, table: str, fields: tuple[str, ...]
) -> None:
    columns = connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()
    assert tuple(name for (name,) in columns) == fields


@pytest.mark.parametrize(
    "nonsense",
    [
        "UPDATE account SET balance = -1",
        "UPDATE account SET max_recipients = 0",
        "UPDATE account SET api_access = 2",
        "UPDATE account SET key = NULL",
        "UPDATE customer_order SET delivered = delivered + 1",
        "UPDATE customer_order SET waiting = -1, delivered = total + 1",
        "UPDATE customer_order SET price = -1",
        "UPDATE customer_order SET cancelled_at = 1",
        "UPDATE customer_order SET reached_carrier = 2",
        "UPDATE dispatch_queue SET queued = -1",
        "UPDATE dispatch_queue SET priority = 2",
        "INSERT INTO carrier_code VALUES (65536, 1, '000')",
        "INSERT INTO carrier_code VALUES (0, 1, '000')",
        "INSERT INTO carrier VALUES (256, 'x', 'h', 1, 's', 'p', 1, 0, 1, 'standard', 0)",
        "INSERT INTO carrier VALUES (1, 'x', 'h', 1, 's', 'p', 0, 0, 1, 'standard', 0)",
        "INSERT INTO carrier VALUES (1, 'x', 'h', 1, 's', 'p', 1, 0, 1, 'standard', 1)",
    ],
)
async def test_the_schema_refuses_nonsense(store: SqliteStore, connection: sqlite3.Connection, nonsense: str) -> None:
    account = await an_account(store)
    await an_order(store, account.id)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(nonsense)


def test_step_by_step_gives_the_same_schema_as_all_at_once(path: Path, tmp_path: Path) -> None:
    stepwise = tmp_path / "stepwise.db"
    folder = files("teslimat.store") / "migrations" / "sqlite"
    with closing(sqlite3.connect(stepwise)) as connection:
        for name in STEPS:
            connection.executescript((folder / name).read_text(encoding="utf-8"))
    ours = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%yoyo%' ORDER BY name"
    with closing(sqlite3.connect(path)) as once, closing(sqlite3.connect(stepwise)) as step:
        assert once.execute(ours).fetchall() == step.execute(ours).fetchall()
        assert once.execute("SELECT * FROM counter").fetchall() == step.execute("SELECT * FROM counter").fetchall()


async def test_migrating_again_changes_nothing(path: Path, store: SqliteStore) -> None:
    account = await an_account(store)
    assert migrate(path) == []
    require_current(path)
    assert await store.accounts() == [account]


def test_a_new_file_is_migrated_by_all_steps(tmp_path: Path) -> None:
    assert [f"{step}.sql" for step in migrate(tmp_path / "new.db")] == STEPS


# files that are not ours to use


def test_a_database_of_a_newer_version_is_refused(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO _yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " VALUES ('from the future', '9999_future', '2030-01-01')"
    )
    for use in (migrate, require_current):
        with pytest.raises(WrongSchema, match="newer version of teslimat: update the program"):
            use(path)


def test_a_database_of_an_older_version_has_to_be_migrated_first(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM _yoyo_migration")
    with pytest.raises(WrongSchema, match="run 'teslimat db migrate' first"):
        require_current(path)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 1_000)
    before = path.read_bytes()
    for use in (migrate, require_current):
        with pytest.raises(WrongSchema, match=r"letter\.txt cannot be used as a database"):
            use(path)
    assert path.read_bytes() == before


def test_another_program_s_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE letters (body TEXT)")
    for use in (migrate, require_current):
        with pytest.raises(WrongSchema, match=r"other\.db is some other program's database"):
            use(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("letters",)]


def test_a_file_that_does_not_exist_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.db"
    with pytest.raises(WrongSchema, match="run 'teslimat db migrate' first"):
        require_current(path)
    assert not path.exists()


def test_only_one_serve_holds_a_file_until_it_lets_go(path: Path) -> None:
    with serve_lock(path), pytest.raises(DatabaseInUse, match="another teslimat is serving"), serve_lock(path):
        pass
    with serve_lock(path):
        pass


# durability and failures


async def test_every_commit_is_flushed(store: SqliteStore) -> None:
    assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_full_disk_keeps_nothing_of_the_work_and_the_store_goes_on_when_there_is_room(
    store: SqliteStore,
) -> None:
    account = await an_account(store)
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    small = store.transact(lambda tx: tx.add_credits(account.id, 5))
    large = an_order(store, account.id, 10_000)
    results = await asyncio.gather(small, large, return_exceptions=True)
    assert isinstance(results[1], StoreUnavailable)
    # The small job shared the commit: it is kept whole, or its caller knows that it was not.
    added = 0 if isinstance(results[0], StoreUnavailable) else 5
    (after,) = await store.accounts()
    assert after == replace(account, balance=account.balance + added, credited=account.credited + added)
    assert await store.list_orders(account.id, 0, NOW + 1, 10, 0) == (0, [])
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert (await an_order(store, account.id, 10_000)).id == 300_000_000


async def test_a_lock_held_too_long_by_another_process_is_an_error_and_changes_nothing(
    store: SqliteStore, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_RETRIES", 3)
    account = await an_account(store)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another process for too long"):
        await store.transact(lambda tx: tx.add_credits(account.id, 5))
    assert await store.accounts() == [account]
    connection.execute("COMMIT")
    await store.transact(lambda tx: tx.add_credits(account.id, 5))
    assert (await store.accounts())[0].balance == account.balance + 5


async def test_a_lock_held_for_a_moment_is_waited_for(store: SqliteStore, connection: sqlite3.Connection) -> None:
    account = await an_account(store)
    connection.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.01, connection.execute, "COMMIT")
    await store.transact(lambda tx: tx.add_credits(account.id, 5))
    assert (await store.accounts())[0].balance == account.balance + 5


async def test_a_commit_that_fails_is_told_to_everybody_who_shared_it(
    path: Path, connection: sqlite3.Connection
) -> None:
    async def fail(work: object) -> None:
        raise sqlite3.OperationalError(f"disk I/O error in {type(work).__name__}")

    store = SqliteStore(path, fail)
    results = await asyncio.gather(
        store.transact(lambda tx: tx.insert_account(ACCOUNT)),
        store.transact(lambda tx: tx.allot_ids(1)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    await store.close()
    assert connection.execute("SELECT COUNT(*) FROM account").fetchone() == (0,)
