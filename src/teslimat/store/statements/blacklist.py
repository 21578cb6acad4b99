"""The statements of the blacklist."""

from teslimat.store.statements.running import Running


class BlacklistSql(Running):
    """The port core.ports.blacklist.BlacklistStatements."""
