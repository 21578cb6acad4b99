"""The largest resident set of the gateway while a million messages are sent and settled."""

from bench.result import Result
from bench.rig import numbers, order_body, rig

RECIPIENTS, ORDERS = 50_000, 20


def run() -> Result:
    with rig() as gateway:
        before = gateway.gateway.resident_mib()
        for i in range(ORDERS):
            gateway.place(order_body([(f"Kampanya {i}", numbers(RECIPIENTS))]))
        gateway.await_settled(RECIPIENTS * ORDERS)
        after = gateway.gateway.resident_mib()
    detail = {"MiB at the start": before, "messages": RECIPIENTS * ORDERS}
    return Result("memory", after, "MiB", "at most 400", detail)
