"""One message into an idle gateway: from the answer of send-sms to its submit_sm at the carrier."""

from bench.result import Result
from bench.rig import percentile
from bench.watching import latencies, run_loop, watched_gateway

MESSAGES, WARM_UP = 500, 50


def run() -> Result:
    taken = run_loop(_measure())[WARM_UP:]
    detail = {"p50 ms": percentile(taken, 50), "p99 ms": percentile(taken, 99), "slowest ms": max(taken)}
    return Result("idle_latency", percentile(taken, 50), "ms, p50", "p50 under 5, p99 under 20", detail)


async def _measure() -> list[float]:
    async with watched_gateway() as (gateway, simulator):
        return await latencies(gateway, simulator, MESSAGES + WARM_UP, 0.005)
