"""`teslimat sandbox`: a gateway, an account and a simulated carrier in one command."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Final

import typer
import uvloop
from msgspec.structs import replace

from teslimat.cli.processes import running
from teslimat.cli.stored import with_store
from teslimat.config import Settings, load_settings
from teslimat.core.model import Carrier
from teslimat.failures import NoSandbox
from teslimat.flows.accounts import Credentials, change_account, credentials, new_account, open_account
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, serve_lock
from teslimat.telemetry import set_up_logging

DATABASE: Final = "sqlite:///teslimat-demo.db"
ACCOUNT: Final = "demo"
SENDER: Final = "TESLIMAT"
CREDITS: Final = 1_000_000
CREDENTIALS: Final[Credentials] = credentials("7e517a7" + "0" * 25, "5ec2e7" + "0" * 58)
"""The same in every sandbox, so that a line copied from one works in the next; a sandbox listens on localhost."""
THIS_MACHINE: Final = ("127.0.0.0/8", "::1")
"""Whoever tries webhooks out has a receiver here, and nobody else can add one."""
CARRIER: Final = Carrier(0, "simulator", "127.0.0.1", 0, "sandbox", "sandbox", 500, 0, 1, "default")


def sandbox(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="The HTTP port.", show_default="8080")] = None,
    undelivered: Annotated[float, typer.Option(min=0, max=1, help="The share of messages that fail.")] = 0.05,
    delay: Annotated[float, typer.Option(min=0, help="Seconds until a receipt.")] = 0.2,
) -> None:
    """Run a gateway with a demo account and a simulated carrier: no SMS leaves this machine."""
    from teslimat.app import serve as run_gateway  # noqa: PLC0415 - it takes longer than most commands run

    settings = sandbox_settings(context.obj, port)
    set_up_logging(settings.log_level)
    with simulated_carrier(settings, undelivered, delay):
        uvloop.run(run_gateway(settings, lambda address: _listening(settings, address)))


def sandbox_settings(shared: Settings, port: int | None) -> Settings:
    """Give the sandbox's settings: its own database, unless another is named."""
    named = shared.database != Settings().database
    database = shared.database if named else DATABASE
    networks = shared.webhook_networks or THIS_MACHINE
    return load_settings({"database": database, "host": "127.0.0.1", "port": port, "webhook_networks": networks})


@contextmanager
def simulated_carrier(settings: Settings, undelivered: float, delay: float) -> Iterator[str]:
    """Run the sandbox's carrier, with database and account ready for a gateway; yields the carrier's ready line.

    Raises DatabaseInUse or NoSandbox, before anything is changed, if a gateway is running on the database, or if it
    is one of real accounts and carriers.
    """
    with ExitStack() as carrier:
        with serve_lock(settings.database_path):
            options = ["--port=0", f"--undelivered={undelivered}", f"--delay={delay}", f"--jitter={delay}"]
            ready = carrier.enter_context(running("simulator", options, {}))
            prepare(settings, port_in(ready))
        yield ready


def prepare(settings: Settings, simulator_port: int) -> None:
    """Make the database, the account and the carrier, as far as they are not there yet."""
    migrate(settings.database_path)
    with_store(settings, lambda store: _prepare(store, simulator_port))


def port_in(ready: str) -> int:
    """Read the port out of the simulator's ready line."""
    (port,) = re.findall(r"port (\d+)", ready)
    return int(port)


async def _prepare(store: SqliteStore, simulator_port: int) -> None:
    known = {account.name: account for account in await store.accounts()}
    carriers = {carrier.name: carrier for carrier in await store.carriers()}
    if known.keys() - {ACCOUNT} or carriers.keys() - {CARRIER.name}:
        # Its account is known to everybody, and another carrier would send real messages.
        raise NoSandbox("this database has accounts or carriers of its own: a sandbox needs one for itself")
    if ACCOUNT not in known:
        await open_account(store, new_account(ACCOUNT, CREDENTIALS, credits_=CREDITS, senders=[SENDER]))
    elif known[ACCOUNT].balance < CREDITS:
        await change_account(store, known[ACCOUNT], credits_=CREDITS - known[ACCOUNT].balance)
    if CARRIER.name in carriers:
        moved = replace(carriers[CARRIER.name], port=simulator_port)
        await store.transact(lambda tx: tx.update_carrier(moved))
    else:
        added = replace(CARRIER, port=simulator_port)
        await store.transact(lambda tx: tx.insert_carrier(added))


def _listening(settings: Settings, address: str) -> None:
    # Whoever started this process may read the first line only.
    typer.echo(f"teslimat takes orders at {address}, key {CREDENTIALS.key}, hash {CREDENTIALS.hash}")
    typer.echo(f"account {ACCOUNT}, sender {SENDER}, database {settings.database}")
