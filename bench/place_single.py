"""Orders of one recipient over 64 connections. The carrier is away."""

import asyncio

from bench.result import Result
from bench.rig import http_request, load, median, numbers, order_body, percentile, rig

ORDERS, CONNECTIONS, ROUNDS = 12_000, 64, 5


def run() -> Result:
    rates, latencies = [], []
    with rig(carrier=None) as gateway:
        for turn in range(ROUNDS + 1):
            whom = numbers(ORDERS, turn * ORDERS)
            requests = [http_request("send-sms", order_body([(f"Kod {n[-6:]}", [n])])) for n in whom]
            done = asyncio.run(load(gateway.port, requests, CONNECTIONS))
            assert all(b" 200 " in answer for _, _, answer in done)
            if turn:
                rates.append(ORDERS / (max(end for _, end, _ in done) - min(start for start, _, _ in done)))
                latencies += [(end - start) * 1000 for start, end, _ in done]
    detail = {"p50 ms": percentile(latencies, 50), "p99 ms": percentile(latencies, 99), "slowest ms": max(latencies)}
    return Result("place_single", median(rates), "orders/s", "4,000, p99 under 50 ms", detail)
