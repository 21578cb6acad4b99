"""The gateway as an operator runs it: a process on a database file, killed and stopped as operators' machines do.

Carriers are simulators in the test's own event loop, reached over TCP like any other.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final, Self, TypeVar

import httpx
from msgspec.structs import replace

from teslimat.carriers.simulator.outcomes import Ending
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.carriers.simulator.stats import Stats
from teslimat.core.clock import SystemClock
from teslimat.core.consents import Consent
from teslimat.core.model import Carrier
from teslimat.core.states import DELIVERED, SUBMITTING, State
from teslimat.flows.accounts import Credentials, new_account, new_credentials, open_account
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, run_in_thread
from teslimat_client import client as calls
from teslimat_client import contract

T = TypeVar("T")

HOST = "127.0.0.1"
SENDER = "ACME"
BRAND = "600000"
CREDITS = 100_000
FIRST_NUMBER = 905_300_000_000
NO_SETTINGS: Final[Mapping[str, object]] = {}
WIRE_DELIVERED, WIRE_UNDELIVERED = 111, 112
DELIVERED_IN_THE_END = Ending(State.DELIVERED)
# Nothing is waited for by time; this only turns a hang into a failure.
PATIENCE_S = 60


def recipients(count: int, first: int = FIRST_NUMBER) -> list[str]:
    return [f"+{first + i}" for i in range(count)]


class Serve:
    """A `teslimat serve` that takes orders."""

    def __init__(self, process: Process, url: str, log: Path, credentials: Credentials) -> None:
        self.process = process
        self.url = url
        self.log = log
        self.http = httpx.AsyncClient(base_url=url, headers=calls.JSON_HEADERS, timeout=PATIENCE_S)
        self._credentials = contract.Credentials(credentials.key, credentials.hash)

    async def kill(self) -> None:
        """As the machine does when memory runs out."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self.http.aclose()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE_S):
            code = await self.process.wait()
        await self.http.aclose()
        return code

    async def call(self, call: calls.Call[T]) -> T:
        response = await self.http.post(call.path, content=call.body)
        return calls.read_answer(call, response.status_code, response.content)

    async def send(self, numbers: Sequence[str], text: str = "Merhaba", *, commercial: bool = False) -> str:
        iys_list = "BIREYSEL" if commercial else None
        call = calls.send_sms(self._credentials, SENDER, [calls.Sms(text, numbers)], iys_list=iys_list)
        return str((await self.call(call)).order.id)

    async def report(self, order_id: str, page: int = 1, row_count: int = 1) -> contract.OrderReport:
        return (await self.call(calls.get_report(self._credentials, order_id, page, row_count))).order

    async def orders(self) -> contract.OrderList:
        """The orders of yesterday and today, so that a midnight in between hides none."""
        today = datetime.now(calls.TURKEY).date()
        start, end = (today - timedelta(days=1)).isoformat(), today.isoformat()
        return await self.call(calls.get_reports(self._credentials, start, end, 1))

    async def balance(self) -> int:
        return (await self.call(calls.get_balance(self._credentials))).balance.sms

    async def rows(self, order_id: str) -> dict[str, int]:
        """Every recipient's status."""
        rows: dict[str, int] = {}
        page = 1
        while some := (await self.report(order_id, page, 1000)).message:
            rows |= {str(row.number): row.status for row in some}
            page += 1
        return rows

    async def completed(self, order_id: str) -> contract.OrderReport:
        """Ask as clients do until nothing waits: of a decision about an uncertain message nobody else is told."""
        async with asyncio.timeout(PATIENCE_S):
            while (report := await self.report(order_id)).waiting:  # noqa: ASYNC110 - a report has no event
                await asyncio.sleep(0.05)
        return report

    async def metric(self, name: str) -> float:
        page = (await self.http.get("/metrics")).text
        return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith((name + " ", name + "{")))

    async def ready(self) -> dict[str, str]:
        return dict((await self.http.get("/readyz")).raise_for_status().json())

    def events(self) -> list[dict[str, object]]:
        """What it has logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class Installation:
    """A database file with one account, and whatever serves it."""

    def __init__(self, folder: Path, credentials: Credentials) -> None:
        self.folder = folder
        self.path = folder / "teslimat.db"
        self.credentials = credentials
        self.serves: list[Serve] = []

    @property
    def database(self) -> str:
        return f"sqlite:///{self.path}"

    async def start(self, **settings: object) -> Serve:
        """Start to serve, with these settings in the environment."""
        log = self.folder / f"serve-{len(self.serves)}.log"
        with log.open("wb") as errors:
            process = await command("--database", self.database, "serve", "--port=0", stderr=errors, settings=settings)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            ready = (await process.stdout.readline()).decode()
        assert ready, log.read_text()
        serve = Serve(process, ready.split()[-1], log, self.credentials)
        self.serves.append(serve)
        return serve

    async def add_carrier(self, port: int, *, window: int = 500, binds: int = 1, name: str = "simulator") -> None:
        carrier = Carrier(0, name, HOST, port, "house", "secret", window, 0, binds, "default")
        store = SqliteStore(self.path, run_in_thread)
        await store.transact(lambda tx: tx.insert_carrier(carrier))
        await store.close()

    async def agree(self, numbers: Sequence[str]) -> None:
        """Record that these recipients want commercial texts."""
        consents = [Consent(int(BRAND), number, "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", 0) for number in numbers]
        store = SqliteStore(self.path, run_in_thread)
        await store.transact(lambda tx: tx.record_consents(consents))
        await store.close()

    async def remove_carrier(self, name: str) -> None:
        store = SqliteStore(self.path, run_in_thread)
        (carrier_id,) = [carrier.id for carrier in await store.carriers() if carrier.name == name]
        await store.transact(lambda tx: tx.remove_carrier(carrier_id))
        await store.close()

    def uncertain(self) -> int:
        """How many messages were ever uncertain, as the orders themselves say."""
        return self._sum("SELECT uncertain FROM customer_order")

    def submitting(self) -> int:
        """How many recipients would be uncertain if nobody served them any more."""
        with closing(sqlite3.connect(self.path)) as file:
            return sum(states.count(SUBMITTING) for (states,) in file.execute("SELECT states FROM block_state"))

    def _sum(self, query: str) -> int:
        with closing(sqlite3.connect(self.path)) as file:
            return sum(row[0] for row in file.execute(query))


async def command(
    *arguments: str,
    stderr: int | IO[bytes] = PIPE,
    cwd: Path | None = None,
    settings: Mapping[str, object] = NO_SETTINGS,
) -> Process:
    """Start `teslimat` with these arguments, and with these settings in its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TESLIMAT_")}
    environment |= {f"TESLIMAT_{name.upper()}": str(value) for name, value in settings.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "teslimat", *arguments, stdout=PIPE, stderr=stderr, env=environment, cwd=cwd
    )


async def teslimat(*arguments: str, cwd: Path | None = None) -> tuple[int | None, str, str]:
    """Run a command to its end: exit code, standard output and standard error."""
    process = await command(*arguments, cwd=cwd)
    async with asyncio.timeout(PATIENCE_S):
        out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


@asynccontextmanager
async def installed(folder: Path) -> AsyncIterator[Installation]:
    """A new database with an account that may send commercial texts too; whatever serves it is killed at the end."""
    credentials = new_credentials(os.urandom)
    installation = Installation(folder, credentials)
    migrate(installation.path)
    store = SqliteStore(installation.path, run_in_thread)
    account = new_account("acme", credentials, credits_=CREDITS, senders=[SENDER])
    await open_account(store, replace(account, iys_code=BRAND))
    await store.close()
    try:
        yield installation
    finally:
        for serve in installation.serves:
            await serve.kill()


class Carrying:
    """A simulated carrier, and where it listens."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.simulator = Simulator(script, SystemClock())
        self.port = 0

    async def __aenter__(self) -> Self:
        self.port = await self.simulator.start(HOST, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.simulator.stop()

    @property
    def stats(self) -> Stats:
        return self.simulator.stats()

    async def until(self, reached: Callable[[Stats], bool]) -> Stats:
        async with asyncio.timeout(PATIENCE_S):
            return await self.simulator.until(reached)

    def predicts(self, numbers: Sequence[str]) -> dict[str, int]:
        """What a report should say in the end, where uncertain messages are sent again."""
        outcomes = self.script.outcomes()
        endings = [outcomes.of(number).ending or DELIVERED_IN_THE_END for number in numbers]
        return {
            number: WIRE_DELIVERED if ending.state == DELIVERED else WIRE_UNDELIVERED
            for number, ending in zip(numbers, endings, strict=True)
        }


@asynccontextmanager
async def served(
    folder: Path, script: Script, *, window: int = 500, binds: int = 1
) -> AsyncIterator[tuple[Installation, Carrying]]:
    """An installation whose carrier is up; nothing serves it yet."""
    async with AsyncExitStack() as stack:
        # The carrier goes last, so that a gateway can unbind.
        carrier = await stack.enter_async_context(Carrying(script))
        installation = await stack.enter_async_context(installed(folder))
        await installation.add_carrier(carrier.port, window=window, binds=binds)
        yield installation, carrier


async def adds_up(serve: Serve, order_id: str, numbers: Sequence[str]) -> contract.OrderReport:
    """The report of a completed order, after holding its counters against its rows and against the balance."""
    report = await serve.completed(order_id)
    rows = await serve.rows(order_id)
    assert list(rows) == list(numbers)
    statuses = list(rows.values())
    assert report.total == len(numbers)
    assert report.delivered == statuses.count(WIRE_DELIVERED)
    assert report.undelivered == statuses.count(WIRE_UNDELIVERED) == report.total - report.delivered
    return report
