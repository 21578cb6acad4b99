"""The statements of the blacklist."""

from typing import Protocol


class BlacklistStatements(Protocol):
    """Whom an account does not text."""

    async def add_to_blacklist(self, account_id: int, number: int, now: int) -> None:
        """Add a number; one that is there already stays as it was."""
        ...

    async def remove_from_blacklist(self, account_id: int, number: int) -> bool:
        """Remove a number; False if it is not there."""
        ...
