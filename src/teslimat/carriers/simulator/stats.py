"""What a simulator has seen, and the page that tells it."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import msgspec

MAX_REQUEST_OCTETS = 8 * 1024
_REQUEST_SECONDS = 5.0


class Stats(msgspec.Struct):
    """Counts since the start. A message is a part: what one submit_sm carries."""

    messages: int = 0
    """Distinct messages taken: by sender, recipient and payload with its header."""
    copies: int = 0
    """Messages taken that had been taken before."""
    refused: int = 0
    """Answers that were an error for good."""
    throttled: int = 0
    """Answers that meant: later."""
    unanswered: int = 0
    """submit_sm that were left without an answer, by closing the connection or in silence."""
    hang_ups: int = 0
    """Connections that the script closed."""
    binds: int = 0
    binds_refused: int = 0
    connections: int = 0
    """Open now."""
    receipts_sent: int = 0
    """deliver_sm written; one that is sent again counts again."""
    receipts_acknowledged: int = 0
    receipts_refused: int = 0
    """Answered with an error."""
    receipts_waiting: int = 0
    """Not sent yet, or to be sent again."""
    outcomes: dict[str, int] = {}
    """Distinct messages by outcome."""


Pages = dict[str, Callable[[], object]]
"""What each path answers, as JSON."""


async def serve(pages: Pages, host: str, port: int) -> asyncio.Server:
    """Serve pages over HTTP/1.1, one request to a connection. Raises OSError if the address cannot be used."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(_response(pages, await _request_line(reader)))
            await writer.drain()
        except ConnectionError:
            # Whoever asked has left; there is nobody to tell.
            pass
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port, limit=MAX_REQUEST_OCTETS)


async def _request_line(reader: asyncio.StreamReader) -> bytes:
    """The first line of a request whose head came in time and size; empty otherwise."""
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return b""
    return head.partition(b"\r\n")[0]


def _response(pages: Pages, request_line: bytes) -> bytes:
    method, _, rest = request_line.decode("latin-1").partition(" ")
    target, _, version = rest.partition(" ")
    page = pages.get(target.partition("?")[0])
    body = b""
    if not version.startswith("HTTP/1."):
        status = HTTPStatus.BAD_REQUEST
    elif page is None:
        status = HTTPStatus.NOT_FOUND
    elif method not in ("GET", "HEAD"):
        status = HTTPStatus.METHOD_NOT_ALLOWED
    else:
        status, body = HTTPStatus.OK, msgspec.json.encode(page())
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        + ("Allow: GET, HEAD\r\n" if status is HTTPStatus.METHOD_NOT_ALLOWED else "")
        + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if method == "HEAD" else body)
