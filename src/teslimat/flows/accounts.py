"""Who may do what: credentials, the API access switch, the list of allowed addresses, and all that can be set."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final, TypedDict, Unpack

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.errors import UNAUTHORIZED, Refused
from teslimat.core.model import LIRA, Account
from teslimat.core.networks import read_address, read_network
from teslimat.core.ports import Store, Transaction
from teslimat.core.ports.passwords import Passwords

DEFAULT_MAX_RECIPIENTS: Final = 50_000
MOST_RECIPIENTS: Final = 10_000_000
MOST_CREDITS: Final = 10**15
"""All that an account is ever given, in its own unit; far below what a database's integers hold."""
MOST_UNIT_PRICE: Final = 1_000_000
MOST_PER_SECOND: Final = 1_000_000
LEAST_BODY: Final = 1_024
"""What every request without recipients fits into."""
USUAL_BODY: Final = 8 * 2**20
OCTETS_PER_RECIPIENT: Final = 200
"""A number with its quotes, and a text of its own; more in one order is refused by its size."""
MOST_BODY: Final = MOST_RECIPIENTS * OCTETS_PER_RECIPIENT
LONGEST_PASSWORD: Final = 256
_NOBODY: Final = hashlib.sha256(b"").digest()
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_SENDER: Final = re.compile(r"[ -~]{1,11}")
"""At most 11 characters; carriers take printable ASCII in an alphanumeric sender."""
_USERNAME: Final = re.compile(r"[!-~]{1,64}")
_IYS_CODE: Final = re.compile(r"[1-9][0-9]{0,17}")
_AMOUNT: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,4}))?")


class Credentials(Struct, frozen=True):
    """What an account is told once, and never again."""

    key: str
    """32 hex digits."""
    secret: str
    """64 hex digits; old clients compute the hash from it."""
    hash: str
    """HMAC-SHA256 of the key under the secret, 64 hex digits."""


class Presented(Struct, frozen=True):
    """What a caller shows to be let in; most show a key and a hash, old clients a username and a password."""

    key: str | None = None
    hash: str | None = None
    username: str | None = None
    password: str | None = None


class Changes(TypedDict, total=False):
    """What an operator may change of an account; all of it is explained there."""

    api_access: bool
    allow_ips: Sequence[str]
    max_recipients: int
    iys_code: str | None
    senders: Sequence[str]
    unit_price: int
    strict_iys: bool
    strict_seconds: bool
    int_order_ids: bool
    contacts: bool
    recipients_per_second: int
    max_body: int
    test_number: int | None
    username: str | None
    password_hash: str | None


class BadSetting(ValueError):  # noqa: N818 - its message is for the operator
    """A setting that cannot be."""


def new_credentials(random_bytes: Callable[[int], bytes]) -> Credentials:
    """Make credentials out of randomness."""
    return credentials(random_bytes(16).hex(), random_bytes(32).hex())


def credentials(key: str, secret: str) -> Credentials:
    """Tell the hash that belongs to a key and a secret."""
    return Credentials(key, secret, hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest())


def new_account(
    name: str,
    given: Credentials,
    *,
    credits_: int,
    senders: Sequence[str],
    in_lira: bool = False,
    unit_price: int = 1,
) -> Account:
    """Describe an account that is not stored yet. Raises BadSetting.

    Of an account in lira, credits and unit price are ten-thousandths of one.
    """
    if not name.strip():
        raise BadSetting("an account needs a name")
    if not 0 <= credits_ <= MOST_CREDITS:
        raise BadSetting(f"an account starts with 0 to {amount_in_words(MOST_CREDITS, in_lira=in_lira)}")
    account = Account(
        id=0,
        name=name,
        key=given.key,
        hash_digest=digest_of(given.hash),
        balance=credits_,
        credited=credits_,
        api_access=True,
        allow_ips=(),
        max_recipients=DEFAULT_MAX_RECIPIENTS,
        iys_code=None,
        senders=tuple(senders),
        unit_price=unit_price,
        in_lira=in_lira,
    )
    return _checked(account)


async def open_account(store: Store, account: Account) -> int:
    """Store a new account; its id. Raises NameTaken."""

    async def work(tx: Transaction) -> int:
        return await tx.insert_account(account)

    return await store.transact(work)


async def change_account(store: Store, account: Account, *, credits_: int = 0, **changes: Unpack[Changes]) -> None:
    """Change what is given of the account as it is now, and add credits. Raises BadSetting or NameTaken."""

    async def work(tx: Transaction) -> None:
        now = await tx.lock_account(account.id)
        if not 0 <= credits_ <= MOST_CREDITS - now.credited:
            most = amount_in_words(MOST_CREDITS, in_lira=now.in_lira)
            raise BadSetting(f"an account can be given {most} in all, and nothing can be taken away")
        await tx.update_account(_checked(replace(now, **changes)))
        if credits_:
            await tx.add_credits(now.id, credits_)

    await store.transact(work)


async def authenticate(
    store: Store, passwords: Passwords, presented: Presented, address: Callable[[], str | None]
) -> Account:
    """Find the account that these credentials open, from this address; it is asked for only if it matters.

    A key with a hash counts for more than a username with a password. Raises Refused(UNAUTHORIZED) for wrong
    credentials, for API access switched off and for an address that is not allowed: the three cannot be told apart
    from outside (seed, "Prerequisite"). Raises Refused(UNAVAILABLE) while too many passwords wait to be compared, of
    this address or in all.
    """
    if presented.key and presented.hash:
        account = await _by_key(store, presented.key, presented.hash)
    elif presented.username and presented.password:
        account = await _by_login(store, passwords, presented.username, presented.password, address)
    else:
        account = None
    if account is None or not account.api_access or not _allowed(account, address):
        raise Refused(UNAUTHORIZED)
    return account


async def _by_key(store: Store, key: str, hash_: str) -> Account | None:
    account = await store.find_account(key) if _KEY.fullmatch(key) else None
    known = account.hash_digest if account else _NOBODY
    right = hmac.compare_digest(known, digest_of(hash_))
    return account if right else None


async def _by_login(
    store: Store, passwords: Passwords, username: str, password: str, address: Callable[[], str | None]
) -> Account | None:
    """Find the account of a login; it takes as long for a username that nobody has, as soon as anybody has one."""
    if not _USERNAME.fullmatch(username) or len(password) > LONGEST_PASSWORD:
        return None
    account = await store.find_account_by_username(username)
    if account is None and not await store.has_logins():
        # There is nothing to give away, and strangers shall not keep two cores busy for nothing.
        return None
    right = await passwords.matches(username, password, account.password_hash if account else None, address())
    return account if right else None


def digest_of(hash_: str) -> bytes:
    """Give what is stored of an API hash."""
    return hashlib.sha256(hash_.encode("utf-8", "surrogatepass")).digest()


def checked_sender(sender: str) -> str:
    """Give the sender back. Raises BadSetting if no carrier would take it."""
    if not _SENDER.fullmatch(sender) or sender != sender.strip():
        raise BadSetting(f"'{sender}' is no sender: 1 to 11 printable ASCII characters, no blank at either end")
    return sender


def checked_network(network: str) -> str:
    """Give a network in its usual form, IPv4 where an IPv6 one only wraps it. Raises BadSetting if it is none."""
    try:
        return str(read_network(network))
    except ValueError as error:
        raise BadSetting(f"'{network}' is no IPv4 or IPv6 address or network") from error


def body_limit(max_body: int, max_recipients: int) -> int:
    """Octets that a request of an account may have, by these two limits of its."""
    return max_body or max(USUAL_BODY, max_recipients * OCTETS_PER_RECIPIENT)


def read_amount(written: str, *, in_lira: bool) -> int:
    """Read credits, or lira as ten-thousandths: `10.58` is 105,800. Raises BadSetting."""
    found = _AMOUNT.fullmatch(written)
    if found is None or (found[2] and not in_lira):
        wanted = "lira, such as 10.58, with four decimals at most" if in_lira else "a whole number of credits"
        raise BadSetting(f"'{written}' is not {wanted}, of 16 digits at most")
    whole, decimals = found.groups(default="")
    return int(whole) * LIRA + int(decimals.ljust(4, "0")) if in_lira else int(whole)


def amount_in_words(amount: int, *, in_lira: bool) -> str:
    """Write credits or lira for people."""
    if in_lira:
        return f"{amount // LIRA:,}.{amount % LIRA:04d} lira"
    return "1 credit" if amount == 1 else f"{amount:,} credits"


def checked_password(password: str) -> str:
    """Give a password back. Raises BadSetting, which does not repeat it."""
    if not 1 <= len(password) <= LONGEST_PASSWORD:
        raise BadSetting(f"a password has 1 to {LONGEST_PASSWORD} characters")
    return password


def _checked(account: Account) -> Account:
    """Give an account with its networks and senders in their usual form. Raises BadSetting for what cannot be."""
    if not 1 <= account.max_recipients <= MOST_RECIPIENTS:
        raise BadSetting(f"an order needs room for at least one recipient, and for {MOST_RECIPIENTS:,} at most")
    if not 1 <= account.unit_price <= MOST_UNIT_PRICE:
        least, most = (amount_in_words(price, in_lira=account.in_lira) for price in (1, MOST_UNIT_PRICE))
        raise BadSetting(f"a message part costs from {least} to {most}")
    if not 0 <= account.recipients_per_second <= MOST_PER_SECOND:
        raise BadSetting(f"recipients per second are 0, which is no limit, to {MOST_PER_SECOND:,}")
    if account.max_body and not LEAST_BODY <= account.max_body <= MOST_BODY:
        raise BadSetting(f"a body may have {LEAST_BODY:,} to {MOST_BODY:,} bytes; 0 follows the recipients")
    if account.iys_code is not None and not _IYS_CODE.fullmatch(account.iys_code):
        raise BadSetting(f"'{account.iys_code}' is no code of the consent registry: 1 to 18 digits, no 0 in front")
    if account.username is not None and not _USERNAME.fullmatch(account.username):
        raise BadSetting(f"'{account.username}' is no username: 1 to 64 printable ASCII characters without blanks")
    return replace(
        account,
        allow_ips=tuple(map(checked_network, account.allow_ips)),
        senders=tuple(dict.fromkeys(map(checked_sender, account.senders))),
    )


def _allowed(account: Account, address: Callable[[], str | None]) -> bool:
    if not account.allow_ips:
        return True
    caller = read_address(address() or "")
    return caller is not None and any(caller in read_network(network) for network in account.allow_ips)
