"""The socket that orders come in by."""

import os
import socket

from teslimat.failures import PortInUse


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), backlog=2048, family=family)
    except OSError as error:
        raise port_in_use(host, port, error) from error


def port_in_use(host: str, port: int, error: OSError) -> PortInUse:
    """Say in words that an address cannot be listened on."""
    # The message of the error itself repeats the address where asyncio made it.
    why = os.strerror(error.errno) if error.errno else str(error)
    return PortInUse(f"cannot listen on {host} port {port}: {why}; choose another with --port")


def url_of(sock: socket.socket) -> str:
    """Give the URL of a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
