"""Who may do what: credentials, the API access switch, the list of allowed addresses."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.errors import UNAUTHORIZED, Refused
from teslimat.core.model import Account
from teslimat.core.networks import read_address, read_network
from teslimat.core.ports import Store, Transaction

DEFAULT_MAX_RECIPIENTS: Final = 50_000
MOST_RECIPIENTS: Final = 10_000_000
MOST_CREDITS: Final = 10**15
"""All that an account is ever given; far below what a database's integers hold."""
_NOBODY: Final = hashlib.sha256(b"").digest()
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_SENDER: Final = re.compile(r"[ -~]{1,11}")
"""At most 11 characters; carriers take printable ASCII in an alphanumeric sender."""


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


class BadSetting(ValueError):  # noqa: N818 - its message is for the operator
    """A setting that cannot be."""


def new_credentials(random_bytes: Callable[[int], bytes]) -> Credentials:
    """Make credentials out of randomness."""
    return credentials(random_bytes(16).hex(), random_bytes(32).hex())


def credentials(key: str, secret: str) -> Credentials:
    """Tell the hash that belongs to a key and a secret."""
    return Credentials(key, secret, hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest())


def new_account(name: str, given: Credentials, *, credits_: int, senders: Sequence[str]) -> Account:
    """Describe an account that is not stored yet. Raises BadSetting."""
    if not name.strip():
        raise BadSetting("an account needs a name")
    if not 0 <= credits_ <= MOST_CREDITS:
        raise BadSetting(f"an account starts with 0 to {MOST_CREDITS:,} credits")
    return Account(
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
        senders=_checked_senders(senders),
    )


async def open_account(store: Store, account: Account) -> int:
    """Store a new account; its id. Raises NameTaken."""

    async def work(tx: Transaction) -> int:
        return await tx.insert_account(account)

    return await store.transact(work)


async def change_account(
    store: Store,
    account: Account,
    *,
    api_access: bool | None = None,
    allow_ips: Sequence[str] | None = None,
    max_recipients: int | None = None,
    senders: Sequence[str] | None = None,
    credits_: int = 0,
) -> None:
    """Change what is given, and add credits. Raises BadSetting."""
    if max_recipients is not None and not 1 <= max_recipients <= MOST_RECIPIENTS:
        raise BadSetting(f"an order needs room for at least one recipient, and for {MOST_RECIPIENTS:,} at most")
    if not 0 <= credits_ <= MOST_CREDITS - account.credited:
        raise BadSetting(f"an account can be given {MOST_CREDITS:,} credits in all, and none can be taken away")
    changed = replace(
        account,
        api_access=account.api_access if api_access is None else api_access,
        allow_ips=account.allow_ips if allow_ips is None else tuple(checked_network(ip) for ip in allow_ips),
        max_recipients=account.max_recipients if max_recipients is None else max_recipients,
        senders=account.senders if senders is None else _checked_senders(senders),
    )

    async def work(tx: Transaction) -> None:
        await tx.update_account(changed)
        if credits_:
            await tx.add_credits(account.id, credits_)

    await store.transact(work)


async def authenticate(store: Store, presented: Presented, address: Callable[[], str | None]) -> Account:
    """Find the account that these credentials open, from this address; it is asked for only if it matters.

    Raises Refused(UNAUTHORIZED) for wrong credentials, for API access switched off and for an address that is
    not allowed: the three cannot be told apart from outside (seed, "Prerequisite").
    """
    key, hash_ = presented.key or "", presented.hash or ""
    account = await store.find_account(key) if _KEY.fullmatch(key) else None
    known = account.hash_digest if account else _NOBODY
    right = hmac.compare_digest(known, digest_of(hash_))
    if account is None or not right or not account.api_access or not _allowed(account, address):
        raise Refused(UNAUTHORIZED)
    return account


def digest_of(hash_: str) -> bytes:
    """Give what is stored of an API hash."""
    return hashlib.sha256(hash_.encode("utf-8", "surrogatepass")).digest()


def _checked_senders(senders: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(checked_sender(sender) for sender in senders))


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


def _allowed(account: Account, address: Callable[[], str | None]) -> bool:
    if not account.allow_ips:
        return True
    caller = read_address(address() or "")
    return caller is not None and any(caller in read_network(network) for network in account.allow_ips)
