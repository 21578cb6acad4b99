"""What a receiver gets, and what comes of whatever it answers."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import cast

import pytest
from aiohttp import AddrInfoType
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from webhook_receiver import (
    BODY,
    CLOCK,
    EVENT_AT,
    EVENT_ID,
    OK,
    PATIENCE_S,
    SECRET,
    post,
    post_to,
    receiver,
    says,
    says_and_ends,
    says_and_hangs,
    sender,
    soon,
    target,
    until,
    unused_port,
)

from teslimat.core.webhooks import Attempted, Secret
from teslimat.webhooks.sender import new_socket
from teslimat.webhooks.signing import format_secret

BRIEFLY = 0.05
LONG_ENOUGH_TO_ANSWER = 0.5
AT_ONCE = struct.pack("ii", 1, 0)
"""Linger for no time: what closes a socket resets the connection."""


async def test_news_arrive_with_their_id_their_time_and_a_signature_that_verifies() -> None:
    async with receiver(says(OK)) as there, sender() as by:
        attempted = await post(by, target(there))
        request = await soon(there.requests)
    assert (attempted.status, attempted.error, attempted.delivered) == (200, "", True)
    assert request.line == "POST /hook?key=in-the-query HTTP/1.1"
    assert request.body == BODY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Teslimat"
    assert request.headers["webhook-id"] == EVENT_ID
    assert request.headers["webhook-event-time"] == "2023-11-14T22:13:20.123Z"
    assert abs(int(request.headers["webhook-timestamp"]) - CLOCK.now() / 1000) < 60
    Webhook(format_secret(SECRET.value)).verify(request.body, request.headers)


async def test_while_a_secret_is_replaced_either_verifies_and_one_that_is_over_does_not() -> None:
    now = CLOCK.now()
    new, old, over = Secret(b"n" * 32, 0), Secret(b"o" * 32, now + 3_600_000), Secret(b"x" * 32, now - 1)
    async with receiver(says(OK)) as there, sender() as by:
        await post(by, target(there, secrets_=(new, old, over)))
        request = await soon(there.requests)
    Webhook(format_secret(new.value)).verify(request.body, request.headers)
    Webhook(format_secret(old.value)).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(format_secret(over.value)).verify(request.body, request.headers)


async def test_nothing_is_sent_unsigned() -> None:
    async with receiver(says(OK)) as there, sender() as by:
        attempted = await post(by, target(there, secrets_=(Secret(b"x" * 32, 1),)))
        assert attempted == Attempted(0, 0, "no valid secret", 0)
        assert there.connections == 0


@pytest.mark.parametrize("status", [200, 201, 204, 299, 304, 400, 404, 410, 429, 500, 503])
async def test_any_2xx_is_a_delivery_and_nothing_else_is(status: int) -> None:
    attempted = await post_to(says(b"HTTP/1.1 %d Whatever\r\ncontent-length: 0\r\n\r\n" % status))
    assert (attempted.status, attempted.error) == (status, "")
    assert attempted.delivered == (status < 300)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with receiver(says(OK)) as elsewhere, sender() as by:
        location = b"http://127.0.0.1:%d/" % elsewhere.port
        head = b"HTTP/1.1 %d Moved\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % (status, location)
        async with receiver(says(head)) as there:
            attempted = await post(by, target(there))
        assert (attempted.status, attempted.delivered) == (status, False)
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (b"HTTP/1.1 503 Busy\r\nretry-after: 120\r\n", 120),
        (b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\n", 7),
        (b"HTTP/1.1 429 Slow down\r\nretry-after: 86401\r\n", 86400),
        (b"HTTP/1.1 429 Slow down\r\nretry-after: " + b"9" * 5000 + b"\r\n", 86400),
        (b"HTTP/1.1 429 Slow down\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 0),
        (b"HTTP/1.1 429 Slow down\r\nretry-after: -5\r\n", 0),
        (b"HTTP/1.1 429 Slow down\r\n", 0),
        (b"HTTP/1.1 500 Broken\r\nretry-after: 120\r\n", 0),
    ],
)
async def test_a_receiver_says_how_long_to_wait(answer: bytes, seconds: int) -> None:
    assert (await post_to(says(answer + b"content-length: 0\r\n\r\n"))).retry_after_s == seconds


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nx-half: "])
async def test_a_receiver_that_hangs_is_given_up_when_its_time_is_over(answer: bytes) -> None:
    async with receiver(says_and_hangs(answer)) as there, sender(seconds=BRIEFLY) as by:
        attempted = await post(by, target(there))
        assert (attempted.status, attempted.error) == (0, "timed out")
        assert attempted.duration_ms >= 1000 * BRIEFLY


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 %d X\r\ncontent-length: 10\r\n\r\nhalf",
        b"HTTP/1.1 %d X\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 %d X\r\n\r\nuntil the connection ends",
        b"HTTP/1.1 %d X\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nhalf",
    ],
)
@pytest.mark.parametrize("status", [200, 500])
async def test_the_status_decides_if_the_body_ends_too_early(answer: bytes, status: int) -> None:
    attempted = await post_to(says_and_ends(answer % status))
    assert (attempted.status, attempted.error) == (status, "")


@pytest.mark.parametrize("status", [200, 500])
async def test_the_status_decides_if_the_body_hangs(status: int) -> None:
    half = b"HTTP/1.1 %d X\r\ncontent-length: 10\r\n\r\nhalf" % status
    attempted = await post_to(says_and_hangs(half), seconds=LONG_ENOUGH_TO_ANSWER)
    assert (attempted.status, attempted.error) == (status, "")


@pytest.mark.parametrize("status", [200, 500])
async def test_a_body_without_end_is_not_read_to_its_end(status: int) -> None:
    written = 0

    async def behave(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 %d X\r\n\r\n" % status)
        with suppress(ConnectionError):
            while True:
                writer.write(bytes(65536))
                await writer.drain()
                written += 65536

    async with receiver(behave) as there, sender() as by:
        attempted = await post(by, target(there))
        await soon(there.ended)
    assert (attempted.status, attempted.error) == (status, "")
    assert written < 64 * 2**20


async def test_headers_without_end_are_not_read_to_their_end() -> None:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nx-long: ")
        with suppress(ConnectionError):
            while True:
                writer.write(b"a" * 65536)
                await writer.drain()

    async with receiver(behave) as there, sender() as by:
        attempted = await post(by, target(there))
        await soon(there.ended)
    assert (attempted.status, attempted.error) == (0, "answer too long")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 \xff\xfe OK\r\n\r\n",
        b"HTTP/1.1 000 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 007 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        b"HTTP/9 200\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a length\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-many: 1\r\n" * 1000 + b"\r\n",
    ],
)
async def test_an_answer_that_is_not_http_is_no_answer(answer: bytes) -> None:
    attempted = await post_to(says_and_ends(answer))
    assert (attempted.status, attempted.error) == (0, "answer is not HTTP")


async def test_a_receiver_that_wants_another_protocol_has_answered_and_delivered_nothing() -> None:
    head = b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    attempted = await post_to(says(head))
    assert (attempted.status, attempted.error, attempted.delivered) == (101, "", False)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200"])
async def test_a_receiver_that_hangs_up_before_it_answered_has_not_answered(answer: bytes) -> None:
    attempted = await post_to(says_and_ends(answer))
    assert (attempted.status, attempted.delivered) == (0, False)
    assert attempted.error == "connection closed without an answer"


async def test_a_receiver_that_resets_the_connection_has_not_answered() -> None:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.transport.abort()

    attempted = await post_to(behave)
    assert (attempted.status, attempted.error) == (0, "connection closed without an answer")


async def test_nobody_listens() -> None:
    async with sender() as by:
        attempted = await post(by, target(f"http://127.0.0.1:{unused_port()}/"))
    assert (attempted.status, attempted.error) == (0, "connection refused")


async def test_nothing_that_a_receiver_says_comes_back_to_it() -> None:
    answer = b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
    async with receiver(says(answer)) as there, sender() as by:
        for _ in range(2):
            await post(by, target(there))
            assert "cookie" not in (await soon(there.requests)).headers


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert (await post_to(says(OK))).delivered


async def test_a_receiver_that_hangs_holds_up_nobody_else() -> None:
    async with receiver(says_and_hangs()) as slow, receiver(says(OK)) as quick, sender() as by:
        hanging = [asyncio.create_task(post(by, target(slow, id_=1))) for _ in range(2)]
        await soon(slow.requests)
        await soon(slow.requests)
        for _ in range(20):
            assert (await post(by, target(quick, id_=2))).delivered
        assert (slow.connections, quick.connections) == (2, 1)
        await by.close()
        for attempted in await asyncio.gather(*hanging):
            assert (attempted.status, attempted.error) == (0, "connection closed without an answer")


@pytest.mark.parametrize("change", ["its URL", "its concurrency", "removed"])
async def test_what_is_under_way_to_a_target_that_changes_ends_well(change: str) -> None:
    may_answer = asyncio.Event()

    async def behave(writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        writer.write(OK)

    async with receiver(behave) as before, receiver(says(OK)) as after, sender() as by:
        posting = [asyncio.create_task(post(by, target(before, concurrency=2))) for _ in range(2)]
        await soon(before.requests)
        await soon(before.requests)
        if change == "removed":
            await by.forget(1)
        else:
            posted = post(by, target(after if change == "its URL" else before, concurrency=3))
            posting.append(asyncio.create_task(posted))
            await soon(after.requests if change == "its URL" else before.requests)
        may_answer.set()
        assert [attempted.status for attempted in await asyncio.gather(*posting)] == [200] * len(posting)
        if change != "its concurrency":  # nobody needs the connections any more
            await soon(before.ended)
            await soon(before.ended)


async def test_a_target_that_is_forgotten_loses_its_connections_and_gets_new_ones_when_it_is_needed_again() -> None:
    async with receiver(says(OK)) as there, sender() as by:
        await post(by, target(there))
        await by.forget(1)
        await soon(there.ended)
        await by.forget(1)
        assert (await post(by, target(there))).delivered
        assert there.connections == 2


async def test_a_target_with_a_new_url_is_reached_there() -> None:
    async with receiver(says(OK)) as before, receiver(says(OK)) as after, sender() as by:
        await post(by, target(before))
        await post(by, target(after))
        assert (before.requests.qsize(), after.requests.qsize()) == (1, 1)


async def test_whoever_is_cancelled_while_posting_stays_cancelled() -> None:
    async with receiver(says_and_hangs()) as there, sender() as by:
        posting = asyncio.create_task(post(by, target(there, concurrency=1)))
        waiting = asyncio.create_task(post(by, target(there, concurrency=1)))
        await soon(there.requests)
        for task in (waiting, posting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_a_body_that_nobody_reads_holds_up_neither_closing_nor_its_socket_for_good() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        cast("asyncio.Transport", writer.transport).pause_reading()
        deaf.append(writer)

    def narrow(opening: AddrInfoType) -> socket.socket:
        opened.append(new_socket(opening))
        opened[-1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return opened[-1]

    deaf: list[asyncio.StreamWriter] = []
    opened: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        async with await asyncio.start_server(serve, sock=listening), asyncio.timeout(PATIENCE_S):
            async with sender(seconds=BRIEFLY, open_socket=narrow) as by:
                attempted = await by.post(target(url), EVENT_ID, EVENT_AT, bytes(2**20))
                assert (attempted.status, attempted.error) == (0, "timed out")
            await until(lambda: opened[0].fileno() == -1)
            deaf[0].transport.abort()


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/?key=in-the-query", "https://127.0.0.1:{}/?key=in-the-query"])
async def test_the_reason_of_a_failure_tells_nothing_of_the_request(url: str) -> None:
    async with receiver(says_and_ends(b"see 127.0.0.1 in-the-query\r\n\r\n")) as there, sender(seconds=BRIEFLY) as by:
        attempted = await post(by, target(url.format(there.port)))
    assert attempted.error
    for hidden in ("127.0.0.1", str(there.port), "in-the-query", format_secret(SECRET.value), repr(SECRET.value)):
        assert hidden not in attempted.error
