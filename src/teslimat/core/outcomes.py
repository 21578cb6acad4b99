"""What carriers tell us: the answer to a part that was sent, and the receipt of a part that arrived.

An expected answer from outside is a value. These travel by the thousand, so they are plain tuples.
"""

from enum import IntEnum
from typing import Final, NamedTuple


class Fate(IntEnum):
    """What became of one part handed to a carrier."""

    ACCEPTED = 0
    """The carrier took it and named it."""
    REFUSED = 1
    """The carrier will not take it; final for its recipient."""
    NOT_SENT = 2
    """Its bytes provably never left: send it again."""
    LATER = 3
    """The carrier is throttling or its queue is full: send it again after a delay."""
    UNKNOWN = 4
    """No answer came in time, or the session ended first: it may or may not have arrived."""
    ACCEPTED_LATE = 5
    """The carrier took it, but said so only after its fate had been called unknown."""


ACCEPTED: Final = int(Fate.ACCEPTED)
REFUSED: Final = int(Fate.REFUSED)
NOT_SENT: Final = int(Fate.NOT_SENT)
LATER: Final = int(Fate.LATER)
UNKNOWN: Final = int(Fate.UNKNOWN)
ACCEPTED_LATE: Final = int(Fate.ACCEPTED_LATE)


class OutgoingPart(NamedTuple):
    """One message part on its way to a carrier."""

    order_id: int
    block_no: int
    position: int
    part: int
    number: int
    """E.164 without the plus sign."""
    sender: str
    data_coding: int
    has_header: bool
    """The payload starts with a user data header (esm_class UDHI)."""
    payload: bytes


class Answer(NamedTuple):
    """What the carrier answered, or did not, to one part."""

    order_id: int
    block_no: int
    position: int
    part: int
    number: int
    carrier_id: int
    fate: int
    message_id: str
    """The carrier's id, verbatim; empty unless accepted."""
    reason: int
    code: str
    """The carrier's own code, empty if there is none."""
    at: int
    """Milliseconds since 1970 UTC."""


class Receipt(NamedTuple):
    """A delivery receipt, already read by the carrier's profile."""

    carrier_id: int
    message_ids: tuple[str, ...]
    """The forms under which the id may have been given in the answer, most likely first."""
    outcome: int
    """State.DELIVERED or State.UNDELIVERED; State.SUBMITTED for an intermediate one, which changes nothing."""
    reason: int
    code: str
    number: int
    """The recipient's number as the receipt names it, 0 if it names none that can be read."""
    sender: str
    at: int
    """When it arrived, milliseconds since 1970 UTC."""
