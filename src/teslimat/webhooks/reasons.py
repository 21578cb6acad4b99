"""Why an attempt brought no answer: few words, for the delivery log that the account reads.

They never quote what a library says, for that may name addresses, URLs or what the receiver wrote.
"""

import errno
import socket
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

FAILURES: Final = (aiohttp.ClientError, HttpProcessingError, OSError, RuntimeError)
"""What aiohttp raises for what a receiver or the network does; uvloop has a RuntimeError where others have OSError."""

_CONNECTING: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ETIMEDOUT: "timed out",
    errno.ENETUNREACH: "no route to the address",
    errno.EHOSTUNREACH: "no route to the address",
}


class AddressRefused(OSError):  # noqa: N818 - a refusal of ours
    """No socket may be opened to this address; its text is the reason."""


class AnswerTooLong(HttpProcessingError):  # noqa: N818 - what a receiver did
    """An answer went on and on before its status came."""


def reason_of(problem: Exception) -> str:
    """Tell in few words what went wrong before there was an answer."""
    if isinstance(problem, aiohttp.ClientConnectorError):
        return _why_not_connected(problem)
    if isinstance(problem, TimeoutError):
        return "timed out"
    if isinstance(problem, aiohttp.InvalidURL):
        return "address not allowed"
    if isinstance(problem, aiohttp.ClientResponseError | HttpProcessingError):
        return "answer too long" if _is_caused_by(problem, LineTooLong, AnswerTooLong) else "answer is not HTTP"
    return "connection closed without an answer"


def _why_not_connected(problem: aiohttp.ClientConnectorError) -> str:
    cause = problem.os_error
    if isinstance(cause, AddressRefused):
        return str(cause)
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return "no answer about the name" if cause.errno == socket.EAI_AGAIN else "name not found"
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return "certificate not trusted"
    if isinstance(problem, aiohttp.ClientSSLError):
        return "TLS failed"
    return _CONNECTING.get(cause.errno or 0, "connection failed")


def _is_caused_by(problem: BaseException | None, *kinds: type[Exception]) -> bool:
    while problem is not None and not isinstance(problem, kinds):
        problem = problem.__cause__
    return problem is not None
