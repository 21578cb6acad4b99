"""The statements of the consent registry."""

from collections.abc import Sequence
from typing import Protocol

from teslimat.core.consents import Consent


class ConsentStatements(Protocol):
    """Who may be told of commercial things."""

    async def record_consents(self, consents: Sequence[Consent]) -> None:
        """Record these, in order; one that was given before what is on record changes nothing."""
        ...
