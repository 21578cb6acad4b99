"""The statements of the blacklist."""

from typing import Protocol


class BlacklistStatements(Protocol):
    """Whom an account does not text."""
