"""The statements by which an operator changes accounts and carriers."""

from typing import Protocol

from teslimat.core.model import Account, Carrier


class SettingsStatements(Protocol):
    """What an operator changes."""

    async def insert_account(self, account: Account) -> int:
        """Store an account (its id is ignored) and return its id; raises NameTaken."""
        ...

    async def update_account(self, account: Account) -> None:
        """Write back what an operator sets; balances only change by statements that add. Raises NameTaken."""
        ...

    async def lock_account(self, account_id: int) -> Account:
        """Give an account as it is now, locked."""
        ...

    async def add_credits(self, account_id: int, credits_: int) -> None:
        """Credit an account."""
        ...

    async def insert_carrier(self, carrier: Carrier) -> int:
        """Store a carrier (its id is ignored) and return its id; raises NameTaken or NoMoreCarriers."""
        ...

    async def update_carrier(self, carrier: Carrier) -> None:
        """Write a carrier's settings back."""
        ...

    async def remove_carrier(self, carrier_id: int) -> None:
        """Retire a carrier; its id is never used again, for blocks and receipts refer to it."""
        ...
