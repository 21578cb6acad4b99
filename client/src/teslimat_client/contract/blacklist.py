"""The blacklist on the wire: the numbers that an account does not text."""

from msgspec import UNSET, Struct, UnsetType

from teslimat_client.contract import Credentials, Status


class BlacklistedNumber(Struct, frozen=True):
    """Which number is meant."""

    number: str
    """One Turkish mobile number in any usual spelling."""


class AddBlacklist(Struct, frozen=True):
    """Text a number no more. Adding it again changes nothing."""

    authentication: Credentials
    blacklist: BlacklistedNumber


class DeleteBlacklist(Struct, frozen=True):
    """Text a number again."""

    authentication: Credentials
    blacklist: BlacklistedNumber


class AddedBetween(Struct, frozen=True):
    """When a number was added: `YYYY-MM-DD HH:MM:SS` in Turkey, each end optional."""

    start: str | None = None
    """The first second."""
    end: str | None = None
    """The last second, included."""


class BlacklistQuery(Struct, frozen=True, rename="camel"):
    """Which page of the list."""

    page: int
    """From 1. A page past the end is empty, not an error."""
    row_count: int
    """Numbers on a page, at most 1,000."""
    filter: AddedBetween | UnsetType = UNSET
    """Only numbers added then."""


class GetBlacklist(Struct, frozen=True):
    """Ask for one page of the blacklist."""

    authentication: Credentials
    blacklist: BlacklistQuery


class Blacklist(Struct, frozen=True):
    """One page of the blacklist."""

    count: int
    """Numbers in all, or within the filter; not on this page."""
    number: list[str]
    """`+90` and ten digits each, in the order in which they were added."""


class BlacklistRead(Struct, frozen=True):
    """A page of the account's blacklist."""

    status: Status
    blacklist: Blacklist
