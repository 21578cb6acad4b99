"""The statements of the outbox."""

from typing import Protocol


class WebhookStatements(Protocol):
    """What is to be told to whom, and what came of it."""
