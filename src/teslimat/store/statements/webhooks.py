"""The statements of the outbox."""

from teslimat.store.statements.running import Running


class WebhookSql(Running):
    """The port core.ports.webhooks.WebhookStatements."""
