"""What the flows need from outside, and nothing more: a store, carrier links, a place for their news.

A store runs a function inside a transaction and hands it the statements; whoever asks at the same time may
share the commit, each in its own savepoint. Readers never wait for writers. Statements take and give rows
in bulk, so that both SQLite and a server database can do each in one go; none of them decides anything.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from teslimat.core.consents import Consent
from teslimat.core.model import Account, Carrier, Order
from teslimat.core.outcomes import Answer, OutgoingPart, Receipt
from teslimat.core.ports.blacklist import BlacklistStatements
from teslimat.core.ports.consents import ConsentStatements
from teslimat.core.ports.contacts import ContactStatements
from teslimat.core.ports.orders import CleaningStatements, DispatchStatements, PlacingStatements, SettlingStatements
from teslimat.core.ports.settings import SettingsStatements
from teslimat.core.ports.webhooks import WebhookReads, WebhookStatements

T = TypeVar("T")


class Transaction(
    PlacingStatements,
    DispatchStatements,
    SettlingStatements,
    CleaningStatements,
    SettingsStatements,
    BlacklistStatements,
    ConsentStatements,
    ContactStatements,
    WebhookStatements,
    Protocol,
):
    """All statements that may run inside one transaction."""


class StoreUnavailable(Exception):  # noqa: N818 - it passes; nothing was changed
    """The store could not do it now: disk full, locked for too long, gone. Nothing of the work was kept."""


class NoMoreCarriers(Exception):  # noqa: N818 - an expected answer of the store
    """255 carriers have been added; a block has one octet for a recipient's carrier, and ids are never used again."""


class NameTaken(Exception):  # noqa: N818 - an expected answer of the store
    """There is one of that name already."""


class ReportRows(Protocol):
    """An order and the blocks of one page of its report, from one statement."""

    @property
    def order(self) -> Order:
        """The order's row."""
        ...

    @property
    def blocks(self) -> Sequence[tuple[bytes, dict[int, str], bytes]]:
        """(numbers, odd numbers, states) of each block, in order."""
        ...


class Store(WebhookReads, Protocol):
    """Where everything is kept."""

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run work in a transaction and return its result once that is durable.

        If it raises, nothing of it is kept and the exception is raised here; others that share the commit
        are not affected. Raises StoreUnavailable if the store itself failed.
        """
        ...

    async def find_account(self, key: str) -> Account | None:
        """The account with this API key."""
        ...

    async def find_account_by_username(self, username: str) -> Account | None:
        """The account that old clients log in to by this name."""
        ...

    async def has_logins(self) -> bool:
        """Whether any account has a username."""
        ...

    async def accounts(self) -> list[Account]:
        """All accounts, by name."""
        ...

    async def largest_limits(self) -> tuple[int, int]:
        """The largest max_body of any account, and the largest max_recipients of those that have none; else 0."""
        ...

    async def carriers(self) -> list[Carrier]:
        """The carriers in use, by id."""
        ...

    async def read_report(self, account_id: int, order_id: int, first_block: int, last_block: int) -> ReportRows | None:
        """An account's order and some of its blocks, from one snapshot."""
        ...

    async def list_orders(
        self, account_id: int, since: int, before: int, limit: int, offset: int
    ) -> tuple[int, list[Order]]:
        """An account's orders submitted in [since, before): how many in all, and some of them by id."""
        ...

    async def next_due(self, carrier_id: int, after: int) -> int | None:
        """When the next row that is not yet due becomes due, in ms; None if there is none."""
        ...

    async def has_blacklist(self, account_id: int) -> bool:
        """Whether an account's blacklist has any number on it."""
        ...

    async def blacklisted(self, account_id: int, numbers: Sequence[int]) -> set[int]:
        """Those of these numbers, at most 5,000, that are on an account's blacklist."""
        ...

    async def list_blacklisted(
        self, account_id: int, period: tuple[int, int] | None, limit: int, offset: int
    ) -> tuple[int, list[int]]:
        """An account's blacklist, or what came onto it in [since, before): how many, and some of them as they came."""
        ...

    async def consenting(self, brand_code: int, recipient_type: str, numbers: Sequence[int]) -> set[int]:
        """Those of these numbers, at most 5,000, that have consented to a brand's texts."""
        ...

    async def consents_of(self, brand_code: int, recipient: str) -> list[Consent]:
        """All that somebody said to a brand."""
        ...

    async def queue_depth(self) -> dict[int, int]:
        """Recipients in state queued, by carrier."""
        ...


class CarrierLink(Protocol):
    """A carrier, as a dispatcher sees it."""

    @property
    def carrier_id(self) -> int:
        """Which carrier this is."""
        ...

    def room(self) -> int:
        """How many more parts to hand over now; 0 while away, paused by the carrier, or full.

        A link that answered 0 rings the dispatcher's bell when there is room again.
        """
        ...

    def submit(self, parts: Sequence[OutgoingPart], write_before: float) -> None:
        """Send these in order; what could not be written by then (monotonic seconds) is answered NOT_SENT."""
        ...

    def acknowledge(self, tokens: Sequence[object]) -> None:
        """Acknowledge receipts whose effect is committed, by the tokens that came with them."""
        ...


class Inbox(Protocol):
    """Where a carrier link puts its news; it never blocks, and never does anything with them."""

    def answered(self, answers: Sequence[Answer]) -> None:
        """Answers, in the order in which they came."""
        ...

    def received(self, link: CarrierLink, receipts: Sequence[tuple[Receipt, object]]) -> None:
        """Receipts, each with the token that acknowledges it."""
        ...

    def full(self) -> bool:
        """True if the link should stop reading until it is told that there is space."""
        ...
