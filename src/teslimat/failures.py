"""How a command can fail through nobody's fault in this program; each message says what to do."""


class CommandFailed(Exception):  # noqa: N818 - the message is what matters
    """The command could not do its work."""


class PortInUse(CommandFailed):
    """Nothing can listen there, as a rule because something else does."""


class DidNotStart(CommandFailed):
    """A process that the command needs ended before it was ready."""


class NoSandbox(CommandFailed):
    """A sandbox was to use a database that is not its own."""


class DemoFailed(CommandFailed):
    """The gateway did not answer the demo as it should."""


class GatewayFailed(CommandFailed):
    """A fault of the gateway ended it."""
