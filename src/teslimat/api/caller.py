"""Who calls: the address that an account's allow list is compared with."""

from collections.abc import Iterable, Sequence

from teslimat.core.networks import Address, Network, read_address


def caller_address(peer: str | None, headers: Iterable[tuple[bytes, bytes]], trusted: Sequence[Network]) -> str | None:
    """The address of whoever calls; None if it cannot be told.

    That is the peer of the connection. If the peer is a trusted proxy, it is the right-most address in
    X-Forwarded-For that is no trusted proxy: what stands to the left of it is only what the caller claims.
    An IPv4 address inside an IPv6 one counts as the IPv4 address.
    """
    address = read_address(peer or "")
    if address is None or not _is_in(address, trusted):
        return None if address is None else str(address)
    forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    for hop in reversed(forwarded.split(",") if forwarded.strip() else []):
        address = read_address(hop.strip())
        if address is None or not _is_in(address, trusted):
            break
    return None if address is None else str(address)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
