"""Addresses and networks as allow lists and trusted proxies read them."""

import pytest

from teslimat.config import WrongSetting, load_settings
from teslimat.core.networks import read_address, read_network


@pytest.mark.parametrize("written", ["192.0.2.7", "::ffff:192.0.2.7"])
@pytest.mark.parametrize("network", ["192.0.2.0/24", "::ffff:192.0.2.0/120", "192.0.2.7"])
def test_an_ipv4_address_is_one_however_it_is_wrapped(written: str, network: str) -> None:
    assert read_address(written) in read_network(network)


def test_what_is_no_address_is_none() -> None:
    assert read_address("192.0.2.256") is None
    with pytest.raises(ValueError, match="does not appear"):
        read_network("gateway")


def test_a_trusted_proxy_written_inside_ipv6_is_believed() -> None:
    settings = load_settings({}, {"TESLIMAT_TRUSTED_PROXIES": "::ffff:10.0.0.0/104, 2001:db8::/32"})
    assert [str(network) for network in settings.proxy_networks] == ["10.0.0.0/8", "2001:db8::/32"]
    with pytest.raises(WrongSetting, match="TESLIMAT_TRUSTED_PROXIES"):
        load_settings({}, {"TESLIMAT_TRUSTED_PROXIES": "gateway"})
