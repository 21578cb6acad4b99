"""Whom the sender connects to, judged when a socket opens and by the address that it opens to."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Sequence

import pytest
from aiohttp import AddrInfoType
from hypothesis import example, given
from hypothesis import strategies as st
from webhook_receiver import (
    CERTIFICATE,
    LOOPBACK,
    OK,
    post,
    receiver,
    says,
    says_and_ends,
    sender,
    soon,
    target,
    until,
)

from teslimat.core.clock import SystemClock
from teslimat.core.networks import read_network

PUBLIC_4, PUBLIC_6 = "8.8.8.8", "2001:4860:4860::8888"
BRIEFLY = 0.05
LONG_ENOUGH_TO_ANSWER = 0.5
MOST_AT_ONCE = 256
A_WHILE_S = 31
"""Longer than an address stays known."""


class Hours(SystemClock):
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.passed_s


class Sockets:
    """Opens none but to this machine, and tells which it was asked for: no test leaves this machine."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, opening: AddrInfoType) -> socket.socket:
        self.asked.append(str(opening[4][0]))
        raise ConnectionRefusedError(111, "no test leaves this machine")


def answers(*answers: Sequence[str]) -> Callable[[str], Sequence[str]]:
    """Name servers that give these answers in turn, the last one over and over."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


FORMS = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "0177.0.0.1", "127.0.0.1."),
    *("localhost", "localhost.", "LOCALHOST", "0", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]"),  # noqa: S104
    *("[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[0:0:0:0:0:ffff:7f00:0001]"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_this_machine_is_refused_however_it_is_written(form: str, scheme: str) -> None:
    async with receiver(says(OK)) as there, sender(allowed=()) as by:
        attempted = await post(by, target(f"{scheme}://{form}:{there.port}/"))
        assert (attempted.status, there.connections) == (0, 0)
    assert attempted.error in {"address not allowed", "name not found"}


@pytest.mark.parametrize("form", ["0x7f.1", "localhost", "[::ffff:127.0.0.1]", "127.0.0.1"])
async def test_it_is_reached_however_it_is_written_once_the_operator_allows_it(form: str) -> None:
    async with receiver(says(OK)) as there, sender() as by:
        assert (await post(by, target(f"http://{form}:{there.port}/"))).delivered


async def test_a_receiver_on_ipv6_is_reached() -> None:
    async with receiver(says(OK), host="::1") as there, sender() as by:
        assert (await post(by, target(f"http://[::1]:{there.port}/"))).delivered


async def test_a_name_is_judged_by_its_address() -> None:
    async with receiver(says(OK)) as there:
        to = target(f"http://hook.test:{there.port}/")
        for allowed, error in [((), "address not allowed"), ((read_network("10.0.0.0/8"),), "address not allowed")]:
            async with sender(allowed=allowed, look_up=answers(["127.0.0.1"])) as by:
                assert (await post(by, to)).error == error
        assert there.connections == 0
        async with sender(allowed=LOOPBACK, look_up=answers(["127.0.0.1"])) as by:
            assert (await post(by, to)).delivered


async def test_a_name_that_moves_to_this_machine_is_judged_anew() -> None:
    sockets, clock = Sockets(), Hours()
    async with (
        receiver(says(OK)) as there,
        sender(allowed=(), clock=clock, look_up=answers([PUBLIC_4], ["127.0.0.1"]), open_socket=sockets) as by,
    ):
        to = target(f"https://hook.test:{there.port}/")
        assert (await post(by, to)).error == "connection refused"
        clock.passed_s += A_WHILE_S
        assert [(await post(by, to)).error for _ in range(2)] == ["address not allowed"] * 2
        assert there.connections == 0
    assert sockets.asked == [PUBLIC_4]


async def test_where_a_name_is_stays_known_for_a_while_and_is_judged_at_each_socket() -> None:
    clock, asked = Hours(), []

    def look_up(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    closing = says_and_ends(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    async with receiver(closing) as there, sender(clock=clock, look_up=look_up) as by:
        to = target(f"http://hook.test:{there.port}/")
        async with sender(allowed=(), clock=clock, look_up=look_up) as other:
            assert [(await post(other, to)).error for _ in range(2)] == ["address not allowed"] * 2
        assert asked == ["hook.test"]
        assert [(await post(by, to)).delivered for _ in range(3)] == [True] * 3
        assert asked == ["hook.test"] * 2
        clock.passed_s += A_WHILE_S
        assert (await post(by, to)).delivered
        assert asked == ["hook.test"] * 3


@pytest.mark.parametrize("found", [["127.0.0.1", PUBLIC_4], [PUBLIC_4, "::1", PUBLIC_6, "10.0.0.1", "fe80::1%lo"]])
async def test_of_several_addresses_only_the_public_ones_are_tried(found: list[str]) -> None:
    sockets = Sockets()
    async with sender(allowed=(), look_up=answers(found), open_socket=sockets) as by:
        assert (await post(by, target("https://hook.test/"))).status == 0
    assert set(sockets.asked) == set(found) & {PUBLIC_4, PUBLIC_6}


async def test_plain_http_goes_to_networks_that_the_operator_allowed_and_nowhere_else() -> None:
    sockets = Sockets()
    async with sender(allowed=LOOPBACK, look_up=answers([PUBLIC_4]), open_socket=sockets) as by:
        assert (await post(by, target("http://hook.test/"))).error == "plain HTTP not allowed"
    assert not sockets.asked


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://user:word@127.0.0.1/", "http://a..b/", "http://[::1", ""])
async def test_a_url_that_was_never_checked_is_a_failure_and_no_more(url: str) -> None:
    async with sender() as by:
        attempted = await post(by, target(url))
    assert (attempted.status, attempted.error) == (0, "address not allowed")


PIECES = st.sampled_from([*"[]@:/?#%.-(*\\ \r\n\0", "", "", "::1", "[::1]", "[::1]", "a", "ö", ":443", "xn--", "127.1"])
ODD = st.lists(PIECES, max_size=4).map("".join)


@given(st.sampled_from(["https://", "http://", "//", ""]), st.text(max_size=20) | ODD)
@example("https://", "[::1]x/")
async def test_whatever_a_url_is_posting_to_it_ends_with_an_answer_or_a_reason(scheme: str, rest: str) -> None:
    async with sender(look_up=answers(["127.0.0.1"]), open_socket=Sockets()) as by:
        attempted = await post(by, target(scheme + rest))
    assert attempted.status == 0
    assert attempted.error in {"address not allowed", "connection refused", "connection closed without an answer"}


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name not found"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "no answer about the name"),
    ],
)
async def test_a_name_that_is_not_found_is_said_so(problem: OSError, error: str) -> None:
    def look_up(_: str) -> Sequence[str]:
        raise problem

    async with sender(look_up=look_up) as by:
        assert (await post(by, target("http://hook.test/"))).error == error


async def test_a_name_without_addresses_is_not_found() -> None:
    async with sender(look_up=answers([])) as by:
        assert (await post(by, target("http://hook.test/"))).error == "name not found"


async def test_a_slow_look_up_is_shared_outlives_its_attempts_and_holds_up_nobody_else() -> None:
    asked: list[str] = []
    may_end = threading.Event()

    def look_up(host: str) -> Sequence[str]:
        asked.append(host)
        if host == "slow.test":
            may_end.wait()
        return ["127.0.0.1"]

    async with receiver(says(OK)) as there, sender(seconds=LONG_ENOUGH_TO_ANSWER, look_up=look_up) as by:
        slow = [post(by, target(f"http://slow.test:{there.port}/", id_=id_)) for id_ in (1, 1, 2)]
        assert {attempted.error for attempted in await asyncio.gather(*slow)} == {"timed out"}
        assert asked == ["slow.test"]
        assert (await post(by, target(f"http://quick.test:{there.port}/", id_=3))).delivered
        assert (await post(by, target(f"http://slow.test:{there.port}/", id_=1))).error == "timed out"
        may_end.set()
        assert (await post(by, target(f"http://slow.test:{there.port}/", id_=1))).delivered
        assert asked == ["slow.test", "quick.test"]


async def test_only_so_many_names_are_looked_up_at_once_and_what_was_known_keeps_for_those_who_find_no_room() -> None:
    begun: list[str] = []
    may_end = threading.Event()
    clock = Hours()

    def look_up(host: str) -> Sequence[str]:
        begun.append(host)
        if "silent" in host:
            may_end.wait()
        return ["127.0.0.1"]

    closing = says_and_ends(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    async with receiver(closing) as there, sender(seconds=LONG_ENOUGH_TO_ANSWER, clock=clock, look_up=look_up) as by:
        known, unknown = (target(f"http://{name}.test:{there.port}/", id_=1000) for name in ("known", "unknown"))
        assert (await post(by, known)).delivered
        clock.passed_s += A_WHILE_S
        many = [post(by, target(f"http://silent{id_}.test/", id_=id_)) for id_ in range(MOST_AT_ONCE + 8)]
        assert {attempted.error for attempted in await asyncio.gather(*many)} == {"timed out"}
        assert len(begun) == 1 + MOST_AT_ONCE
        assert (await post(by, known)).delivered
        assert (await post(by, unknown)).error == "timed out"
        assert len(begun) == 1 + MOST_AT_ONCE
        may_end.set()
        assert (await post(by, unknown)).delivered
        await until(lambda: len(begun) == 1 + MOST_AT_ONCE + 8 + 1)


async def test_forty_name_servers_that_are_silent_hold_up_nobody_else() -> None:
    begun: list[str] = []
    may_end = threading.Event()

    def look_up(host: str) -> Sequence[str]:
        if "silent" in host:
            begun.append(host)
            may_end.wait()
        return ["127.0.0.1"]

    async with receiver(says(OK)) as there, sender(look_up=look_up) as by:
        silent = [target(f"http://silent{id_}.test:{there.port}/", id_=id_) for id_ in range(40)]
        posting = [asyncio.create_task(post(by, to)) for to in silent]
        await until(lambda: len(begun) == len(silent))
        assert (await post(by, target(f"http://good.test:{there.port}/", id_=40))).delivered
        may_end.set()
        assert all(attempted.delivered for attempted in await asyncio.gather(*posting))


async def test_who_waits_for_a_name_when_all_connections_are_closed_has_no_answer() -> None:
    begun, may_end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def look_up(_: str) -> Sequence[str]:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait()
        return ["127.0.0.1"]

    async with sender(look_up=look_up) as by:
        waiting = asyncio.create_task(post(by, target("http://hook.test/")))
        await begun.wait()
        await by.close()
        attempted = await waiting
        may_end.set()
    assert (attempted.status, attempted.delivered) == (0, False)


@pytest.mark.parametrize("problem", [OSError(24, "Too many open files"), RuntimeError("the handle is closed")])
async def test_a_socket_that_cannot_be_opened_is_a_failure_and_no_more(problem: Exception) -> None:
    def open_socket(_: AddrInfoType) -> socket.socket:
        raise problem

    async with sender(open_socket=open_socket) as by:
        attempted = await post(by, target("http://127.0.0.1/"))
    assert attempted.status == 0
    assert attempted.error in {"connection failed", "connection closed without an answer"}


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with receiver(says(OK), tls=True) as there, sender() as by:
        attempted = await post(by, target(f"https://localhost:{there.port}/"))
        assert (attempted.status, attempted.error) == (0, "certificate not trusted")
        assert there.requests.empty()


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


async def test_a_receiver_with_a_trusted_certificate_is_reached_on_one_connection() -> None:
    async with receiver(says(OK), tls=True) as there, sender(ssl_context=trusting()) as by:
        to = target(f"https://localhost:{there.port}/")
        assert [(await post(by, to)).delivered for _ in range(2)] == [True, True]
        assert there.connections == 1


async def test_a_certificate_of_another_name_is_refused() -> None:
    context, look_up = trusting(), answers(["127.0.0.1"])
    async with receiver(says(OK), tls=True) as there, sender(ssl_context=context, look_up=look_up) as by:
        attempted = await post(by, target(f"https://hook.test:{there.port}/"))
        assert (attempted.status, attempted.error) == (0, "certificate not trusted")


async def test_a_receiver_that_speaks_no_tls_is_not_spoken_to_without() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read(100))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, sender() as by:
        port = server.sockets[0].getsockname()[1]
        attempted = await post(by, target(f"https://127.0.0.1:{port}/hook"))
        assert b"POST" not in await soon(heard)
    assert (attempted.status, attempted.error) == (0, "TLS failed")


async def test_a_handshake_that_hangs_is_given_up_when_the_time_is_over() -> None:
    async with receiver(says_and_ends(OK)) as there, sender(seconds=BRIEFLY) as by:
        attempted = await post(by, target(f"https://127.0.0.1:{there.port}/"))
        assert (attempted.status, attempted.error) == (0, "timed out")
