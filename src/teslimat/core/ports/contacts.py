"""The statements of the address book."""

from typing import Protocol


class ContactStatements(Protocol):
    """The contacts of an account, and their groups."""
