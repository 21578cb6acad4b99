"""The store on SQLite: one writer connection, one reader, write-ahead log, every commit flushed.

Statements run on the event loop, for they take microseconds; only the commit, which waits for the disk, runs
elsewhere. While it does, new work gathers and shares the next commit. So the interpreter's lock is never
fought over inside a statement, and the program sees one transaction at a time.
"""

import asyncio
import fcntl
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from teslimat.core.consents import Consent
from teslimat.core.model import Account, BlockKey, Carrier, Order
from teslimat.core.news import AttemptRow
from teslimat.core.ports import ReportRows, StoreUnavailable, Transaction
from teslimat.core.webhooks import Target
from teslimat.store.rows import account_of, odd_numbers_of, order_of
from teslimat.store.sql import load_statements, numbered
from teslimat.store.statements import SqliteTransaction
from teslimat.store.statements.webhooks import target_of

T = TypeVar("T")

RunBlocking = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs a function that waits for the disk: in a thread when serving, inline in a simulation."""

_BUSY_RETRY_SECONDS: Final = 0.002
_BUSY_RETRIES: Final = 5_000
_MAPPED_OCTETS: Final = 2**30
_EVER: Final = (0, 2**62)
_JOBS_PER_COMMIT: Final = 256
"""More would let the first wait too long for its answer."""


class DatabaseInUse(Exception):  # noqa: N818 - its message tells what to do
    """Another serve holds this database."""


async def run_in_thread(work: Callable[[], None]) -> None:
    """Run work in a thread of the event loop's pool."""
    await asyncio.get_running_loop().run_in_executor(None, work)


async def run_inline(work: Callable[[], None]) -> None:
    """Run work here and now."""
    work()


class _Report:
    """An order and the blocks of one page."""

    def __init__(self, order: Order, blocks: list[tuple[bytes, dict[int, str], bytes]]) -> None:
        self.order = order
        self.blocks = blocks


class _Job:
    """One caller's work and where its result goes."""

    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: Callable[[Transaction], Awaitable[object]], future: "asyncio.Future[object]") -> None:
        self.work = work
        self.future = future
        self.result: object = None
        self.error: BaseException | None = None


class SqliteStore:
    """The port core.ports.Store on one SQLite file."""

    def __init__(self, path: Path, run_blocking: RunBlocking) -> None:
        self._run_blocking = run_blocking
        self._sql = {name: numbered(text) for name, text in load_statements().items()}
        self._writer = _connect(f"{path.absolute().as_uri()}?mode=rw")
        self._writer.execute("PRAGMA synchronous = FULL")
        self._writer.execute("PRAGMA foreign_keys = ON")
        self._reader = _connect(f"{path.absolute().as_uri()}?mode=ro")
        # A page of a report is read where the file is mapped, instead of copied piece by piece.
        self._reader.execute(f"PRAGMA mmap_size = {_MAPPED_OCTETS}")
        self._statements = SqliteTransaction(self._writer, self._sql)
        self._jobs: list[_Job] = []
        self._drain: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Finish what was asked for, then close the file."""
        if self._drain is not None:
            await self._drain
        self._reader.close()
        self._writer.close()

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run work in a transaction; see the port."""
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._commit_all())
        return await job.future  # type: ignore[return-value] # the future of this job holds what its work returned

    async def _commit_all(self) -> None:
        while self._jobs:
            jobs, self._jobs = self._jobs[:_JOBS_PER_COMMIT], self._jobs[_JOBS_PER_COMMIT:]
            try:
                await self._begin()
                for job in jobs:
                    await self._run_job(job)
                await self._run_blocking(self._commit)
            except Exception as error:  # noqa: BLE001 - whatever it was, each caller must hear of it
                self._roll_back()
                for job in jobs:
                    job.error = job.error or _translated(error)
            for job in jobs:
                if job.future.done():
                    continue  # its caller has gone; the work stands all the same
                if job.error is None:
                    job.future.set_result(job.result)
                else:
                    job.future.set_exception(job.error)

    async def _run_job(self, job: _Job) -> None:
        self._writer.execute("SAVEPOINT job")
        try:
            job.result = await job.work(self._statements)
        except Exception as error:
            if not self._writer.in_transaction:
                raise  # a full disk, for one, ends the whole transaction: nobody's work is kept
            job.error = _translated(error)
            self._writer.execute("ROLLBACK TO job")
        self._writer.execute("RELEASE job")

    async def _begin(self) -> None:
        for _ in range(_BUSY_RETRIES):
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                # Another process (the command line) is writing; waiting inside SQLite would stop the loop.
                await asyncio.sleep(_BUSY_RETRY_SECONDS)
            else:
                return
        raise StoreUnavailable("the database was locked by another process for too long")

    def _commit(self) -> None:
        self._writer.execute("COMMIT")

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    # reading

    async def find_account(self, key: str) -> Account | None:
        rows = self._read("find_account", key)
        return account_of(rows[0]) if rows else None

    async def find_account_by_username(self, username: str) -> Account | None:
        rows = self._read("find_account_by_username", username)
        return account_of(rows[0]) if rows else None

    async def has_logins(self) -> bool:
        return bool(self._read("any_login"))

    async def accounts(self) -> list[Account]:
        return [account_of(row) for row in self._read("accounts")]

    async def largest_limits(self) -> tuple[int, int]:
        ((max_body, max_recipients),) = self._read("largest_limits")
        return int(max_body), int(max_recipients)

    async def carriers(self) -> list[Carrier]:
        return [Carrier(*row) for row in self._read("carriers")]

    async def read_report(self, account_id: int, order_id: int, first_block: int, last_block: int) -> ReportRows | None:
        rows = self._read("read_report", order_id, account_id, first_block, last_block)
        if not rows:
            return None
        blocks = [(numbers, odd_numbers_of(odd), states) for numbers, odd, states, *_ in rows if numbers is not None]
        return _Report(order_of(rows[0][3:]), blocks)

    async def list_orders(
        self, account_id: int, since: int, before: int, limit: int, offset: int
    ) -> tuple[int, list[Order]]:
        with self._snapshot():
            ((count,),) = self._read("count_orders", account_id, since, before)
            rows = self._read("list_orders", account_id, since, before, limit, offset)
        return int(count), [order_of(row) for row in rows]

    async def next_due(self, carrier_id: int, after: int) -> int | None:
        found = [row[0] for priority in (0, 1) for row in self._read("next_due", carrier_id, priority, after)]
        return min(found, default=None)

    async def has_blacklist(self, account_id: int) -> bool:
        return self._blacklist_size(account_id) > 0

    async def blacklisted(self, account_id: int, numbers: Sequence[int]) -> set[int]:
        return {number for (number,) in self._read("blacklisted", account_id, _listed(numbers))}

    async def list_blacklisted(
        self, account_id: int, period: tuple[int, int] | None, limit: int, offset: int
    ) -> tuple[int, list[int]]:
        with self._snapshot():
            if period is None:
                period = _EVER
                count = self._blacklist_size(account_id)
            else:
                ((count,),) = self._read("count_blacklisted", account_id, *period)
            left = max(count - offset, 0)
            if offset <= left:
                rows = self._read("list_blacklisted", account_id, *period, limit, offset)
            else:  # nearer the end: fewer rows to pass over
                skipped, limit = max(left - limit, 0), min(left, limit)
                rows = self._read("list_blacklisted_from_the_end", account_id, *period, limit, skipped)[::-1]
        return int(count), [number for (number,) in rows]

    def _blacklist_size(self, account_id: int) -> int:
        rows = self._read("blacklist_size", account_id)
        return int(rows[0][0]) if rows else 0

    async def consenting(self, brand_code: int, recipient_type: str, numbers: Sequence[int]) -> set[int]:
        return {number for (number,) in self._read("consenting", brand_code, recipient_type, _listed(numbers))}

    async def consents_of(self, brand_code: int, recipient: str) -> list[Consent]:
        return [Consent(*row) for row in self._read("consents_of", brand_code, recipient)]

    async def queue_depth(self) -> dict[int, int]:
        return dict(self._read("queue_depth"))

    async def webhook_targets(self) -> list[Target]:
        return [target_of(row) for row in self._read("targets")]

    async def targets_with_news(self, now: int) -> list[int]:
        return [target_id for (target_id,) in self._read("targets_with_news", now)]

    async def news_waiting(self) -> tuple[int, int]:
        with self._snapshot():
            ((untold,),) = self._read("waiting_in_outbox")
            ((retried, parked),) = self._read("waiting_in_lanes")
        return int(untold + retried), int(parked)

    async def attempts(self, target_id: int, order_id: int | None, limit: int, *, failed: bool) -> list[AttemptRow]:
        if order_id is not None:
            rows = self._read("attempts_of_order", target_id, limit, order_id, failed)
        else:
            rows = self._read("failures_of_target" if failed else "attempts_of_target", target_id, limit)
        return [AttemptRow._make(row) for row in rows]

    async def blocks_with_news(
        self, target_id: int, between: tuple[BlockKey, BlockKey], span: tuple[int, int], limit: int
    ) -> list[BlockKey]:
        after, last = between
        rows = self._read("blocks_with_news", target_id, *after, *last, *span, limit)
        return [(order_id, block_no) for order_id, block_no in rows]

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """All that is read inside sees the same moment."""
        self._reader.execute("BEGIN")
        try:
            yield
        finally:
            self._reader.execute("COMMIT")

    def _read(self, statement: str, *parameters: int | str) -> list[tuple[Any, ...]]:
        try:
            return self._reader.execute(self._sql[statement], parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error


@contextmanager
def serve_lock(path: Path) -> Iterator[None]:
    """Hold a database file as the one that serves it; the operating system lets go of it, whatever happens.

    Raises DatabaseInUse if another process holds it, and StoreUnavailable where no lock file can be made.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        file = lock.open("w")
    except OSError as error:
        raise StoreUnavailable(f"cannot make {lock}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUse(f"another teslimat is serving {path}: stop it first") from error
        yield


def _listed(numbers: Sequence[int]) -> str:
    """Numbers as one parameter, for a statement that goes through them."""
    return msgspec.json.encode(list(numbers)).decode()


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, sqlite3.OperationalError):
        unavailable = StoreUnavailable(str(error))
        unavailable.__cause__ = error
        return unavailable
    return error


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=0,
        isolation_level=None,
        # The commit runs in another thread, but never at the same time as anything else on the connection.
        check_same_thread=False,
        cached_statements=256,
    )
