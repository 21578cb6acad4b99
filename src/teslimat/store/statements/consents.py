"""The statements of the consent registry."""

from teslimat.store.statements.running import Running


class ConsentSql(Running):
    """The port core.ports.consents.ConsentStatements."""
