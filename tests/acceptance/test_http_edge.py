"""The edge of the HTTP server, octet by octet: heads, offers to upgrade, requests that never end, what is no HTTP."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from teslimat.api.v1.bodies import SMALL_OCTETS
from teslimat.core.networks import read_network
from teslimat.serving import BODY_OCTETS, HEAD_OCTETS, HttpProtocol
from tests.acceptance.gateway import EDGE, MIB, Gateway, running

UPGRADE = (
    "Connection: Upgrade, HTTP2-Settings\nUPGRADE: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\n"
)
UNREADABLE = {"response": {"status": {"code": 400, "message": "İstek çözümlenemedi"}}}
PATIENCE_S = 3.0


Readings = dict[int, asyncio.Queue[int]]
"""By the port of a client, how many octets the server read each time."""


@pytest.fixture(autouse=True)
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    readings: Readings = defaultdict(asyncio.Queue)
    read = HttpProtocol.data_received

    def reading(connection: HttpProtocol, data: bytes) -> None:
        read(connection, data)
        readings[connection.transport.get_extra_info("peername")[1]].put_nowait(len(data))

    monkeypatch.setattr(HttpProtocol, "data_received", reading)
    return readings


class Line:
    """A connection on which a test decides about every octet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, readings: Readings) -> None:
        self._reader = reader
        self._writer = writer
        self._readings = readings[writer.get_extra_info("sockname")[1]]
        self._under_way = 0

    async def says(self, *pieces: bytes) -> None:
        """Write each piece when what was written before has been read."""
        for piece in pieces:
            await self.is_read()
            self._writer.write(piece)
            self._under_way += len(piece)

    async def is_read(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self._under_way > 0:
                self._under_way -= await self._readings.get()

    async def hears(self) -> tuple[bytes, bytes]:
        """The head and the body of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
            return head, await self._reader.readexactly(int(length.partition(b" ")[2]))

    async def hears_status(self) -> int:
        head, _ = await self.hears()
        return int(head.split(b" ")[1])

    async def is_refused_and_closed(self) -> None:
        head, body = await self.hears()
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/json; charset=utf-8\r\n" in head
        assert json.loads(body) == UNREADABLE
        await self.is_closed()

    async def leaves(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def is_closed(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            assert await self._reader.read() == b""


@asynccontextmanager
async def line_to(gateway: Gateway, readings: Readings) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(gateway.http.base_url.host, gateway.http.base_url.port)
    try:
        yield Line(reader, writer, readings)
    finally:
        writer.close()


@pytest.fixture
async def line(gateway: Gateway, readings: Readings) -> AsyncIterator[Line]:
    async with line_to(gateway, readings) as line:
        yield line


def head_of(body: bytes, headers: str = "", path: str = "/v1/get-balance/json") -> bytes:
    return f"POST {path} HTTP/1.1\nHost: x\n{headers}Content-Length: {len(body)}\n\n".replace("\n", "\r\n").encode()


def balance(gateway: Gateway) -> bytes:
    who = gateway.house.credentials
    return json.dumps({"request": {"authentication": {"key": who.key, "hash": who.hash}}}).encode()


def chunked(body: bytes, headers: str = "") -> bytes:
    head = f"POST /v1/get-balance/json HTTP/1.1\nHost: x\n{headers}Transfer-Encoding: chunked\n\n".replace("\n", "\r\n")
    return head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


async def test_an_offer_to_upgrade_is_passed_over_wherever_the_network_cuts_it(gateway: Gateway, line: Line) -> None:
    body = balance(gateway)
    whole = head_of(body, UPGRADE) + body
    for cut in range(1, len(whole)):
        await line.says(whole[:cut], whole[cut:])
        assert await line.hears_status() == 200, whole[:cut]


async def test_an_offer_to_upgrade_is_passed_over_that_comes_octet_by_octet(gateway: Gateway, line: Line) -> None:
    body = balance(gateway)
    await line.says(*(bytes([octet]) for octet in head_of(body, UPGRADE) + body))
    assert await line.hears_status() == 200


async def test_requests_that_wait_for_no_answer_are_answered_in_turn_whatever_they_offer(
    gateway: Gateway, line: Line
) -> None:
    body = balance(gateway)
    unknown = head_of(b"{}", UPGRADE, "/v1/nothing/json") + b"{}"
    await line.says((head_of(body) + body) + (head_of(body, UPGRADE) + body) + unknown + (head_of(body) + body))
    assert [await line.hears_status() for _ in range(4)] == [200, 200, 404, 200]


@pytest.mark.parametrize("early", range(5))
async def test_a_text_that_reads_like_an_offer_to_upgrade_is_not_touched(
    gateway: Gateway, line: Line, early: int
) -> None:
    who = gateway.house.credentials
    text = "Merhaba\r\nUpgrade: now\r\n\r\nGüle güle"
    body = (
        f"<request><authentication><key>{who.key}</key><hash>{who.hash}</hash></authentication><order>"
        f"<sender>ACME</sender><message><text>{text}</text><receipents><number>5301234567</number></receipents>"
        "</message></order></request>"
    ).encode()
    head = head_of(body, path="/v1/send-sms")
    await line.says(head[: len(head) - early], head[len(head) - early :] + body)
    assert await line.hears_status() == 200
    [order] = await gateway.house.orders()
    assert order.texts[0].body == text.replace("\r\n", "\n")


async def test_a_chunked_body_ends_where_it_says_wherever_the_network_cuts_it(gateway: Gateway, line: Line) -> None:
    whole = chunked(balance(gateway), UPGRADE)
    for cut in range(1, len(whole)):
        await line.says(whole[:cut], whole[cut:])
        assert await line.hears_status() == 200, whole[:cut]


async def test_what_follows_a_chunked_body_in_the_same_breath_is_to_be_asked_again(
    gateway: Gateway, line: Line
) -> None:
    body = balance(gateway)
    await line.says(chunked(body) + head_of(body, UPGRADE) + body)
    head, _ = await line.hears()
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close\r\n" in head
    await line.is_closed()


async def test_line_breaks_between_requests_belong_to_none(gateway: Gateway, line: Line) -> None:
    body = balance(gateway)
    for _ in range(3):
        await line.says(b"\r\n", b"\r\n" + head_of(body) + body + b"\r\n")
        assert await line.hears_status() == 200
        await line.says(chunked(body) + b"\r\n")
        assert await line.hears_status() == 200


def endless_address() -> bytes:
    return b"GET /" + b"y" * HEAD_OCTETS


def endless_header() -> bytes:
    return b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"y" * HEAD_OCTETS


def many_headers() -> bytes:
    return b"GET / HTTP/1.1\r\n" + b"A: y\r\n" * (HEAD_OCTETS // 6) + b"\r\n"


@pytest.mark.parametrize("head", [endless_address, endless_header, many_headers])
async def test_a_head_that_is_too_long_is_refused_before_it_ends(line: Line, head: Callable[[], bytes]) -> None:
    await line.says(head())
    await line.is_refused_and_closed()


async def test_a_head_has_an_exact_limit(gateway: Gateway, line: Line) -> None:
    body = balance(gateway)
    bare = len(head_of(body, "A: \n"))
    await line.says(head_of(body, f"A: {'y' * (HEAD_OCTETS - bare)}\n") + body)
    assert await line.hears_status() == 200
    await line.says(head_of(body, f"A: {'y' * (HEAD_OCTETS - bare + 1)}\n") + body)
    await line.is_refused_and_closed()


async def test_an_address_that_is_forwarded_behind_the_body_is_not_believed(tmp_path: Path, readings: Readings) -> None:
    proxies = (read_network("127.0.0.0/8"),)
    async with (
        running(tmp_path / "teslimat.db", trusted_proxies=proxies) as gateway,
        line_to(gateway, readings) as line,
    ):
        await gateway.allow_only("203.0.113.7")
        forwarded = "X-Forwarded-For: 203.0.113.7\n"
        body = balance(gateway)
        await line.says(chunked(body, forwarded))
        assert await line.hears_status() == 200
        await line.says(chunked(body).removesuffix(b"\r\n") + forwarded.replace("\n", "\r\n\r\n").encode())
        assert await line.hears_status() == 401


async def test_what_follows_a_chunked_body_may_not_be_endless(line: Line) -> None:
    await line.says(chunked(b"{}").removesuffix(b"\r\n"))
    await line.says(b"X-Trailer: " + b"y" * (HEAD_OCTETS + 1))
    await line.is_refused_and_closed()


@pytest.mark.parametrize(
    "said",
    [
        b"garbage\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/get-balance/json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
        b"POST /v1/get-balance/json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: %b1\r\n\r\na" % (b"0" * 5000),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_like_any_unreadable_request(line: Line, said: bytes) -> None:
    await line.says(said)
    await line.is_refused_and_closed()


async def test_a_request_that_was_refused_early_is_not_answered_again(line: Line) -> None:
    head = head_of(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked").replace(b"get-balance", b"nothing")
    await line.says(head)
    assert await line.hears_status() == 404
    await line.says(b"no length\r\n")
    await line.is_closed()


@asynccontextmanager
async def hurried(path: Path, seconds: float, octets: int = BODY_OCTETS) -> AsyncIterator[Gateway]:
    """A gateway that has no patience with requests that do not end."""
    edge = EDGE._replace(head_seconds=seconds, body_seconds=seconds, body_octets=octets)
    async with running(path / "teslimat.db", edge=edge) as gateway:
        yield gateway


async def stalls_in_its_head(line: Line) -> None:
    await line.says(b"GET / HTTP/1.1\r\nHost: ")


async def stalls_in_its_body(line: Line) -> None:
    await line.says(head_of(b"y" * 8 * MIB, path="/v1/send-sms/json") + b"y" * 7)


async def stalls_in_a_chunk(line: Line) -> None:
    await line.says(chunked(b"y" * 1000)[:300])


async def stalls_in_its_second_head(line: Line) -> None:
    await line.says(head_of(b"{}", path="/nothing") + b"{}" + b"GET /")
    assert await line.hears_status() == 404


@pytest.mark.parametrize(
    "stalls", [stalls_in_its_head, stalls_in_its_body, stalls_in_a_chunk, stalls_in_its_second_head]
)
async def test_a_request_that_never_ends_is_refused(
    tmp_path: Path, readings: Readings, stalls: Callable[[Line], Awaitable[None]]
) -> None:
    async with hurried(tmp_path, 0.02) as gateway, line_to(gateway, readings) as line:
        await stalls(line)
        await line.is_refused_and_closed()


async def test_a_refused_request_whose_body_never_ends_is_closed(tmp_path: Path, readings: Readings) -> None:
    async with hurried(tmp_path, 0.02) as gateway, line_to(gateway, readings) as line:
        await line.says(head_of(b"y" * 9 * MIB) + b"y")
        assert await line.hears_status() == 400
        await line.is_closed()


async def test_the_time_of_a_request_ends_with_it(tmp_path: Path, readings: Readings) -> None:
    async with (
        hurried(tmp_path, 0.3) as gateway,
        line_to(gateway, readings) as line,
        line_to(gateway, readings) as later,
    ):
        body = balance(gateway)
        await line.says(head_of(body)[:-1], b"\n", body)
        assert await line.hears_status() == 200
        await stalls_in_its_head(later)
        await later.is_refused_and_closed()
        await line.says(head_of(body) + body)
        assert await line.hears_status() == 200


async def test_a_long_body_has_more_time(tmp_path: Path, readings: Readings) -> None:
    async with (
        hurried(tmp_path, 0.3, octets=1000) as gateway,
        line_to(gateway, readings) as line,
        line_to(gateway, readings) as later,
    ):
        body = balance(gateway).ljust(1500)
        await line.says(head_of(body), body[:1000])
        await line.is_read()
        await stalls_in_its_head(later)
        await later.is_refused_and_closed()
        await line.says(body[1000:])
        assert await line.hears_status() == 200


LARGE = 4 * SMALL_OCTETS


def order(gateway: Gateway, number: int, octets: int = LARGE) -> bytes:
    who = gateway.house.credentials
    message = {"text": "Merhaba", "receipents": {"number": [number]}}
    request = {"authentication": {"key": who.key, "hash": who.hash}, "order": {"sender": "ACME", "message": message}}
    body = json.dumps({"request": request}).encode().ljust(octets)
    return head_of(body, path="/v1/send-sms/json") + body


async def finishes(line: Line) -> None:
    await line.says(b" ")
    assert await line.hears_status() == 200


async def leaves(line: Line) -> None:
    await line.leaves()


@pytest.mark.parametrize("ends", [finishes, leaves])
async def test_large_bodies_share_a_budget_and_small_ones_need_none(
    tmp_path: Path, readings: Readings, ends: Callable[[Line], Awaitable[None]]
) -> None:
    async with (
        running(tmp_path / "teslimat.db", body_limit=LARGE, body_budget=0) as gateway,
        AsyncExitStack() as lines,
    ):
        *holders, other = [await lines.enter_async_context(line_to(gateway, readings)) for _ in range(5)]
        for number, holder in enumerate(holders, 5301234500):
            await holder.says(order(gateway, number)[:-1])
            await holder.is_read()
        await other.says(order(gateway, 5301234567))
        head, _ = await other.hears()
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1\r\n" in head
        await other.says(order(gateway, 5301234568, SMALL_OCTETS))
        assert await other.hears_status() == 200
        await ends(holders[0])
        await other.says(order(gateway, 5301234569))
        assert await other.hears_status() == 200
        for holder in holders[1:]:
            await finishes(holder)
