"""Page 1,000 of an order of a million recipients, against its page 1."""

import time

from bench.result import Result
from bench.rig import median, numbers, order_body, report_body, rig

RECIPIENTS, ASKED = 1_000_000, 400


def run() -> Result:
    with rig(carrier=None, max_recipients=RECIPIENTS) as gateway:
        order_id = gateway.place(order_body([("Herkese", numbers(RECIPIENTS))]))
        times: dict[int, list[float]] = {1: [], 1000: []}
        for _ in range(ASKED):
            for page, taken in times.items():
                started = time.perf_counter()
                gateway.post("get-report", report_body(order_id, page, 1000))
                taken.append(time.perf_counter() - started)
    first, last = median(times[1]), median(times[1000])
    detail = {"page 1 ms": first * 1000, "page 1,000 ms": last * 1000, "calls": 2 * ASKED}
    return Result("report_depth", last / first, "ratio", "at most 1.10", detail)
