"""Who is let in, who is not, and what an account can be."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core.errors import UNAUTHORIZED, Refused
from teslimat.core.model import Account
from teslimat.flows.accounts import (
    MOST_CREDITS,
    BadSetting,
    Presented,
    authenticate,
    change_account,
    checked_network,
    checked_sender,
    credentials,
    digest_of,
    new_account,
)
from tests.simulation.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def is_let_in(house: House, address: str | None, *allowed: str) -> bool:
    await change_account(house.store, await house.account(), allow_ips=allowed)
    try:
        await authenticate(house.store, Presented(house.credentials.key, house.credentials.hash), lambda: address)
    except Refused:
        return False
    return True


def test_the_hash_is_the_hmac_of_the_key_under_the_secret_and_only_its_digest_is_stored() -> None:
    given = credentials("ab" * 16, "cd" * 32)
    assert given.hash == hmac.new(b"cd" * 32, b"ab" * 16, hashlib.sha256).hexdigest()
    account = new_account("acme", given, credits_=0, senders=[])
    assert account.hash_digest == digest_of(given.hash) == hashlib.sha256(given.hash.encode()).digest()
    assert given.secret not in repr(account)
    assert given.hash not in repr(account)


async def test_the_right_key_and_hash_open_their_account(house: House) -> None:
    account = await authenticate(house.store, Presented(house.credentials.key, house.credentials.hash), lambda: None)
    assert account == await house.account()


async def test_all_that_can_be_wrong_is_refused_in_the_same_words(house: House) -> None:
    right = house.credentials
    closed = await house.open_account("closed", closed_credentials := credentials("ab" * 16, "cd" * 32))
    await change_account(house.store, await house.account(closed), api_access=False)
    elsewhere = await house.open_account("elsewhere", elsewhere_credentials := credentials("ef" * 16, "cd" * 32))
    await change_account(house.store, await house.account(elsewhere), allow_ips=["192.0.2.1"])
    attempts = [
        ("0" * 32, right.hash),
        ("", ""),
        (right.key + " ", right.hash),
        (right.key, right.hash.upper()),
        (right.key, right.hash[:-1]),
        (right.key, ""),
        (right.key, "\ud800"),
        (right.key, closed_credentials.hash),
        (closed_credentials.key, closed_credentials.hash),
        (elsewhere_credentials.key, elsewhere_credentials.hash),
    ]
    words = set()
    for key, hash_ in attempts:
        with pytest.raises(Refused) as caught:
            await authenticate(house.store, Presented(key, hash_), lambda: "192.0.2.2")
        words.add((caught.value.verdict, str(caught.value)))
    assert len(words) == 1
    assert words.pop()[0] is UNAUTHORIZED


@pytest.mark.parametrize(
    ("address", "allowed", "let_in"),
    [
        (None, [], True),
        ("192.0.2.1", [], True),
        ("192.0.2.1", ["192.0.2.1"], True),
        ("192.0.2.1", ["192.0.2.2"], False),
        ("192.0.2.77", ["198.51.100.0/24", "192.0.2.0/24"], True),
        ("192.0.3.0", ["192.0.2.0/24"], False),
        ("192.0.2.77", ["192.0.2.1/24"], True),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("2001:0DB8:0:0::1", ["2001:db8::1"], True),
        ("2001:db9::1", ["2001:db8::/32"], False),
        ("::ffff:192.0.2.1", ["192.0.2.0/24"], True),
        ("192.0.2.1", ["::ffff:192.0.2.1"], True),
        ("192.0.2.77", ["::ffff:192.0.2.0/120"], True),
        ("192.0.3.1", ["::ffff:192.0.2.0/120"], False),
        ("::ffff:192.0.2.1", ["::ffff:192.0.2.1"], True),
        ("192.0.2.1", ["::/0"], False),
        ("192.0.2.1", ["0.0.0.0/0"], True),
        ("2001:db8::1", ["0.0.0.0/0"], False),
        (None, ["0.0.0.0/0", "::/0"], False),
        ("unknown", ["0.0.0.0/0", "::/0"], False),
    ],
)
async def test_addresses_are_let_in_by_network(
    house: House, address: str | None, allowed: list[str], let_in: bool
) -> None:
    assert await is_let_in(house, address, *allowed) is let_in


@pytest.mark.parametrize("network", ["", "acme", "192.0.2.300", "192.0.2.0/33", "192.0.2", "2001:db8::/129", "::1/-1"])
def test_what_is_no_network_is_said_to_be_none(network: str) -> None:
    with pytest.raises(BadSetting, match="no IPv4 or IPv6"):
        checked_network(network)


@pytest.mark.parametrize("sender", ["", "a" * 12, " ACME", "ACME ", " ", "ACMEŞ", "A\n", "\x7f"])
def test_what_no_carrier_takes_is_no_sender(sender: str) -> None:
    with pytest.raises(BadSetting, match="no sender"):
        checked_sender(sender)


@pytest.mark.parametrize("sender", ["A", "ACME SHOP 1", "8502420000", "~!"])
def test_a_sender_is_one_to_eleven_printable_characters(sender: str) -> None:
    assert checked_sender(sender) == sender


def test_an_account_s_senders_are_listed_once_each() -> None:
    account = new_account("acme", credentials("ab" * 16, "cd" * 32), credits_=3, senders=["B", "A", "B"])
    assert account.senders == ("B", "A")
    assert account.balance == account.credited == 3


@pytest.mark.parametrize(("name", "credits_"), [("", 1), (" ", 1), ("acme", -1)])
def test_an_account_needs_a_name_and_no_debt(name: str, credits_: int) -> None:
    with pytest.raises(BadSetting):
        new_account(name, credentials("ab" * 16, "cd" * 32), credits_=credits_, senders=[])


async def test_only_what_is_given_changes(house: House) -> None:
    async def after(**changes: object) -> Account:
        await change_account(house.store, await house.account(), **changes)  # type: ignore[arg-type] # names vary
        return await house.account()

    account = await house.account()
    assert await after() == account
    account = replace(account, api_access=False)
    assert await after(api_access=False) == account
    account = replace(account, max_recipients=1, senders=("X",), allow_ips=("192.0.2.0/24",))
    assert await after(max_recipients=1, senders=["X"], allow_ips=["192.0.2.9/24"]) == account
    account = replace(account, balance=account.balance + 7, credited=account.credited + 7)
    assert await after(credits_=7) == account


async def test_nothing_changes_if_one_of_the_settings_cannot_be(house: House) -> None:
    account = await house.account()
    with pytest.raises(BadSetting):
        await change_account(house.store, account, api_access=False, max_recipients=0)
    with pytest.raises(BadSetting):
        await change_account(house.store, account, api_access=False, credits_=-1)
    with pytest.raises(BadSetting):
        await change_account(house.store, account, senders=["fine", "far too long a sender"])
    assert await house.account() == account


async def test_credits_stay_within_what_a_database_can_count(house: House) -> None:
    account = await house.account()
    with pytest.raises(BadSetting):
        new_account("rich", house.credentials, credits_=MOST_CREDITS + 1, senders=[])
    with pytest.raises(BadSetting):
        await change_account(house.store, account, credits_=MOST_CREDITS - account.credited + 1)
    await change_account(house.store, account, credits_=MOST_CREDITS - account.credited)
    assert (await house.account()).credited == MOST_CREDITS
