"""The statements of the blacklist."""

from teslimat.store.statements.running import Running


class BlacklistSql(Running):
    """The port core.ports.blacklist.BlacklistStatements."""

    async def add_to_blacklist(self, account_id: int, number: int, now: int) -> None:
        self._run(self._sql["add_to_blacklist"], (account_id, number, now))

    async def remove_from_blacklist(self, account_id: int, number: int) -> bool:
        return self._run(self._sql["remove_from_blacklist"], (account_id, number)).fetchone() is not None
