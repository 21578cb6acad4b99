"""POSTs to local receivers from one gateway: how many per second; beside one that hangs; and over a `kill -9`.

The carrier is away, so each recipient is one event. The receivers are a process of their own.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bench.result import Result
from bench.rig import Process, Rig, median, numbers, order_body, rig, rounds
from teslimat.cli.stored import with_store
from teslimat.config import Settings, load_settings
from teslimat.flows.targets import add_target, change_target
from teslimat.store.sqlite import SqliteStore

EVENTS: Final = 10_000
GOOD: Final = 9
EVENTS_EACH: Final = 3_000
CONCURRENCY: Final = 32


class Receivers:
    """The receivers, seen from the benchmark."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._telling, *self.ports = ports

    def seen(self) -> list[tuple[int, int]]:
        """How many POSTs each has had, and how many different events."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._telling}/") as page:
            return [(posts, events) for posts, events in json.loads(page.read())]

    def await_events(self, counts: Sequence[int]) -> float:
        """Wait until the first ones have seen so many events; the moment, on the clock of time.perf_counter."""
        while any(events < count for (_, events), count in zip(self.seen(), counts, strict=False)):
            time.sleep(0.01)
        return time.perf_counter()


@contextmanager
def receivers(good: int, hanging: int = 0) -> Iterator[Receivers]:
    """Run receivers."""
    arguments = [sys.executable, "-m", "bench.receiving", str(good), str(hanging)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Receivers([int(port) for port in process.stdout.readline().split()])
        finally:
            process.kill()


def add(gateway: Rig, ports: Sequence[int], concurrency: int) -> list[int]:
    """Let the account's news go to these ports; the targets' ids."""

    async def work(store: SqliteStore) -> list[int]:
        (account,) = await store.accounts()
        urls = [f"http://127.0.0.1:{port}/hook" for port in ports]
        return [await add_target(store, account, url, bytes(32), concurrency=concurrency, per_second=0) for url in urls]

    return with_store(_settings(gateway), work)


def switch(gateway: Rig, target_id: int, *, enabled: bool) -> None:
    """Switch a target on or off, and wait until the gateway has taken it up."""

    async def work(store: SqliteStore) -> None:
        await change_target(store, target_id, enabled=enabled)

    with_store(_settings(gateway), work)
    time.sleep(1)


def _settings(gateway: Rig) -> Settings:
    return load_settings({"database": f"sqlite:///{gateway.database}"})


def place(gateway: Rig, turn: int, count: int) -> None:
    """Place an order of so many recipients."""
    gateway.place(order_body([(f"Duyuru {turn}", numbers(count))]))


def run() -> Result:
    os.environ["TESLIMAT_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    rates, cost = _rates()
    alone, beside = _beside_one_that_hangs()
    missing, repeated = _over_a_kill()
    detail = {
        "slowest": min(rates),
        "fastest": max(rates),
        "gateway µs of processor per delivery": cost,
        "nine receivers, deliveries/s": alone,
        "the same nine beside one that hangs": beside,
        "share kept beside it, %": 100 * beside / alone,
        "events missing after kill -9": missing,
        "events told twice over kill -9": repeated,
    }
    return Result("webhooks", median(rates), "deliveries/s", "1,500; share kept 90 %; 0 missing", detail)


def _rates() -> tuple[list[float], float]:
    with rig(carrier=None) as gateway, receivers(1) as there:
        add(gateway, there.ports, CONCURRENCY)
        used = gateway.gateway.cpu_seconds()

        def deliver(turn: int) -> float:
            started = time.perf_counter()
            place(gateway, turn, EVENTS)
            return EVENTS / (there.await_events([EVENTS * (turn + 1)]) - started)

        rates = rounds(deliver, 3)
        return rates, (gateway.gateway.cpu_seconds() - used) / (4 * EVENTS) * 1e6


def _beside_one_that_hangs() -> tuple[float, float]:
    """Deliver to nine with the tenth off and on in turn, so that what else the machine does meets both alike."""
    with rig(carrier=None) as gateway, receivers(GOOD, 1) as there:
        *_, tenth = add(gateway, there.ports, CONCURRENCY // 4)
        turns = 0

        def deliver(_: int) -> float:
            nonlocal turns
            started = time.perf_counter()
            place(gateway, turns, EVENTS_EACH)
            turns += 1
            return GOOD * EVENTS_EACH / (there.await_events([EVENTS_EACH * turns] * GOOD) - started)

        def pair(turn: int) -> tuple[float, float]:
            switch(gateway, tenth, enabled=False)
            alone = deliver(turn)
            switch(gateway, tenth, enabled=True)
            return alone, deliver(turn)

        pairs = [pair(turn) for turn in range(5)][1:]
        assert there.seen()[GOOD][0] > 0
        return median([alone for alone, _ in pairs]), median([beside for _, beside in pairs])


def _over_a_kill() -> tuple[int, int]:
    """Kill the gateway in the middle; how many events are missing in the end, and how many came twice."""
    with rig(carrier=None) as gateway, receivers(1) as there:
        add(gateway, there.ports, CONCURRENCY)
        place(gateway, 0, EVENTS)
        there.await_events([EVENTS // 2])
        gateway.gateway.popen.kill()
        gateway.gateway.popen.wait()
        database = f"sqlite:///{gateway.database}"
        again = Process("--database", database, "serve", "--port=0", log=gateway.folder / "again.log")
        try:
            there.await_events([EVENTS])
        finally:
            again.stop()
        ((posts, events),) = there.seen()
        return EVENTS - events, posts - events
