"""`teslimat field`: what the contacts of an account can have besides a name, an address and a number."""

from typing import Annotated

import typer

from teslimat.cli.stored import named_account, with_store
from teslimat.cli.terminal import console, listing
from teslimat.flows.contacts import add_field, list_fields
from teslimat.store.sqlite import SqliteStore

app = typer.Typer(help="Custom fields of contacts.", no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]


@app.command()
def add(
    context: typer.Context, account: AccountName, name: Annotated[str, typer.Argument(help="The field's name.")]
) -> None:
    """Define a custom field for the contacts of an account, and show its id."""

    async def work(store: SqliteStore) -> int:
        return await add_field(store, (await named_account(store, account)).id, name)

    typer.echo(with_store(context.obj, work))


@app.command("list")
def list_all(context: typer.Context, account: AccountName) -> None:
    """List the custom fields of an account's contacts."""
    table = listing("id", "name")

    async def work(store: SqliteStore) -> None:
        for field in await list_fields(store, (await named_account(store, account)).id):
            table.add_row(str(field.id), field.name)

    with_store(context.obj, work)
    console().print(table)
