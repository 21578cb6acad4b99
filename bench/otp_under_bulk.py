"""The same while 200,000 messages of a campaign are being sent."""

import asyncio

from bench.result import Result
from bench.rig import numbers, order_body, percentile
from bench.watching import latencies, run_loop, watched_gateway

MESSAGES, CAMPAIGNS, RECIPIENTS = 80, 4, 50_000


def run() -> Result:
    taken = run_loop(_measure())
    detail = {"p50 ms": percentile(taken, 50), "p99 ms": percentile(taken, 99), "slowest ms": max(taken)}
    return Result("otp_under_bulk", percentile(taken, 99), "ms, p99", "under 100", detail)


async def _measure() -> list[float]:
    loop = asyncio.get_running_loop()
    async with watched_gateway() as (gateway, simulator):
        for i in range(CAMPAIGNS):
            body = order_body([(f"Kampanya {i}", numbers(RECIPIENTS))])
            await loop.run_in_executor(None, gateway.place, body)
        taken = await latencies(gateway, simulator, MESSAGES, 0.005)
        left = CAMPAIGNS * RECIPIENTS + MESSAGES - simulator.stats().messages
        assert left > 0, "the campaign was over before the last message: it measured an idle gateway"
        return taken
