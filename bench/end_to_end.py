"""From send-sms to every receipt settled: 200,000 messages, one text for all."""

import time
from collections.abc import Callable

from bench.result import Result
from bench.rig import Rig, median, numbers, order_body, rig, rounds

RECIPIENTS, ORDERS = 50_000, 4


def run() -> Result:
    with rig() as gateway:
        figures = measure(gateway, lambda turn, i: order_body([(f"Kampanya {turn} {i}", numbers(RECIPIENTS))]))
    return Result("end_to_end", figures["median"], "messages/s", "20,000", figures)


def measure(gateway: Rig, body: Callable[[int, int], bytes], count: int = 3) -> dict[str, float]:
    """Send 200,000 messages several times over; messages per second, and what they cost."""
    messages = RECIPIENTS * ORDERS
    cost = []

    def send(turn: int) -> float:
        bodies = [body(turn, i) for i in range(ORDERS)]
        used, settled = gateway.gateway.cpu_seconds(), gateway.settled()
        started = time.perf_counter()
        for one in bodies:
            gateway.place(one)
        took = gateway.await_settled(settled + messages) - started
        cost.append((gateway.gateway.cpu_seconds() - used) / messages * 1e6)
        return messages / took

    rates = rounds(send, count)
    return {
        "median": median(rates),
        "slowest": min(rates),
        "fastest": max(rates),
        "gateway µs of processor per message": median(cost[1:]),
    }
