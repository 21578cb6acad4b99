"""What a webhook is told: one POST for each change of a message's state.

`msgspec.json.decode(body, type=Webhook)` reads it. The headers follow Standard Webhooks: `webhook-id` names the event
(the same whenever it is told), `webhook-timestamp` is when it was posted, `webhook-signature` signs both and the body.
"""

from msgspec import Struct


class Report(Struct, frozen=True):
    """What became of one message."""

    id: int
    """The message; unique within its order, and at most 2,147,483,647."""
    packet_id: int
    """The order, as `send-sms` named it."""
    status: str
    """`accepted`, then `delivered` or `undelivered`. A recipient that is refused at once was never accepted."""
    to: str
    """The recipient as `+90…`; what is no number stands there as it was sent."""
    body: str
    """The text as it was sent, without the operator code."""


class Webhook(Struct, frozen=True):
    """The body of a POST."""

    report: Report
