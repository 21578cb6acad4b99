"""The statements of the consent registry."""

from typing import Protocol


class ConsentStatements(Protocol):
    """Who has agreed to what, by brand."""
