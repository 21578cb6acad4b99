"""From send-sms to every receipt settled: 20,000 orders of one recipient each, over 64 connections."""

import asyncio
import time

from bench.result import Result
from bench.rig import http_request, load, median, numbers, order_body, rig, rounds

ORDERS, CONNECTIONS = 20_000, 64


def run() -> Result:
    with rig() as gateway:

        def send(turn: int) -> float:
            whom = numbers(ORDERS, turn * ORDERS)
            requests = [http_request("send-sms", order_body([(f"Kod {n[-6:]}", [n])])) for n in whom]
            settled, started = gateway.settled(), time.perf_counter()
            done = asyncio.run(load(gateway.port, requests, CONNECTIONS))
            assert all(b" 200 " in answer for _, _, answer in done)
            return ORDERS / (gateway.await_settled(settled + ORDERS) - started)

        rates = rounds(send, 3)
    detail = {"slowest": min(rates), "fastest": max(rates)}
    return Result("end_to_end_single", median(rates), "messages/s", "2,000", detail)
