"""The statements of the consent registry."""

from collections.abc import Sequence

from teslimat.core.consents import Consent
from teslimat.store.statements.running import Running


class ConsentSql(Running):
    """The port core.ports.consents.ConsentStatements."""

    async def record_consents(self, consents: Sequence[Consent]) -> None:
        self._run_many(self._sql["record_consent"], consents)
