"""Which addresses a receiver may have: the public ones, and the networks that the operator named.

An account chooses where its news go, so a URL may try to make us talk to our own neighbours.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from teslimat.core.networks import Address, Network

LONGEST_URL: Final = 2048
_LONGEST_HOST: Final = 253
_WRITTEN: Final = re.compile(r"[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
"""The characters of RFC 3986; what is outside of them, readers of URLs understand in different ways."""
_NETLOC: Final = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^\[\]:]+))(?::[0-9]+)?", re.IGNORECASE)
"""All of what follows the slashes, for readers of URLs differ in what they pick out of it."""
_LABEL: Final = re.compile(r"\w(?:[\w-]{0,61}\w)?", re.ASCII)

# From the IANA registries of special-purpose addresses; written out, for what Python calls global differs by version.
_NOT_PUBLIC_4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by customers of a carrier
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the host agent of a cloud, reachable from its machines only
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # a sink of reverse DNS
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # a sink of reverse DNS
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which wraps an IPv4 address and is no longer in use
        "2620:4f:8000::/48",  # a sink of reverse DNS
        "3fff::/20",  # documentation
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


def refusal(address: Address, allowed: Sequence[Network], *, plain: bool) -> str | None:
    """Say why no socket may be opened to this address; None if it may.

    ``plain`` is HTTP without TLS, which goes to networks that the operator allowed and nowhere else.
    """
    address = _unwrapped(address)
    if any(address in network for network in allowed):
        return None
    if not _is_public(address):
        return "address not allowed"
    return "plain HTTP not allowed" if plain else None


def _unwrapped(address: Address) -> Address:
    """An IPv4-mapped address is the IPv4 one to the operating system as well."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address in _NAT64:  # how a network without IPv4 reaches a public receiver that has nothing else
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def check_url(url: str, *, allow_plain: bool) -> None:
    """Say whether news may be sent to this URL; ``allow_plain`` if the operator allows any network.

    Raises ValueError with the reason. The address behind the name is judged when a socket is opened, not here.
    """
    if len(url) > LONGEST_URL:
        raise ValueError(f"a URL has at most {LONGEST_URL:,} characters")
    if not _WRITTEN.fullmatch(url):
        raise ValueError("a URL is written in ASCII without spaces; a host name with other letters in its xn-- form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the URL cannot be read") from None
    if parts.scheme != "https" and not (allow_plain and parts.scheme == "http"):
        raise ValueError("the URL must begin with https://; http:// goes only to networks that webhook_networks names")
    if "@" in parts.netloc:
        raise ValueError("the URL must not hold a user or a password")
    if "#" in url:
        raise ValueError("the URL must not have a fragment")
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError("a port is 1 to 65535")
    if not _names_a_host(parts.netloc):
        raise ValueError("the URL names no host that can be")


def _names_a_host(netloc: str) -> bool:
    read = _NETLOC.fullmatch(netloc)
    if read is None:
        return False
    if address := read["address"]:
        try:
            IPv6Address(address)
        except ValueError:
            return False
        return True
    labels = read["name"].removesuffix(".").split(".")
    return len(read["name"]) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)
