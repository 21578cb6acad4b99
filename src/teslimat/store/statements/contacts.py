"""The statements of the address book."""

from teslimat.store.statements.running import Running


class ContactSql(Running):
    """The port core.ports.contacts.ContactStatements."""
