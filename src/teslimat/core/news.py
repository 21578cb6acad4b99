"""What is told to receivers of webhooks: events of messages, rows of the outbox, lanes of retries, the log."""

from array import array
from enum import IntEnum
from typing import Final, NamedTuple

from msgspec import Struct

from teslimat.core.model import BLOCK_SIZE
from teslimat.core.states import State


class Event(IntEnum):
    """What became of a message. The values are stored, one octet each; the names in small letters go on the wire.

    Of the events of one message the lesser value happened first.
    """

    ACCEPTED = 1
    DELIVERED = 2
    UNDELIVERED = 3

    @property
    def word(self) -> str:
        """How it is called on the wire."""
        return self.name.lower()


EVENT_OF: Final[dict[State, Event]] = {
    State.QUEUED: Event.ACCEPTED,
    State.SUBMITTING: Event.ACCEPTED,
    State.SUBMITTED: Event.ACCEPTED,
    State.DELIVERED: Event.DELIVERED,
    State.UNDELIVERED: Event.UNDELIVERED,
}
_BY_STATE: Final = bytes(EVENT_OF[state] for state in State) + bytes(256 - len(State))
_WORDS: Final = {event.word: event for event in Event}
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = len(str(_LARGEST))

MessageKey = tuple[int, int, int]
"""(order id, number of the block inside it, position inside that)."""


class OutboxRow(Struct, frozen=True):
    """News of one block for one target. Times are milliseconds since 1970 UTC."""

    id: int
    """Rows of later ids hold later news; 0 before it is stored."""
    target_id: int
    order_id: int
    block_no: int
    happened_at: int
    positions: bytes
    """2 octets each, little-endian."""
    events: bytes
    """1 octet each."""
    untold: bytes
    """1 octet each: 1 while it is still to be told; empty when nothing is."""

    @property
    def waiting(self) -> int:
        """How many of its events are still to be told."""
        return self.untold.count(1)


class Lane(Struct, frozen=True):
    """A message whose news did not get through to a target, and when to try again."""

    target_id: int
    order_id: int
    block_no: int
    position: int
    events: bytes
    """What is still to be told of it, in order; the first is the one that is tried."""
    times: bytes
    """When each happened: 8 octets each, little-endian milliseconds."""
    attempts: int
    """Of its first event; 0 is none since the one before it got through."""
    first_failed_at: int
    next_at: int
    parked: bool
    """It waits for somebody to ask for it."""

    @property
    def key(self) -> MessageKey:
        """Which message this is."""
        return self.order_id, self.block_no, self.position

    @property
    def happened_at(self) -> int:
        """When the first of its events happened."""
        return array("q", self.times)[0]


class AttemptRow(NamedTuple):
    """An attempt in the delivery log."""

    target_id: int
    order_id: int
    block_no: int
    position: int
    event: int
    attempt: int
    at: int
    """When it began."""
    status: int
    """The HTTP status; 0 if there was no answer."""
    duration_ms: int
    error: str


def events_of(states: bytes) -> bytes:
    """Tell which event each of these states is the news of."""
    return states.translate(_BY_STATE)


def event_id(message: MessageKey, event: int) -> str:
    """Name an event. Whenever and however often it is told, its name is the same."""
    order_id, block_no, position = message
    return f"{order_id}-{block_no * BLOCK_SIZE + position}-{Event(event).word}"


def read_event_id(written: str) -> tuple[MessageKey, Event] | None:
    """Tell which event has this name; None if none can have it."""
    order_id, _, rest = written.partition("-")
    place, _, word = rest.partition("-")
    if word not in _WORDS or not (_is_number(order_id) and _is_number(place)):
        return None
    block_no, position = divmod(int(place), BLOCK_SIZE)
    return (int(order_id), block_no, position), _WORDS[word]


def _is_number(written: str) -> bool:
    digits = written.isascii() and written.isdigit() and len(written) <= _LONGEST
    return digits and int(written) <= _LARGEST
