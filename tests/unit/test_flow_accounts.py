"""Who is let in, who is not, and what an account can be."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core.errors import UNAUTHORIZED, Refused
from teslimat.core.model import Account
from teslimat.core.ports import NameTaken
from teslimat.flows.accounts import (
    MOST_CREDITS,
    BadSetting,
    Presented,
    amount_in_words,
    authenticate,
    body_limit,
    change_account,
    checked_network,
    checked_password,
    checked_sender,
    credentials,
    digest_of,
    new_account,
    read_amount,
)
from teslimat.store.sqlite import SqliteStore, run_inline
from tests.simulation.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


class PlainPasswords:
    """Passwords that are stored as they are, and how often they were compared with what."""

    def __init__(self) -> None:
        self.compared: list[str | None] = []
        self.addresses: list[str | None] = []

    async def matches(self, username: str, password: str, stored: str | None, address: str | None) -> bool:
        del username
        self.addresses.append(address)
        self.compared.append(stored)
        return password == stored


async def open_with(
    house: House, presented: Presented, address: str | None = None, passwords: PlainPasswords | None = None
) -> Account:
    return await authenticate(house.store, passwords or PlainPasswords(), presented, lambda: address)


async def is_let_in(house: House, address: str | None, *allowed: str) -> bool:
    await change_account(house.store, await house.account(), allow_ips=allowed)
    try:
        await open_with(house, Presented(house.credentials.key, house.credentials.hash), address)
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
    account = await open_with(house, Presented(house.credentials.key, house.credentials.hash))
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
            await open_with(house, Presented(key, hash_), "192.0.2.2")
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


async def with_login(house: House) -> Account:
    await change_account(house.store, await house.account(), username="5301234567", password_hash="pw-1234")
    return await house.account()


async def test_the_right_username_and_password_open_their_account(house: House) -> None:
    account = await with_login(house)
    assert await open_with(house, Presented(username="5301234567", password="pw-1234")) == account
    assert await open_with(house, Presented(key=house.credentials.key, username="5301234567", password="pw-1234"))
    assert await open_with(house, Presented("", "", "5301234567", "pw-1234")) == account


async def test_a_key_with_a_hash_counts_for_more_than_a_login(house: House) -> None:
    account = await with_login(house)
    right, passwords = house.credentials, PlainPasswords()
    with pytest.raises(Refused):
        await open_with(house, Presented(right.key, "0" * 64, "5301234567", "pw-1234"), passwords=passwords)
    assert await open_with(house, Presented(right.key, right.hash, "5301234567", "no"), passwords=passwords) == account
    assert passwords.compared == []


@pytest.mark.parametrize(
    ("username", "password", "compared"),
    [
        ("5301234567", "pw-12345", ["pw-1234"]),
        ("5301234568", "pw-1234", [None]),
        ("5301234567", "", []),
        ("", "pw-1234", []),
        ("5301234567", "x" * 257, []),
        ("x" * 65, "pw-1234", []),
        ("\ud800", "pw-1234", []),
        ("5301234567 ", "pw-1234", []),
    ],
)
async def test_a_wrong_login_is_refused_and_a_username_that_nobody_has_costs_a_comparison_too(
    house: House, username: str, password: str, compared: list[str | None]
) -> None:
    await with_login(house)
    passwords = PlainPasswords()
    with pytest.raises(Refused) as caught:
        await open_with(house, Presented(username=username, password=password), passwords=passwords)
    assert caught.value.verdict is UNAUTHORIZED
    assert passwords.compared == compared


async def test_whose_password_is_compared_is_told_by_the_address(house: House) -> None:
    passwords = PlainPasswords()
    await change_account(house.store, await house.account(), username="5301234567", password_hash="pw-1234")
    await open_with(house, Presented(username="5301234567", password="pw-1234"), "192.0.2.1", passwords)
    assert passwords.addresses == ["192.0.2.1"]


async def test_while_no_account_has_a_login_strangers_keep_no_core_busy(house: House) -> None:
    passwords = PlainPasswords()
    with pytest.raises(Refused):
        await open_with(house, Presented(username="5301234567", password="pw-1234"), passwords=passwords)
    assert passwords.compared == []


async def test_a_login_opens_nothing_while_access_is_off_or_from_elsewhere_or_once_it_is_taken_away(
    house: House,
) -> None:
    login = Presented(username="5301234567", password="pw-1234")
    with pytest.raises(Refused):
        await open_with(house, login)
    account = await with_login(house)
    await change_account(house.store, account, api_access=False)
    with pytest.raises(Refused):
        await open_with(house, login)
    await change_account(house.store, account, api_access=True, allow_ips=["192.0.2.1"])
    with pytest.raises(Refused):
        await open_with(house, login, "192.0.2.2")
    assert await open_with(house, login, "192.0.2.1")
    await change_account(house.store, account, username=None, password_hash=None)
    with pytest.raises(Refused):
        await open_with(house, login, "192.0.2.1")


async def test_two_accounts_never_share_a_username(house: House) -> None:
    await with_login(house)
    other = await house.account(await house.open_account("other"))
    with pytest.raises(NameTaken, match="5301234567"):
        await change_account(house.store, other, username="5301234567", password_hash="pw", contacts=True)
    assert await house.account(other.id) == other


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
    options: dict[str, object] = {
        "iys_code": "681294",
        "unit_price": 2,
        "strict_iys": True,
        "strict_seconds": True,
        "int_order_ids": True,
        "contacts": True,
        "recipients_per_second": 100,
        "max_body": 1_000_000,
        "test_number": 905301234567,
        "username": "5301234567",
        "password_hash": "pw-1234",
    }
    for name, value in options.items():
        if name not in {"username", "password_hash"}:
            account = replace(account, **{name: value})
            assert await after(**{name: value}) == account
    assert await after(**options) == replace(account, username="5301234567", password_hash="pw-1234")
    nothing = dict.fromkeys(("iys_code", "test_number", "username", "password_hash"))
    assert await after(**nothing) == replace(account, **nothing)


async def test_changes_made_at_the_same_time_are_all_kept(house: House) -> None:
    as_it_was = await house.account()
    another_command = SqliteStore(house.path, run_inline)
    await asyncio.gather(
        change_account(house.store, as_it_was, api_access=False),
        change_account(house.store, as_it_was, max_recipients=7, credits_=1),
        change_account(another_command, as_it_was, senders=["NEW"], credits_=2),
    )
    await another_command.close()
    assert await house.account() == replace(
        as_it_was,
        api_access=False,
        max_recipients=7,
        senders=("NEW",),
        balance=as_it_was.balance + 3,
        credited=as_it_was.credited + 3,
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"max_recipients": 0}, "at least one"),
        ({"max_recipients": 10_000_001}, "10,000,000"),
        ({"unit_price": 0}, "from 1 credit "),
        ({"unit_price": 1_000_001}, "to 1,000,000 credits"),
        ({"recipients_per_second": -1}, "no limit"),
        ({"recipients_per_second": 1_000_001}, "1,000,000"),
        ({"max_body": -1}, "1,024"),
        ({"max_body": 1_023}, "1,024"),
        ({"max_body": 2_000_000_001}, "2,000,000,000"),
        ({"iys_code": ""}, "digits"),
        ({"iys_code": "0681294"}, "digits"),
        ({"iys_code": "acme"}, "digits"),
        ({"iys_code": "1" * 19}, "18 digits"),
        ({"username": "", "password_hash": "x"}, "username"),
        ({"username": "a b", "password_hash": "x"}, "username"),
        ({"username": "ş", "password_hash": "x"}, "username"),
        ({"username": "x" * 65, "password_hash": "x"}, "64"),
    ],
)
async def test_what_cannot_be_set_is_said_in_one_line(house: House, setting: dict[str, object], words: str) -> None:
    account = await house.account()
    with pytest.raises(BadSetting, match=words) as caught:
        await change_account(house.store, account, api_access=False, **setting)  # type: ignore[arg-type] # names vary
    assert "\n" not in str(caught.value)
    assert await house.account() == account


@pytest.mark.parametrize("max_body", [0, 1_024, 2_000_000_000])
async def test_the_bounds_themselves_can_be_set(house: House, max_body: int) -> None:
    await change_account(
        house.store,
        await house.account(),
        max_body=max_body,
        max_recipients=10_000_000,
        unit_price=1_000_000,
        recipients_per_second=1_000_000,
        iys_code="1" * 18,
        username="x" * 64,
        password_hash="x",
    )
    assert (await house.account()).max_body == max_body


@pytest.mark.parametrize(
    ("max_body", "max_recipients", "limit"),
    [(0, 1, 8 * 2**20), (0, 50_000, 10_000_000), (0, 1_000_000, 200_000_000), (1_024, 1_000_000, 1_024)],
)
def test_a_body_is_as_large_as_set_or_follows_the_recipients(max_body: int, max_recipients: int, limit: int) -> None:
    assert body_limit(max_body, max_recipients) == limit


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("10.58", 105_800),
        ("0.0372", 372),
        ("10", 100_000),
        ("0.1", 1_000),
        ("0", 0),
        ("999999999999", 9_999_999_999_990_000),
    ],
)
def test_lira_are_read_as_ten_thousandths(written: str, amount: int) -> None:
    assert read_amount(written, in_lira=True) == amount


@pytest.mark.parametrize(
    "written",
    ["0.03721", "10,58", "1,000", "-1", "+1", ".5", "1.", "", "1e3", "1 ", "\N{ARABIC-INDIC DIGIT ONE}", "1" * 17],
)
def test_what_is_no_amount_of_lira_is_said_to_be_none(written: str) -> None:
    with pytest.raises(BadSetting, match="four decimals"):
        read_amount(written, in_lira=True)


def test_credits_are_whole() -> None:
    assert read_amount("1000", in_lira=False) == 1_000
    assert read_amount(str(MOST_CREDITS), in_lira=False) == MOST_CREDITS
    with pytest.raises(BadSetting, match="whole number"):
        read_amount("1.0", in_lira=False)


def test_an_amount_of_lira_is_written_as_it_is_read() -> None:
    assert amount_in_words(12_345_600_372, in_lira=True) == "1,234,560.0372 lira"
    assert amount_in_words(1_234, in_lira=False) == "1,234 credits"


def test_a_password_that_is_too_long_or_empty_is_not_repeated() -> None:
    assert checked_password("x" * 256) == "x" * 256
    for password in ("", "secret" * 43):
        with pytest.raises(BadSetting, match="1 to 256 characters") as caught:
            checked_password(password)
        assert "secret" not in str(caught.value)


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
