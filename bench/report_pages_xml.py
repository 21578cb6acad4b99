"""The pages of report_pages in XML, and in JSON in the same run, turn by turn."""

import asyncio
from collections.abc import Sequence

from bench.result import Result
from bench.rig import AUTHENTICATION, http_request, load, median, numbers, order_body, percentile, report_body, rig

PAGES, ORDERS, CONNECTIONS, ROUNDS, ASKED = 50, 8, 4, 5, 2_000


def run() -> Result:
    rates: dict[str, list[float]] = {"XML": [], "JSON": []}
    latencies = []
    with rig() as gateway:
        ids = [gateway.place(order_body([(f"Kampanya {i}", numbers(PAGES * 1000))])) for i in range(ORDERS)]
        gateway.await_settled(PAGES * 1000 * ORDERS)
        asked = [(i, page) for page in range(1, PAGES + 1) for i in ids]
        every = {
            "XML": [xml_request(i, page) for i, page in asked],
            "JSON": [http_request("get-report", report_body(i, page, 1000)) for i, page in asked],
        }
        for turn in range(ROUNDS + 1):
            for form, requests in every.items():
                repeated = (requests * (ASKED // len(requests) + 1))[:ASKED]
                done = asyncio.run(load(gateway.port, repeated, CONNECTIONS))
                assert all(b" 200 " in answer for _, _, answer in done)
                if turn:
                    rates[form].append(rate(done))
                    if form == "XML":
                        latencies += [(end - start) * 1000 for start, end, _ in done]
    xml, json = median(rates["XML"]), median(rates["JSON"])
    detail = {
        "JSON pages/s": json,
        "ratio": xml / json,
        "p50 ms": percentile(latencies, 50),
        "p99 ms": percentile(latencies, 99),
    }
    return Result("report_pages_xml", xml, "pages/s", "half of report_pages", detail)


def xml_request(order_id: str, page: int) -> bytes:
    """Write the octets of a POST that asks for a page in XML."""
    who = f"<authentication><key>{AUTHENTICATION['key']}</key><hash>{AUTHENTICATION['hash']}</hash></authentication>"
    order = f"<order><id>{order_id}</id><page>{page}</page><rowCount>1000</rowCount></order>"
    body = f"<request>{who}{order}</request>"
    return f"POST /v1/get-report HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode("ascii")


def rate(done: Sequence[tuple[float, float, bytes]]) -> float:
    """How many answers came per second."""
    return len(done) / (max(end for _, end, _ in done) - min(start for start, _, _ in done))
