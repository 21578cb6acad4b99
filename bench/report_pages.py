"""Pages of 1,000 of a finished order, different pages each time, over a few connections of one client."""

import asyncio

from bench.result import Result
from bench.rig import http_request, load, median, numbers, order_body, percentile, report_body, rig

PAGES, ORDERS, CONNECTIONS, ROUNDS, ASKED = 50, 8, 4, 5, 4_000


def run() -> Result:
    rates, latencies = [], []
    with rig() as gateway:
        ids = [gateway.place(order_body([(f"Kampanya {i}", numbers(PAGES * 1000))])) for i in range(ORDERS)]
        gateway.await_settled(PAGES * 1000 * ORDERS)
        every = [http_request("get-report", report_body(i, page, 1000)) for page in range(1, PAGES + 1) for i in ids]
        requests = (every * (ASKED // len(every) + 1))[:ASKED]
        for turn in range(ROUNDS + 1):
            done = asyncio.run(load(gateway.port, requests, CONNECTIONS))
            assert all(b" 200 " in answer for _, _, answer in done)
            if turn:
                rates.append(ASKED / (max(end for _, end, _ in done) - min(start for start, _, _ in done)))
                latencies += [(end - start) * 1000 for start, end, _ in done]
    detail = {"p50 ms": percentile(latencies, 50), "p99 ms": percentile(latencies, 99), "different pages": len(every)}
    return Result("report_pages", median(rates), "pages/s", "3,500", detail)
