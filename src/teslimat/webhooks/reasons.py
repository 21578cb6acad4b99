"""Why an attempt brought no answer: few words, for the delivery log that the account reads.

They never quote what a library says, for that may name addresses, URLs or what the receiver wrote.
"""

import errno
import socket
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

FAILURES: Final = (aiohttp.ClientError, HttpProcessingError, OSError)
"""What aiohttp raises for what a receiver or the network does."""

_CONNECTING: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ETIMEDOUT: "timed out",
    errno.ENETUNREACH: "no route to the address",
    errno.EHOSTUNREACH: "no route to the address",
}


class AddressRefused(OSError):  # noqa: N818 - a refusal of ours
    """No socket may be opened to this address; its text is the reason."""


def reason_of(problem: Exception) -> str:
    """Tell in few words what went wrong before there was an answer."""
    match problem:
        case TimeoutError():
            return "timed out"
        case aiohttp.ClientConnectorDNSError():
            return "no answer about the name" if problem.os_error.errno == socket.EAI_AGAIN else "name not found"
        case aiohttp.ClientConnectorCertificateError():
            return "certificate not trusted"
        case aiohttp.ClientSSLError():
            return "TLS failed"
        case aiohttp.ClientConnectorError(os_error=AddressRefused() as refused):
            return str(refused)
        case aiohttp.ClientConnectorError():
            return _CONNECTING.get(problem.os_error.errno or 0, "connection failed")
        case aiohttp.InvalidURL():
            return "address not allowed"
        case aiohttp.ClientResponseError(__cause__=Exception(__cause__=LineTooLong())):
            return "answer too long"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return "answer is not HTTP"
    return "connection closed without an answer"
