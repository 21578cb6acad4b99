"""Delivery receipts as this carrier writes them (SMPP 3.4 Appendix B, §5.3.2.12, §5.3.2.35). Pure."""

import time
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from teslimat.smpp.fields import encode_tlvs
from teslimat.smpp.pdus import receipt_body
from teslimat.smpp.receipts import MessageState, format_receipt, receipt_tlvs

FAILURES: Final = frozenset(
    {
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
        MessageState.UNKNOWN,
        MessageState.REJECTED,
    }
)

_GSM_NETWORK = 3


class ReceiptForm(StrEnum):
    """Where a receipt says what it says."""

    BOTH = "both"
    TEXT = "text"
    TLV = "tlv"


class IdForm(Enum):
    """How a message id is written; the value is the format. Carriers differ, some even between answer and receipt."""

    DECIMAL = "%d"
    PADDED = "%020d"
    HEX = "%x"
    UPPER_HEX = "%X"


class Plan(NamedTuple):
    """One receipt that an outcome sends."""

    state: MessageState
    error: int = 0
    """The network's error code: values of 3GPP TS 29.002 (MAP), 0 for none."""
    late: int = 0
    """How many times the script's ``late`` it comes after its usual time."""
    copies: int = 1
    """How often it is sent, at once."""
    form: ReceiptForm | None = None
    """None: the form of the script."""


class Receipt(NamedTuple):
    """A receipt on its way to whoever sent the message."""

    message_id: str
    """As receipts write it."""
    recipient: bytes
    sender: bytes
    submitted: str
    """When the message came, as the text says it."""
    plans: tuple[Plan, ...]
    """This receipt, and those that follow once it is acknowledged."""


def date(at: int) -> str:
    """An instant (milliseconds since 1970) as receipts give it: YYMMDDhhmm, in UTC."""
    return time.strftime("%y%m%d%H%M", time.gmtime(at // 1000))


def body(receipt: Receipt, form: ReceiptForm, done: str) -> bytes:
    """The body of the deliver_sm, in this form if the plan has none; ``done`` is the date of the outcome."""
    message_id, recipient, sender, submitted, plans = receipt
    plan = plans[0]
    state, error, form = plan.state, plan.error, plan.form or form
    text = tlvs = b""
    if form is not ReceiptForm.TLV:
        text = format_receipt(message_id, state, submitted=submitted, done=done, error_code=f"{error:03d}")
    if form is not ReceiptForm.TEXT:
        tlvs = encode_tlvs(receipt_tlvs(message_id, state, (_GSM_NETWORK, error) if error else None))
    return receipt_body(recipient, sender, text, tlvs)
