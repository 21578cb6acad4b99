"""The states of a recipient, and the one table of how they may follow each other."""

from enum import IntEnum
from typing import Final


class State(IntEnum):
    """Where a recipient stands. The values are stored, one byte each; they never change."""

    QUEUED = 0
    SUBMITTING = 1
    """Committed before the first byte goes on the wire; after a crash exactly these are uncertain."""
    SUBMITTED = 2
    """The carrier has answered for every part."""
    DELIVERED = 3
    UNDELIVERED = 4


QUEUED: Final = int(State.QUEUED)
SUBMITTING: Final = int(State.SUBMITTING)
SUBMITTED: Final = int(State.SUBMITTED)
DELIVERED: Final = int(State.DELIVERED)
UNDELIVERED: Final = int(State.UNDELIVERED)

MAY_FOLLOW: Final[dict[State, frozenset[State]]] = {
    # A late answer proves that a message put back in the queue did arrive: it must not be sent again.
    State.QUEUED: frozenset({State.SUBMITTING, State.SUBMITTED, State.DELIVERED, State.UNDELIVERED}),
    # Back to queued only when the carrier said "later", when the bytes provably never left, or when the
    # order's policy for uncertain messages is to send them again.
    State.SUBMITTING: frozenset({State.QUEUED, State.SUBMITTED, State.DELIVERED, State.UNDELIVERED}),
    State.SUBMITTED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset(),
    State.UNDELIVERED: frozenset(),
}


def may_follow(state: int, later: int) -> bool:
    """Tell whether a recipient may go from one state to another."""
    return bool(_MASKS[state] >> later & 1)


_MASKS: Final = tuple(sum(1 << later for later in MAY_FOLLOW[state]) for state in State)


class OrderStatus(IntEnum):
    """The status of a whole order (seed, "Order status codes")."""

    IN_PROGRESS = 113
    COMPLETED = 114
    NOT_DELIVERED = 115


def order_status(*, waiting: int, reached_carrier: bool) -> OrderStatus:
    """Tell an order's status from its counters.

    115 only if nothing of the order ever reached a carrier (a cancelled order, for one); 114 says that
    nothing waits any more, not that everything was delivered.
    """
    if waiting:
        return OrderStatus.IN_PROGRESS
    return OrderStatus.COMPLETED if reached_carrier else OrderStatus.NOT_DELIVERED
