import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from teslimat.carriers.simulator.handset import Text
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import run
from teslimat.carriers.simulator.stats import MAX_REQUEST_OCTETS, Stats
from teslimat.core.clock import SystemClock

HOST = "127.0.0.1"


@pytest.fixture
async def stats_port() -> AsyncIterator[int]:
    ports: asyncio.Queue[int] = asyncio.Queue()
    running = asyncio.create_task(
        run(Script(), SystemClock(), host=HOST, port=0, stats_port=0, ready=lambda _, page: ports.put_nowait(page))
    )
    yield await ports.get()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def ask(port: int, request: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """The status line, the headers and the body of the answer."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    assert int(headers[b"Content-Length"]) == len(body) or request.startswith(b"HEAD")
    return status, headers, body


async def test_the_counts_are_told_as_json(stats_port: int) -> None:
    status, headers, body = await ask(stats_port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, headers[b"Content-Type"]) == (b"HTTP/1.1 200 OK", b"application/json")
    assert headers[b"Connection"] == b"close"
    assert msgspec.json.decode(body, type=Stats) == Stats()
    assert {"messages", "copies", "receipts_sent", "receipts_acknowledged"} <= set(msgspec.json.decode(body))


async def test_the_texts_are_told_as_json(stats_port: int) -> None:
    _, _, body = await ask(stats_port, b"GET /texts?last=1 HTTP/1.0\r\n\r\n")
    assert msgspec.json.decode(body, type=list[Text]) == []


async def test_a_head_request_has_the_headers_and_no_body(stats_port: int) -> None:
    status, headers, body = await ask(stats_port, b"HEAD / HTTP/1.1\r\n\r\n")
    assert (status, body) == (b"HTTP/1.1 200 OK", b"")
    assert int(headers[b"Content-Length"]) > 2


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (b"GET /favicon.ico HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"POST / HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"GET /\r\n\r\n", b"400 Bad Request"),
        (b"\xff\x00\r\n\r\n", b"400 Bad Request"),
        (b"x" * (MAX_REQUEST_OCTETS + 8), b"400 Bad Request"),
    ],
)
async def test_any_other_request_is_refused(stats_port: int, request_octets: bytes, status: bytes) -> None:
    got, _, body = await ask(stats_port, request_octets)
    assert (got, body) == (b"HTTP/1.1 " + status, b"")


async def test_a_port_in_use_is_an_error_and_leaves_nothing_running(stats_port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        await run(Script(), SystemClock(), host=HOST, port=0, stats_port=stats_port, ready=lambda *_: None)
