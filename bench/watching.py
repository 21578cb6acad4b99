"""A carrier inside the benchmark's own process, so that the moment of a submit_sm is seen on the benchmark's clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager

import uvloop

from bench.rig import Rig, http_request, order_body, rig
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.core.clock import SystemClock

WATCHED = 905_550_000_033
"""A special number whose outcome nothing else has, so that its count tells of its message alone."""
OUTCOME = "two-receipts"


@asynccontextmanager
async def watched_gateway() -> AsyncIterator[tuple[Rig, Simulator]]:
    """Run a gateway whose carrier is in this process."""
    simulator = Simulator(Script(), SystemClock())
    port = await simulator.start("127.0.0.1", 0)
    manager = rig(carrier=None, carrier_port=port)
    loop = asyncio.get_running_loop()
    gateway = await loop.run_in_executor(None, manager.__enter__)
    try:
        await simulator.until(lambda stats: stats.connections == 1 and stats.binds == 1)
        yield gateway, simulator
    finally:
        await loop.run_in_executor(None, manager.__exit__, None, None, None)
        await simulator.stop()


async def latencies(gateway: Rig, simulator: Simulator, count: int, pause: float) -> list[float]:
    """Send single messages; milliseconds from the answer of send-sms to the submit_sm at the carrier, 0 if before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    taken = []
    for i in range(count):
        seen = simulator.stats().outcomes.get(OUTCOME, 0)
        arrival = asyncio.create_task(_arrival(simulator, seen + 1))
        writer.write(http_request("send-sms", order_body([(f"Kod {i} {time.time_ns()}", [str(WATCHED)])])))
        await reader.readuntil(b"}}}")
        answered = time.perf_counter()
        taken.append(max(await arrival - answered, 0.0) * 1000)
        await asyncio.sleep(pause)
    writer.close()
    return taken


async def _arrival(simulator: Simulator, count: int) -> float:
    await simulator.until(lambda stats: stats.outcomes.get(OUTCOME, 0) >= count)
    return time.perf_counter()


def run_loop(work: Coroutine[object, None, Sequence[float]]) -> Sequence[float]:
    """Run on the loop that the gateway runs on."""
    return uvloop.run(work)
