"""What a connection hears: one answer for each POST, not more of it than an answer may have, and nothing unasked."""

import asyncio
from contextlib import suppress

import pytest
from webhook_receiver import OK, PATIENCE_S, post, receiver, says, says_and_ends, sender, soon, target


async def test_a_connection_serves_one_post_after_the_other() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    empty = b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"
    squeezed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone"  # nobody unpacks it
    answers = OK, chunked, empty, squeezed, b"HTTP/1.1 204 X\r\n\r\n", OK
    async with receiver(says(*answers)) as there, sender() as by:
        assert [(await post(by, target(there))).status for _ in answers] == [200, 200, 500, 200, 204, 200]
        assert there.connections == 1


async def test_a_connection_that_the_receiver_closes_is_followed_by_another() -> None:
    async with receiver(says_and_ends(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")) as there, sender() as by:
        assert [(await post(by, target(there))).status for _ in range(2)] == [200, 200]
        assert there.connections == 2


async def test_what_follows_an_answer_is_not_taken_for_the_next_one() -> None:
    async with receiver(says(OK + b"HTTP/1.1 500 Injected\r\ncontent-length: 0\r\n\r\n")) as there, sender() as by:
        assert [(await post(by, target(there))).status for _ in range(3)] == [200, 200, 200]


async def test_what_follows_the_rest_of_an_answer_is_not_taken_for_the_next_one() -> None:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(OK[:-1])
        for _ in range(10):  # so that it is read in two pieces
            await asyncio.sleep(0)
        writer.write(OK[-1:] + b"HTTP/1.1 500 Injected\r\ncontent-length: 0\r\n\r\n")

    async with receiver(behave) as there, sender() as by:
        assert [(await post(by, target(there))).status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("stray", [b"HTTP/1.1 408 Too late\r\ncontent-length: 0\r\n\r\n", OK, b"HTTP/1.1 4", b"\0"])
async def test_what_comes_unasked_ends_the_connection_and_answers_nothing(stray: bytes) -> None:
    writers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 Made\r\ncontent-length: 0\r\n\r\n")
        writers.put_nowait(writer)

    async with receiver(behave) as there, sender() as by:
        assert (await post(by, target(there))).status == 201
        (await soon(writers)).write(stray)
        await soon(there.ended)
        assert (await post(by, target(there))).status == 201
        assert (there.connections, there.requests.qsize()) == (2, 2)


@pytest.mark.parametrize(
    ("begins", "goes_on", "status", "error"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0, "answer too long"),
        (b"", b"HTTP/1.1 103 Early hints\r\nlink: </a>\r\n\r\n", 0, "answer too long"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1", b";a=b", 200, ""),
    ],
)
async def test_octets_that_are_no_body_are_counted_as_well(
    begins: bytes, goes_on: bytes, status: int, error: str
) -> None:
    written = 0

    async def behave(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(begins)
        with suppress(ConnectionError):
            while True:
                writer.write(goes_on * 2000)
                await writer.drain()
                written += len(goes_on) * 2000

    async with receiver(behave) as there, sender(seconds=2 * PATIENCE_S) as by:
        attempted = await post(by, target(there))
        await soon(there.ended)
    assert (attempted.status, attempted.error) == (status, error)
    assert written < 64 * 2**20


async def test_an_early_word_is_not_the_answer() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
    async with receiver(says(early + OK)) as there, sender() as by:
        assert [(await post(by, target(there))).status for _ in range(3)] == [200, 200, 200]
        assert there.connections == 1
