"""What becomes of a message: by its recipient's number, otherwise by seed and shares. Pure.

The numbers 90 555 000 00 NN are special; no other is, so that any list of ordinary numbers is safe.
"""

from bisect import bisect_right
from enum import Enum
from itertools import accumulate
from typing import Final, NamedTuple

from teslimat.carriers.simulator.receipts import Plan, ReceiptForm
from teslimat.core.reasons import Reason
from teslimat.core.states import State
from teslimat.smpp.receipts import MessageState
from teslimat.smpp.status import Status

SPECIAL_PREFIX: Final = "55500000"
"""A national number (ten digits) that begins so is special; its last two digits choose the outcome."""

_NATIONAL_DIGITS = 10
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_DRAWS = 1 << 64
_ROUNDING = 1e-9


class Timing(Enum):
    """When a submit_sm is answered."""

    AT_ONCE = "at once"
    LATE = "late"
    NEVER = "never"
    HANG_UP = "the connection is closed instead"


class Reply(NamedTuple):
    """How one submit_sm is met."""

    status: int = Status.ESME_ROK
    timing: Timing = Timing.AT_ONCE
    taken: bool = True
    """The message will be delivered, or fail, and has receipts, whether the sender learns its id or not."""


TAKE: Final = Reply()


class Ending(NamedTuple):
    """What a report should say in the end."""

    state: State
    reason: Reason = Reason.NONE


class Outcome(NamedTuple):
    """One thing that can become of a message."""

    name: str
    english: str
    """What the carrier does."""
    ending: Ending | None
    """None: it depends on what the order wants done with messages whose sending is uncertain."""
    replies: tuple[Reply, ...] = (TAKE,)
    """To the first submit_sm of the message, the second, ...; after the last one it begins again."""
    receipts: tuple[Plan, ...] = (Plan(MessageState.DELIVERED),)
    """Once it is taken: each after the one before was acknowledged."""


def _fails(reason: Reason) -> Ending:
    return Ending(State.UNDELIVERED, reason)


def _refuse(status: int) -> Reply:
    return Reply(status, taken=False)


_DELIVRD = Plan(MessageState.DELIVERED)
_UNDELIV = Plan(MessageState.UNDELIVERABLE, 34)
_ENROUTE = Plan(MessageState.ENROUTE)
_ARRIVES = Ending(State.DELIVERED)
_VENDOR_STATUS = 0x0444

DELIVERED: Final = Outcome("delivered", "takes it and delivers it", _ARRIVES)

TABLE: Final[dict[int, Outcome]] = {
    0: DELIVERED,
    # 01 to 09: taken, and a receipt says why it failed.
    1: Outcome(
        "absent",
        "UNDELIV, error 027: the phone is off",
        _fails(Reason.ABSENT_SUBSCRIBER),
        receipts=(Plan(MessageState.UNDELIVERABLE, 27),),
    ),
    2: Outcome(
        "barred",
        "UNDELIV, error 013: messages to it are barred",
        _fails(Reason.BARRED),
        receipts=(Plan(MessageState.UNDELIVERABLE, 13),),
    ),
    3: Outcome(
        "unknown-number",
        "UNDELIV, error 001: nobody has this number",
        _fails(Reason.INVALID_NUMBER),
        receipts=(Plan(MessageState.UNDELIVERABLE, 1),),
    ),
    4: Outcome(
        "expired",
        "EXPIRED: the carrier gave up trying",
        _fails(Reason.EXPIRED),
        receipts=(Plan(MessageState.EXPIRED),),
    ),
    5: Outcome(
        "rejected",
        "REJECTD: the carrier changed its mind",
        _fails(Reason.REJECTED_PERMANENTLY),
        receipts=(Plan(MessageState.REJECTED),),
    ),
    6: Outcome(
        "deleted",
        "DELETED: the carrier removed it",
        _fails(Reason.REJECTED_PERMANENTLY),
        receipts=(Plan(MessageState.DELETED),),
    ),
    7: Outcome(
        "unknown-state",
        "UNKNOWN: the carrier lost track of it",
        _fails(Reason.UNKNOWN),
        receipts=(Plan(MessageState.UNKNOWN),),
    ),
    8: Outcome(
        "private-code",
        "UNDELIV, error 999: a code that only the carrier knows",
        _fails(Reason.UNKNOWN),
        receipts=(Plan(MessageState.UNDELIVERABLE, 999),),
    ),
    # 10 to 19: refused in the answer.
    10: Outcome(
        "sender-refused",
        "answers ESME_RINVSRCADR: this sender may not send",
        _fails(Reason.CONTENT),
        replies=(_refuse(Status.ESME_RINVSRCADR),),
    ),
    11: Outcome(
        "number-refused",
        "answers ESME_RINVDSTADR: no such number",
        _fails(Reason.INVALID_NUMBER),
        replies=(_refuse(Status.ESME_RINVDSTADR),),
    ),
    12: Outcome(
        "submit-failed",
        "answers ESME_RSUBMITFAIL",
        _fails(Reason.REJECTED_PERMANENTLY),
        replies=(_refuse(Status.ESME_RSUBMITFAIL),),
    ),
    13: Outcome(
        "vendor-refusal",
        "answers 0x00000444, a code that only the carrier knows",
        _fails(Reason.REJECTED_PERMANENTLY),
        replies=(_refuse(_VENDOR_STATUS),),
    ),
    14: Outcome(
        "throttled",
        "answers ESME_RTHROTTLED twice, then takes it and delivers it",
        _ARRIVES,
        replies=(_refuse(Status.ESME_RTHROTTLED), _refuse(Status.ESME_RTHROTTLED), TAKE),
    ),
    15: Outcome(
        "queue-full",
        "answers ESME_RMSGQFUL twice, then takes it and delivers it",
        _ARRIVES,
        replies=(_refuse(Status.ESME_RMSGQFUL), _refuse(Status.ESME_RMSGQFUL), TAKE),
    ),
    16: Outcome(
        "throttled-for-ever",
        "answers ESME_RTHROTTLED whenever it is tried",
        _fails(Reason.EXPIRED),
        replies=(_refuse(Status.ESME_RTHROTTLED),),
    ),
    # 20 to 29: answers that go wrong.
    20: Outcome(
        "late-answer",
        "takes it, answers late, then delivers it",
        _ARRIVES,
        replies=(Reply(timing=Timing.LATE),),
        receipts=(Plan(MessageState.DELIVERED, late=2),),
    ),
    21: Outcome(
        "not-taken-no-answer",
        "does not take or answer the first, takes the next and delivers it",
        None,
        replies=(Reply(timing=Timing.NEVER, taken=False), TAKE),
    ),
    22: Outcome(
        "taken-no-answer",
        "never answers, but takes it and delivers it",
        None,
        replies=(Reply(timing=Timing.NEVER),),
    ),
    23: Outcome(
        "not-taken-hang-up",
        "does not take the first and closes the connection, takes the next and delivers it",
        None,
        replies=(Reply(timing=Timing.HANG_UP, taken=False), TAKE),
    ),
    24: Outcome(
        "taken-hang-up",
        "takes it and closes the connection without an answer, answers the next; delivers both",
        None,
        replies=(Reply(timing=Timing.HANG_UP), TAKE),
    ),
    # 30 to 49: receipts that go wrong.
    30: Outcome(
        "early-receipt",
        "delivers it, sends the receipt, and answers late",
        _ARRIVES,
        replies=(Reply(timing=Timing.LATE),),
    ),
    31: Outcome(
        "late-receipt",
        "delivers it; the receipt comes late",
        _ARRIVES,
        receipts=(Plan(MessageState.DELIVERED, late=1),),
    ),
    32: Outcome("no-receipt", "takes it and never says more", _fails(Reason.EXPIRED), receipts=()),
    33: Outcome(
        "two-receipts",
        "delivers it and says so twice at once",
        _ARRIVES,
        receipts=(Plan(MessageState.DELIVERED, copies=2),),
    ),
    34: Outcome(
        "delivered-then-not",
        "DELIVRD, then UNDELIV: the first counts",
        _ARRIVES,
        receipts=(_DELIVRD, _UNDELIV),
    ),
    35: Outcome(
        "failed-then-delivered",
        "UNDELIV with error 027, then DELIVRD: the first counts",
        _fails(Reason.ABSENT_SUBSCRIBER),
        receipts=(Plan(MessageState.UNDELIVERABLE, 27), _DELIVRD),
    ),
    36: Outcome("enroute-first", "ENROUTE, then DELIVRD", _ARRIVES, receipts=(_ENROUTE, _DELIVRD)),
    37: Outcome(
        "accepted-first",
        "ACCEPTD, then DELIVRD",
        _ARRIVES,
        receipts=(Plan(MessageState.ACCEPTED), _DELIVRD),
    ),
    38: Outcome("enroute-last", "DELIVRD, then ENROUTE", _ARRIVES, receipts=(_DELIVRD, _ENROUTE)),
    39: Outcome("enroute-only", "ENROUTE and never more", _fails(Reason.EXPIRED), receipts=(_ENROUTE,)),
    40: Outcome(
        "tlv-receipt",
        "delivers it; the receipt has optional parameters and no text",
        _ARRIVES,
        receipts=(Plan(MessageState.DELIVERED, form=ReceiptForm.TLV),),
    ),
    41: Outcome(
        "text-receipt",
        "delivers it; the receipt has a text and no optional parameters",
        _ARRIVES,
        receipts=(Plan(MessageState.DELIVERED, form=ReceiptForm.TEXT),),
    ),
}

BY_NAME: Final = {outcome.name: outcome for outcome in TABLE.values()}

_FAILING: Final = {"absent": 0.5, "unknown-number": 0.2, "expired": 0.15, "barred": 0.1, "rejected": 0.05}
"""How the share of undelivered messages is divided."""


class Outcomes:
    """Chooses the outcome for a number; the same for the same seed and shares, on every run and machine.

    ``undelivered`` and ``shares`` (outcome name to share) are parts of 1 of the ordinary numbers; the rest is
    delivered. Raises ValueError on an unknown name, a negative share, or a sum above 1.
    """

    def __init__(self, seed: int = 0, undelivered: float = 0.0, shares: dict[str, float] | None = None) -> None:
        parts = {name: undelivered * part for name, part in _FAILING.items()}
        for name, share in (shares or {}).items():
            if name not in BY_NAME:
                raise ValueError(f"no outcome is called {name!r}; there are {', '.join(BY_NAME)}")
            parts[name] = parts.get(name, 0.0) + share
        if not (all(part >= 0 for part in parts.values()) and sum(parts.values()) <= 1 + _ROUNDING):
            raise ValueError("shares must not be negative, and together at most 1")
        chosen = {name: part for name, part in parts.items() if part > 0}
        self._seed = seed
        self._bounds = [int(bound * _DRAWS) for bound in accumulate(chosen.values())]
        self._outcomes = [BY_NAME[name] for name in chosen] + [DELIVERED]

    def of(self, number: str) -> Outcome:
        """The outcome for a number of digits, with or without its country code."""
        national = number[-_NATIONAL_DIGITS:]
        if national.startswith(SPECIAL_PREFIX) and len(national) == _NATIONAL_DIGITS:
            return TABLE.get(int(national[-2:]), DELIVERED)
        if not self._bounds:
            return DELIVERED
        return self._outcomes[bisect_right(self._bounds, draw(self._seed, int(national)))]


def draw(seed: int, number: int) -> int:
    """64 bits that look random, from a seed and a number: one step of SplitMix64."""
    mixed = (number * 0x9E37_79B9_7F4A_7C15 + seed * 0xD1B5_4A32_D192_ED03 + 0x9E37_79B9_7F4A_7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return mixed ^ (mixed >> 31)
