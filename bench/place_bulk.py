"""One order of 50,000 recipients: from the request to the answer. The carrier is away."""

import time

from bench.result import Result
from bench.rig import median, numbers, order_body, rig, rounds

RECIPIENTS = 50_000


def run() -> Result:
    with rig(carrier=None) as gateway:

        def place(turn: int) -> float:
            body = order_body([(f"Kampanya {turn}", numbers(RECIPIENTS))])
            started = time.perf_counter()
            gateway.place(body)
            return time.perf_counter() - started

        times = rounds(place, 9)
    detail = {"median ms": median(times) * 1000, "slowest ms": max(times) * 1000, "rounds": len(times)}
    return Result("place_bulk", RECIPIENTS / median(times), "recipients/s", "500,000", detail)
