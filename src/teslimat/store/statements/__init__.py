"""The statements of one SQLite transaction: rows in, rows out, nothing decided."""

from teslimat.store.statements.blacklist import BlacklistSql
from teslimat.store.statements.consents import ConsentSql
from teslimat.store.statements.contacts import ContactSql
from teslimat.store.statements.orders import OrderSql
from teslimat.store.statements.settings import SettingsSql
from teslimat.store.statements.webhooks import WebhookSql


class SqliteTransaction(OrderSql, SettingsSql, BlacklistSql, ConsentSql, ContactSql, WebhookSql):
    """The port core.ports.Transaction on a connection inside a transaction.

    Its coroutines never suspend: a statement takes microseconds, and waits for nothing.
    """
