"""Delivery receipts as carriers write them (SMPP 3.4 Appendix B; §5.3.2.12, §5.3.2.31, §5.3.2.35). Pure."""

import struct
import time
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from teslimat.smpp.fields import (
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    encode_tlvs,
)
from teslimat.smpp.pdus import receipt_body

_TLV_HEADER = struct.Struct(">HH")
# type of network (3 is GSM) and its code, §5.3.2.31
_ERROR_CODE = struct.Struct(">BH")
_GSM = 3


class ReceiptForm(StrEnum):
    """Where a receipt says what it says."""

    BOTH = "both"
    TEXT = "text"
    TLV = "tlv"


class IdForm(Enum):
    """How a message id is written; the value is the format. Carriers differ, some even between answer and receipt."""

    DECIMAL = b"%d"
    PADDED = b"%020d"
    HEX = b"%x"
    UPPER_HEX = b"%X"


class MessageState(Enum):
    """What a receipt can say: the ``stat`` of its text, and the value of ``message_state`` (§5.2.28)."""

    ENROUTE = 1
    DELIVRD = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIV = 5
    ACCEPTD = 6
    UNKNOWN = 7
    REJECTD = 8


FAILURES: Final = frozenset(
    {
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIV,
        MessageState.UNKNOWN,
        MessageState.REJECTD,
    }
)


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


class Step(NamedTuple):
    """A plan ready to be written: what all its receipts have in common, so that each costs one format."""

    late: int
    copies: int
    id_format: bytes
    text_tail: bytes
    """Empty if the receipt has no text."""
    tlv_tail: bytes
    """Empty if it has no optional parameters."""


class Receipt(NamedTuple):
    """A receipt on its way to whoever sent the message."""

    message_id: int
    recipient: bytes
    sender: bytes
    submitted: bytes
    """When the message came, as the text says it."""
    steps: tuple[Step, ...]
    """This receipt, and those that follow once it is acknowledged."""


def prepare(plan: Plan, form: ReceiptForm, id_form: IdForm) -> Step:
    """How receipts of this plan are written where this form and these ids are usual."""
    form = plan.form or form
    text = tlvs = b""
    if form is not ReceiptForm.TLV:
        dlvrd = int(plan.state is MessageState.DELIVRD)
        text = b" stat:%b err:%03d text:" % (plan.state.name.encode(), plan.error)
        text = b" sub:001 dlvrd:%03d submit date:%%b done date:%%b" % dlvrd + text
    if form is not ReceiptForm.TEXT:
        tlvs = encode_tlvs(((MESSAGE_STATE, bytes((plan.state.value,))),))
        if plan.error:
            tlvs += encode_tlvs(((NETWORK_ERROR_CODE, _ERROR_CODE.pack(_GSM, plan.error)),))
    return Step(plan.late, plan.copies, id_form.value, text, tlvs)


def date(at: int) -> bytes:
    """An instant (milliseconds since 1970) as receipts give it: YYMMDDhhmm, in UTC."""
    return time.strftime("%y%m%d%H%M", time.gmtime(at // 1000)).encode()


def body(receipt: Receipt, done: bytes) -> bytes:
    """The body of the deliver_sm; ``done`` is the date of the outcome."""
    message_id, recipient, sender, submitted, steps = receipt
    _, _, id_format, text_tail, tlv_tail = steps[0]
    written_id = id_format % message_id
    text = b"id:%b" % written_id + text_tail % (submitted, done) if text_tail else b""
    if tlv_tail:
        tlv_tail = _TLV_HEADER.pack(RECEIPTED_MESSAGE_ID, len(written_id) + 1) + written_id + b"\0" + tlv_tail
    return receipt_body(recipient, sender, text, tlv_tail)
