"""The command `teslimat`: its parts, and how it fails: one line that says what to do, and an exit code."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from teslimat.cli import accounts, carriers, database, demo, fields, sandbox, serving, simulating, webhooks
from teslimat.cli.terminal import complain
from teslimat.config import WrongSetting, load_settings
from teslimat.core.ports import NameTaken, NoMoreCarriers, StoreUnavailable
from teslimat.failures import CommandFailed
from teslimat.flows.accounts import BadSetting
from teslimat.store.migrate import WrongSchema
from teslimat.store.sqlite import DatabaseInUse

WRONG_USE = 2
FAILED = 1


def _show_version(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if asked:
        typer.echo(version("teslimat"))
        raise typer.Exit


app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(accounts.app, name="account")
app.add_typer(carriers.app, name="carrier")
app.add_typer(fields.app, name="field")
app.add_typer(webhooks.app, name="webhooks")
app.command("serve")(serving.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("simulator")(simulating.simulator)
app.command("demo")(demo.demo)


@app.callback()
def settings(
    context: typer.Context,
    database: Annotated[
        str | None,
        typer.Option(help="Where everything is kept: sqlite:///FILE.", envvar="TESLIMAT_DATABASE", show_default=False),
    ] = None,
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """An SMS gateway built around the delivery report.

    Settings also come from the environment (TESLIMAT_PORT, for one) and from
    the TOML file that TESLIMAT_CONFIG names; docs/operating.md lists them.
    """
    context.obj = load_settings({"database": database})


def run() -> None:
    """Run the command line, and turn what can be expected to fail into a line and an exit code."""
    try:
        app()
    except (WrongSetting, BadSetting) as error:
        complain(str(error))
        sys.exit(WRONG_USE)
    except (CommandFailed, WrongSchema, DatabaseInUse, StoreUnavailable) as error:
        complain(str(error))
        sys.exit(FAILED)
    except NoMoreCarriers:
        complain("a database takes 255 carriers in its life, removed ones included: change one instead of adding one")
        sys.exit(FAILED)
    except NameTaken as error:
        complain(f"there is one called '{error}' already: choose another name")
        sys.exit(FAILED)
