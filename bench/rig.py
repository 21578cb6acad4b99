"""What benchmarks stand on: a gateway and a simulated carrier as processes of their own, and a way to talk to them."""

import asyncio
import http.client
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from teslimat.cli.sandbox import CREDENTIALS, SENDER, prepare
from teslimat.cli.stored import with_store
from teslimat.config import load_settings
from teslimat.flows.accounts import change_account
from teslimat.store.sqlite import SqliteStore

FIRST_NUMBER: Final = 905_300_000_000
AUTHENTICATION: Final = {"key": CREDENTIALS.key, "hash": CREDENTIALS.hash}


class Process:
    """A running part of the gateway, and the ports in its ready line."""

    def __init__(self, *arguments: str, log: Path) -> None:
        self.log = log.open("wb")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "teslimat", *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.popen.stdout is not None
        ready = self.popen.stdout.readline()
        if not ready:
            raise RuntimeError(log.read_text())
        self.ports = [int(port) for port in re.findall(r"(?:port |:|on )(\d+)", ready)]

    def stop(self) -> None:
        """Stop it, and wait."""
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(60)
        self.log.close()

    def resident_mib(self) -> float:
        """Give the largest resident set it ever had."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024

    def cpu_seconds(self) -> float:
        """Give the processor time it has used."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Rig:
    """A gateway, and as a rule a carrier."""

    def __init__(self, folder: Path, gateway: Process, simulator: Process | None) -> None:
        self.folder = folder
        self.gateway = gateway
        self.simulator = simulator
        self.port = gateway.ports[0]

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "bench.db"

    def post(self, endpoint: str, body: bytes) -> dict[str, object]:
        """Post a body and read the answer's response object."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request("POST", f"/v1/{endpoint}/json", body)
            answer = json.loads(connection.getresponse().read())["response"]
        if answer["status"]["code"] != 200:
            raise RuntimeError(answer["status"])
        return dict(answer)

    def place(self, body: bytes) -> str:
        """Place an order; its id."""
        order = self.post("send-sms", body)["order"]
        assert isinstance(order, dict)
        return str(order["id"])

    def waiting(self, order_id: str) -> int:
        """How many recipients of an order still wait."""
        order = self.post("get-report", report_body(order_id, 1, 1))["order"]
        assert isinstance(order, dict)
        return int(order["waiting"])

    def settled(self) -> int:
        """How many receipts the carrier has had acknowledged: that is, how many are settled and committed."""
        assert self.simulator is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.simulator.ports[1]}/") as page:
            return int(json.loads(page.read())["receipts_acknowledged"])

    def await_settled(self, receipts: int) -> float:
        """Wait until so many receipts are settled; the moment, on the clock of time.perf_counter."""
        while self.settled() < receipts:
            time.sleep(0.01)
        return time.perf_counter()


@contextmanager
def rig(
    *,
    carrier: Sequence[str] | None = (),
    carrier_port: int = 1,
    max_recipients: int = 50_000,
    parts_per_second: int = 0,
) -> Iterator[Rig]:
    """Run a gateway on a new database.

    carrier holds the simulator's options; None starts none, and the carrier is whoever listens on carrier_port.
    """
    folder = Path(tempfile.mkdtemp(prefix="teslimat-bench-", dir=os.environ.get("BENCH_DIR")))
    settings = load_settings({"database": f"sqlite:///{folder / 'bench.db'}"})
    simulator = None
    started: list[Process] = []
    try:
        if carrier is not None:
            simulator = Process("simulator", "--port=0", "--stats-port=0", *carrier, log=folder / "simulator.log")
            started.append(simulator)
        prepare(settings, simulator.ports[0] if simulator else carrier_port)
        with_store(settings, lambda store: _widen(store, max_recipients, parts_per_second))
        gateway = Process("--database", settings.database, "serve", "--port=0", log=folder / "gateway.log")
        started.append(gateway)
        yield Rig(folder, gateway, simulator)
    finally:
        for process in reversed(started):
            process.stop()
        shutil.rmtree(folder)


async def _widen(store: SqliteStore, max_recipients: int, parts_per_second: int) -> None:
    (account,) = await store.accounts()
    await change_account(store, account, max_recipients=max_recipients, credits_=1_000_000_000)
    (carrier,) = await store.carriers()
    paced = msgspec.structs.replace(carrier, parts_per_second=parts_per_second)
    await store.transact(lambda tx: tx.update_carrier(paced))


def numbers(count: int, first: int = 0) -> list[str]:
    """Give so many different numbers."""
    return [str(FIRST_NUMBER + first + i) for i in range(count)]


def order_body(messages: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    """Write a send-sms request."""
    written = [{"text": text, "receipents": {"number": whom}} for text, whom in messages]
    order = {"sender": SENDER, "iys": "0", "message": written if len(written) > 1 else written[0]}
    return msgspec.json.encode({"request": {"authentication": AUTHENTICATION, "order": order}})


def report_body(order_id: str, page: int, row_count: int) -> bytes:
    """Write a get-report request."""
    order = {"id": order_id, "page": str(page), "rowCount": str(row_count)}
    return msgspec.json.encode({"request": {"authentication": AUTHENTICATION, "order": order}})


def http_request(endpoint: str, body: bytes) -> bytes:
    """Write the octets of a POST."""
    head = f"POST /v1/{endpoint}/json HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


async def load(port: int, requests: Sequence[bytes], connections: int) -> list[tuple[float, float, bytes]]:
    """Send requests over some connections, each one after the answer to its last; (sent, answered, head) of each."""
    queue = iter(requests)
    done: list[tuple[float, float, bytes]] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        for request in queue:
            sent = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            at = lower.index(b"content-length:") + 15
            body = await reader.readexactly(int(lower[at : lower.index(b"\r", at)]))
            done.append((sent, time.perf_counter(), head[:15] + body[-64:]))
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return done


def rounds(measure: Callable[[int], float], count: int = 5) -> list[float]:
    """Measure once to warm up, then count times."""
    return [measure(i) for i in range(count + 1)][1:]


def percentile(values: Sequence[float], per_cent: float) -> float:
    """Give a percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]


def median(values: Sequence[float]) -> float:
    """Give the median."""
    return statistics.median(values)
