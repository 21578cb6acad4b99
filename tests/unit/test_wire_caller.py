import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.api.caller import caller_address

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


def forwarded(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"sms.example"), *((b"x-forwarded-for", value.encode("latin-1")) for value in values)]


def test_without_proxies_the_caller_is_the_peer_whatever_it_claims() -> None:
    assert caller_address("198.51.100.7", forwarded("203.0.113.9"), ()) == "198.51.100.7"


def test_a_peer_that_is_no_trusted_proxy_is_not_believed() -> None:
    assert caller_address("198.51.100.7", forwarded("203.0.113.9"), PROXIES) == "198.51.100.7"


def test_behind_a_trusted_proxy_the_caller_is_whom_the_proxy_names() -> None:
    assert caller_address("10.0.0.1", forwarded("203.0.113.9"), PROXIES) == "203.0.113.9"


def test_what_the_caller_wrote_into_the_header_itself_is_not_believed() -> None:
    assert caller_address("10.0.0.1", forwarded("192.0.2.1, 203.0.113.9"), PROXIES) == "203.0.113.9"


def test_several_proxies_and_several_headers_are_walked_from_the_right() -> None:
    assert (
        caller_address("10.0.0.1", forwarded("192.0.2.1,203.0.113.9", "fd00::2 , 10.9.9.9"), PROXIES) == "203.0.113.9"
    )


def test_a_proxy_that_names_nobody_is_the_caller_itself() -> None:
    assert caller_address("10.0.0.1", forwarded(), PROXIES) == "10.0.0.1"
    assert caller_address("10.0.0.1", forwarded(""), PROXIES) == "10.0.0.1"


def test_an_ipv4_address_inside_an_ipv6_one_is_that_ipv4_address() -> None:
    assert caller_address("::ffff:198.51.100.7", forwarded(), ()) == "198.51.100.7"
    assert caller_address("::ffff:10.0.0.1", forwarded("::ffff:203.0.113.9"), PROXIES) == "203.0.113.9"


@pytest.mark.parametrize(
    "garbage", ["unknown", "203.0.113.9:4711", "1.2.3", "203.0.113.9,", "\xff\xfe", "203.0.113.9/8"]
)
def test_a_header_that_cannot_be_read_leaves_the_caller_unknown(garbage: str) -> None:
    assert caller_address("10.0.0.1", forwarded(garbage), PROXIES) is None


def test_a_connection_without_an_address_has_no_known_caller() -> None:
    assert caller_address(None, forwarded("203.0.113.9"), PROXIES) is None


@given(st.binary())
def test_no_header_makes_it_fail(value: bytes) -> None:
    address = caller_address("10.0.0.1", [(b"x-forwarded-for", value)], PROXIES)
    assert address is None or ipaddress.ip_address(address)
