"""`teslimat db`: the schema."""

import typer

from teslimat.cli.terminal import console
from teslimat.config import Settings
from teslimat.store.migrate import migrate as migrate_schema
from teslimat.store.sqlite import serve_lock

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def database() -> None:
    """Keep `migrate` a command of its own, also while it is the only one."""


@app.command()
def migrate(context: typer.Context) -> None:
    """Make the database, or bring it up to date."""
    settings: Settings = context.obj
    with serve_lock(settings.database_path):
        steps = migrate_schema(settings.database_path)
    console().print(f"{settings.database_path} is up to date" + (f" ({', '.join(steps)})" if steps else ""))
