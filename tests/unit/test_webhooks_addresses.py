"""Which addresses news may be sent to, and which URLs may be registered."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from teslimat.core.networks import read_network
from teslimat.webhooks.addresses import check_url, refusal

PUBLIC = ["8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "223.255.255.255", "2a00:1450::1", "2606:4700::1"]
NOT_PUBLIC = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254"),  # noqa: S104
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:2::1", "2001:db8::1", "2002:7f00:1::"),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
]


def said(address: str, *allowed: str, plain: bool = False) -> str | None:
    return refusal(ipaddress.ip_address(address), [read_network(text) for text in allowed], plain=plain)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to_but_not_without_tls(address: str) -> None:
    assert said(address) is None
    assert said(address, plain=True) == "plain HTTP not allowed"


@pytest.mark.parametrize("address", NOT_PUBLIC)
@pytest.mark.parametrize("plain", [True, False])
def test_what_is_not_public_is_refused(address: str, plain: bool) -> None:
    assert said(address, plain=plain) == "address not allowed"


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_passes_that_python_calls_special(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert said(str(address)) == "address not allowed"


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_passes_that_python_calls_special(address: ipaddress.IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_site_local:
        wrapped = address in ipaddress.ip_network("64:ff9b::/96") or address.ipv4_mapped is not None
        assert wrapped or said(str(address)) == "address not allowed"


NESTS = {
    "mapped": lambda inner: 0xFFFF << 32 | inner,
    "compatible": lambda inner: inner,
    "translated": lambda inner: 0xFFFF << 48 | inner,
    "6to4": lambda inner: 0x2002 << 112 | inner << 80 | 1,
    "Teredo server": lambda inner: 0x20010000 << 96 | inner << 64 | 1,
    "Teredo client": lambda inner: 0x20010000 << 96 | 0x08080808 << 64 | inner ^ 0xFFFFFFFF,
    "NAT64": lambda inner: 0x64FF9B << 96 | inner,
    "local NAT64": lambda inner: 0x64FF9B0001 << 80 | inner >> 16 << 64 | (inner & 0xFFFF) << 40,
}


@given(st.sampled_from(NOT_PUBLIC[:19]) | st.ip_addresses(v=4).map(str), st.sampled_from(sorted(NESTS)))
def test_an_address_that_is_refused_is_refused_inside_every_ipv6_form(inner: str, nest: str) -> None:
    outer = ipaddress.IPv6Address(NESTS[nest](int(ipaddress.IPv4Address(inner))))
    if said(inner) is not None:
        assert said(str(outer)) == "address not allowed"


def test_a_public_ipv4_receiver_is_reached_through_nat64_and_as_a_mapped_address() -> None:
    assert said("64:ff9b::808:808") is None
    assert said("::ffff:8.8.8.8") is None


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("::ffff:10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "::ffff:10.0.0.0/104"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("fd00::7", "fd00::/8"),
        ("8.8.8.8", "8.8.8.0/24"),
    ],
)
def test_a_network_that_the_operator_names_is_allowed_with_and_without_tls(address: str, allowed: str) -> None:
    assert said(address, allowed) is None
    assert said(address, allowed, plain=True) is None


@pytest.mark.parametrize("address", ["11.0.0.1", "127.0.0.1", "64:ff9b::a01:203", "2002:a01:203::"])
def test_a_network_that_the_operator_names_allows_no_other(address: str) -> None:
    assert said(address, "10.0.0.0/8", plain=True) is not None


GOOD = [
    "https://example.com",
    "https://example.com/hook?a=%2F&b=c",
    "https://example.com.:8443/",
    "https://xn--rnek-4qa.com/",
    "https://my_host/",
    "https://[2606:4700::1]:443/hook",
    "https://192.0.2.1/",
]
BAD = {
    "": "ASCII",
    "https://example.com/" + "a" * 2029: "2,048",
    "https://örnek.com/": "xn--",
    "https://example.com/a b": "spaces",
    "https://example.com\\@other.com/": "ASCII",
    "https://example.com/\r\nx-header: 1": "spaces",
    "http://example.com/": "https://",
    "ftp://example.com/": "https://",
    "//example.com/": "https://",
    "example.com": "https://",
    "https://user:password@example.com/": "password",
    "https://@example.com/": "password",
    "https://example.com/#top": "fragment",
    "https://example.com/#": "fragment",
    "https://example.com:0/": "port",
    "https://example.com:/": "port",
    "https://example.com:65536/": "read",
    "https://[::1/": "read",
    "https:///hook": "host",
    "https://:443/": "host",
    "https://a..b/": "host",
    "https://.b/": "host",
    "https://-a.com/": "host",
    "https://" + "a" * 64 + ".com/": "host",
    "https://" + "a." * 127 + "com/": "host",
    "https://[fe80::1%25eth0]/": "host",
    "https://[v1.a]/": "host",
    "https://[::1]x/": "host",
    "https://x[::1]/": "host",
    "https://([::1]/": "host",
    "https://[::1][::1]/": "read",
    "https://[::1]443/": "host",
    "https://[::1/]": "read",
    "https://a%2Eb/": "host",
}


@pytest.mark.parametrize("url", GOOD)
def test_a_url_that_names_a_host_over_tls_may_be_registered(url: str) -> None:
    check_url(url, allow_plain=False)


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_cannot_be_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(ValueError, match=BAD[url]):
        check_url(url, allow_plain=False)


def test_plain_http_may_be_registered_only_where_the_operator_allows_a_network() -> None:
    check_url("http://127.0.0.1:8080/hook", allow_plain=True)
    with pytest.raises(ValueError, match="https://"):
        check_url("http://127.0.0.1:8080/hook", allow_plain=False)
    with pytest.raises(ValueError, match="https://"):
        check_url("ftp://127.0.0.1/", allow_plain=True)


PIECES = [
    "a",
    "Z9",
    "xn--a",
    "127.1",
    "::1",
    "[",
    "]",
    "[::1]",
    ":443",
    ":",
    ".",
    "-",
    "_",
    "/",
    "?",
    "%25",
    "@",
    *"()*,;=",
]


@given(
    st.text("abZ019.-_~:/?#[]@!$&'()*+,;=%", max_size=30) | st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
)
def test_a_url_that_may_be_registered_is_read_by_the_http_client_as_it_is_written(rest: str) -> None:
    url = f"https://{rest}"
    try:
        check_url(url, allow_plain=False)
    except ValueError:
        return
    read = URL(url, encoded=True)
    assert read.scheme == "https"
    assert read.raw_host
    assert f"//{read.raw_host.lower()}" in url.lower().replace("[", "").replace("]", "")
