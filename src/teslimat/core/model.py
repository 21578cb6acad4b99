"""The things the house talks about: accounts, carriers, orders, texts, and the rows that stand for them."""

from typing import Final, NamedTuple

from msgspec import Struct

BLOCK_SIZE: Final = 1000
"""Recipients of one block: as many as a page of the report can show."""

SMALL_ORDER: Final = 100
"""Orders of at most this many recipients are dispatched before larger ones."""

MAX_PARTS: Final = 7

LIRA: Final = 10_000
"""Accounts in Turkish lira count ten-thousandths of it."""

BlockKey = tuple[int, int]
"""(order id, number of the block inside it, from 0)."""


class Account(Struct, frozen=True):
    """Who may send, on what credit, under which senders, and from where."""

    id: int
    name: str
    key: str
    hash_digest: bytes
    """SHA-256 of the API hash; the hash itself is never stored."""
    balance: int
    credited: int
    """All credits the account was ever given."""
    api_access: bool
    allow_ips: tuple[str, ...]
    """Networks in CIDR form; empty allows every address."""
    max_recipients: int
    iys_code: str | None
    """The account's brand in the consent registry, as digits."""
    senders: tuple[str, ...]
    unit_price: int = 1
    """What one message part costs: credits, or ten-thousandths of a lira."""
    in_lira: bool = False
    """Balance and prices are ten-thousandths of a lira instead of credits."""
    strict_iys: bool = False
    """A missing iys is refused (468) instead of read as 0."""
    strict_seconds: bool = False
    """A sendDateTime with seconds is refused (457) instead of ignored."""
    int_order_ids: bool = False
    """get-report writes order ids as numbers, for clients that cannot read them as text."""
    contacts: bool = False
    """The address book's endpoints exist for this account."""
    recipients_per_second: int = 0
    """Transactional recipients that are accepted per second; 0 is no limit."""
    max_body: int = 0
    """Octets of a request at most; 0 follows max_recipients."""
    test_number: int | None = None
    """The only number that the sender APITEST reaches."""
    username: str | None = None
    """The login that old clients send instead of a key; None refuses them all."""
    password_hash: str | None = None
    """Argon2; set whenever the username is."""


class Carrier(Struct, frozen=True):
    """How to reach a carrier."""

    id: int
    name: str
    host: str
    port: int
    system_id: str
    password: str
    window: int
    """Unanswered submits allowed on one bind."""
    parts_per_second: int
    """The pace the carrier allows over all binds; 0 is no limit."""
    binds: int
    profile: str
    """The name of the carrier's quirks."""


class Text(NamedTuple):
    """A text as it was accepted: its coding, parts and unit price stay what they were then."""

    body: str
    coding: int
    parts: int
    unit_price: int
    """Credits per part."""

    @property
    def price(self) -> int:
        """Credits for one recipient."""
        return self.parts * self.unit_price


class Order(Struct, frozen=True):
    """One row of the order table. Times are milliseconds since 1970 UTC."""

    id: int
    account_id: int
    sender: str
    suffix: str
    """The operator code that is appended to every text of this order."""
    texts: tuple[Text, ...]
    """The text of an order that has only one; otherwise empty, and each block has its own."""
    recipient_price: int | None
    """Credits for one recipient if all cost the same, else None."""
    resend_uncertain: bool
    """The policy for a message that may have been sent before a crash: send again, or fail."""
    scheduled: bool
    submit_at: int
    send_at: int
    expires_at: int
    first_message_id: int
    total: int
    delivered: int
    undelivered: int
    waiting: int
    price: int
    queue_rows: int
    """How many dispatch rows it was placed with; cancel must find as many."""
    reached_carrier: bool
    cancelled_at: int | None
    uncertain: int
    """How many of its messages were ever uncertain."""
    revision: int
    registry_list: str | None = None
    """The list of the consent registry that its recipients must be on; None for texts that need no consent."""


class Block(Struct, frozen=True):
    """What never changes about up to 1,000 recipients of one order."""

    order_id: int
    block_no: int
    numbers: bytes
    """8 bytes each, little-endian: E.164 without the plus sign; 0 where the input is in odd_numbers."""
    odd_numbers: dict[int, str]
    """Position → input that is no number; reported as given."""
    texts: tuple[Text, ...]
    """The texts of this block, if the order has several."""
    text_index: bytes
    """2 bytes each, little-endian: which of the texts; empty if the order has one text."""


class QueueRow(Struct, frozen=True):
    """What is to be sent of one block by one carrier."""

    order_id: int
    block_no: int
    carrier_id: int
    priority: int
    """0 for small orders, 1 for bulk."""
    due_at: int
    queued: int
    """How many recipients are in state queued."""
    owner: str | None = None
    lease_until: int = 0
    epoch: int = 0


class Sending(Struct, frozen=True):
    """All that a dispatcher needs to know of a block, besides its states."""

    block: Block
    account_id: int
    brand_code: str | None
    """The account's, in the consent registry."""
    registry_list: str | None
    submit_at: int
    sender: str
    suffix: str
    texts: tuple[Text, ...]
    """The order's text, or the block's several."""
    send_at: int
    expires_at: int
    first_message_id: int
    resend_uncertain: bool


class OrderHead(NamedTuple):
    """What settling needs to know of an order."""

    id: int
    account_id: int
    submit_at: int
    send_at: int
    revision: int
    recipient_price: int | None
    waiting: int
    resend_uncertain: bool


class OrderChange(NamedTuple):
    """What a transaction adds to an order's row. Order of fields is that of the update statement."""

    delivered: int
    undelivered: int
    price_back: int
    reached_carrier: bool
    uncertain: int
    revision: int
    cancelled_at: int | None
    id: int


class SubmissionRow(NamedTuple):
    """Which part of which recipient a carrier's message id stands for."""

    carrier_id: int
    message_id: str
    order_id: int
    block_no: int
    position: int
    part: int
    number: int
    """Whom it is for: carriers use ids again, and two spellings of ids can meet."""
    outcome: int
    """DELIVERED or UNDELIVERED once a final receipt has come for it, else 0; receipts after that are duplicates."""
    forget_at: int
    """When the row may be removed: an hour after it closed, or when its order must be long over."""


class OrphanRow(NamedTuple):
    """A receipt that came before anyone knew its message id."""

    id: int
    carrier_id: int
    message_id: str
    """Verbatim, or the form under which it was found."""
    outcome: int
    reason: int
    code: str
    number: int
    sender: str
    arrived_at: int
