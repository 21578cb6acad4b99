"""Pages of an order while its receipts arrive: its carrier takes 2,000 parts a second."""

import asyncio

from bench.result import Result
from bench.rig import http_request, load, median, numbers, order_body, percentile, report_body, rig

PAGES, CONNECTIONS, ROUNDS, ASKED = 50, 4, 5, 2_000


def run() -> Result:
    rates, latencies, waiting = [], [], []
    with rig(parts_per_second=2_000) as gateway:
        for turn in range(ROUNDS + 1):
            settled = gateway.settled()
            order_id = gateway.place(order_body([(f"{turn}", numbers(PAGES * 1000))]))
            requests = [http_request("get-report", report_body(order_id, 1 + i % PAGES, 1000)) for i in range(ASKED)]
            done = asyncio.run(load(gateway.port, requests, CONNECTIONS))
            assert all(b" 200 " in answer for _, _, answer in done)
            left = gateway.waiting(order_id)
            assert 0 < left < PAGES * 1000, "the order was not under way"
            gateway.await_settled(settled + PAGES * 1000)
            if turn:
                waiting.append(left)
                rates.append(ASKED / (max(end for _, end, _ in done) - min(start for start, _, _ in done)))
                latencies += [(end - start) * 1000 for start, end, _ in done]
    detail = {
        "p50 ms": percentile(latencies, 50),
        "p99 ms": percentile(latencies, 99),
        "least waiting at the end": min(waiting),
    }
    return Result("report_open", median(rates), "pages/s", "2,500", detail)
