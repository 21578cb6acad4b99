"""Why a recipient was not delivered, in one vocabulary for all carriers."""

from enum import IntEnum
from typing import Final, NamedTuple


class Reason(IntEnum):
    """Why a recipient ended undelivered. The values are stored, one byte each; they never change."""

    NONE = 0
    ABSENT_SUBSCRIBER = 1
    BARRED = 2
    INVALID_NUMBER = 3
    BLACKLISTED = 4
    NO_CONSENT = 5
    CONTENT = 6
    EXPIRED = 7
    REJECTED_PERMANENTLY = 8
    REJECTED_TEMPORARILY = 9
    CARRIER_UNREACHABLE = 10
    CANCELLED = 11
    UNCERTAIN = 12
    UNKNOWN = 13


class Explanation(NamedTuple):
    """What a reason means, and whether sending the same message again can help."""

    english: str
    resend_can_help: bool


EXPLANATIONS: Final[dict[Reason, Explanation]] = {
    Reason.NONE: Explanation("not undelivered", resend_can_help=False),
    Reason.ABSENT_SUBSCRIBER: Explanation("the phone was off or out of reach", resend_can_help=True),
    Reason.BARRED: Explanation("the subscriber or the operator bars such messages", resend_can_help=False),
    Reason.INVALID_NUMBER: Explanation("no such number", resend_can_help=False),
    Reason.BLACKLISTED: Explanation("the number is on the account's blacklist", resend_can_help=False),
    Reason.NO_CONSENT: Explanation("the consent registry has no consent for it", resend_can_help=False),
    Reason.CONTENT: Explanation("the carrier refused the text or the sender", resend_can_help=False),
    Reason.EXPIRED: Explanation("no final receipt before the order expired", resend_can_help=True),
    Reason.REJECTED_PERMANENTLY: Explanation("the carrier refused the message", resend_can_help=False),
    Reason.REJECTED_TEMPORARILY: Explanation("the carrier could not take it then", resend_can_help=True),
    Reason.CARRIER_UNREACHABLE: Explanation("no carrier could be reached in time", resend_can_help=True),
    Reason.CANCELLED: Explanation("the order was cancelled", resend_can_help=False),
    Reason.UNCERTAIN: Explanation("it may have been sent before a crash; not sent twice", resend_can_help=True),
    Reason.UNKNOWN: Explanation("the carrier gave no usable reason", resend_can_help=True),
}
