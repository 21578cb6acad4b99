"""The command `teslimat`: its parts, and how it fails: one line that says what to do, and an exit code."""

import sys
from typing import Annotated

import typer

from teslimat.cli import accounts, carriers, database, demo, sandbox, serving, simulating
from teslimat.cli.terminal import complain
from teslimat.config import WrongSetting, load_settings
from teslimat.core.ports import NameTaken, StoreUnavailable
from teslimat.flows.accounts import BadSetting
from teslimat.listening import PortInUse
from teslimat.store.migrate import WrongSchema
from teslimat.store.sqlite import DatabaseInUse

WRONG_USE = 2
FAILED = 1

app = typer.Typer(
    help="An SMS gateway built around the delivery report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(accounts.app, name="account")
app.add_typer(carriers.app, name="carrier")
app.command("serve")(serving.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("simulator")(simulating.simulator)
app.command("demo")(demo.demo)


@app.callback()
def settings(
    context: typer.Context,
    database: Annotated[
        str | None,
        typer.Option(help="Where everything is kept: sqlite:///FILE.  [env: TESLIMAT_DATABASE]", show_default=False),
    ] = None,
) -> None:
    """Read the settings that all commands share."""
    context.obj = load_settings({"database": database})


def run() -> None:
    """Run the command line, and turn what can be expected to fail into a line and an exit code."""
    try:
        app()
    except (WrongSetting, BadSetting) as error:
        complain(str(error))
        sys.exit(WRONG_USE)
    except (WrongSchema, DatabaseInUse, PortInUse, StoreUnavailable) as error:
        complain(str(error))
        sys.exit(FAILED)
    except NameTaken as error:
        complain(f"there is one called '{error}' already: choose another name")
        sys.exit(FAILED)
