"""`teslimat account`: who may send."""

import secrets
from typing import Annotated

import msgspec
import typer

from teslimat.cli.stored import with_store
from teslimat.cli.terminal import console, listing
from teslimat.config import Settings
from teslimat.core.model import Account
from teslimat.flows.accounts import BadSetting, change_account, new_account, new_credentials, open_account
from teslimat.store.sqlite import SqliteStore

app = typer.Typer(help="Accounts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]


@app.command()
def create(
    context: typer.Context,
    name: Name,
    sender: Annotated[list[str], typer.Option(help="A sender it may use; can be given again.")],
    credits_: Annotated[int, typer.Option("--credits", min=0, help="What it can spend, one per message part.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Open an account. Its key, secret and hash are shown now, and never again."""
    settings: Settings = context.obj
    given = new_credentials(secrets.token_bytes)
    account = new_account(name, given, credits_=credits_, senders=sender)
    with_store(settings, lambda store: open_account(store, account))
    shown = {"name": name, "key": given.key, "secret": given.secret, "hash": given.hash}
    if json:
        typer.echo(msgspec.json.encode(shown).decode())
        return
    for label, value in shown.items():
        typer.echo(f"{label + ':':8}{value}")
    typer.echo("Keep them: only a digest of the hash is stored.")


@app.command("set")
def change(
    context: typer.Context,
    name: Name,
    api_access: Annotated[str | None, typer.Option(help="on or off: whether requests are answered at all.")] = None,
    allow_ip: Annotated[
        list[str] | None,
        typer.Option(help="An address or network it may call from; can be given again; 'any' allows all."),
    ] = None,
    sender: Annotated[
        list[str] | None, typer.Option(help="A sender it may use, instead of those it had; can be given again.")
    ] = None,
    credits_: Annotated[str | None, typer.Option("--credits", help="+N adds N credits.")] = None,
    max_recipients: Annotated[int | None, typer.Option(help="Recipients of one order at most.")] = None,
) -> None:
    """Change an account; a running gateway takes it up at once."""
    access = _switch(api_access)
    more = _more(credits_)
    networks = None if allow_ip is None else [network for network in allow_ip if network != "any"]

    async def work(store: SqliteStore) -> None:
        await change_account(
            store,
            await _named(store, name),
            api_access=access,
            allow_ips=networks,
            max_recipients=max_recipients,
            senders=sender,
            credits_=more,
        )

    with_store(context.obj, work)


@app.command("list")
def list_all(context: typer.Context) -> None:
    """List the accounts."""
    table = listing("name", "key", "balance", "API access", "senders", whole="key")
    for account in with_store(context.obj, lambda store: store.accounts()):
        access = "on" if account.api_access else "off"
        table.add_row(account.name, account.key, f"{account.balance:,}", access, ", ".join(account.senders))
    console().print(table)


@app.command()
def show(context: typer.Context, name: Name) -> None:
    """Show one account."""
    account = with_store(context.obj, lambda store: _named(store, name))
    for label, value in (
        ("name", account.name),
        ("key", account.key),
        ("balance", f"{account.balance:,} of {account.credited:,} credited"),
        ("API access", "on" if account.api_access else "off"),
        ("allowed from", ", ".join(account.allow_ips) or "any address"),
        ("recipients", f"{account.max_recipients:,} per order at most"),
        ("senders", ", ".join(account.senders)),
    ):
        typer.echo(f"{label + ':':14}{value}")


async def _named(store: SqliteStore, name: str) -> Account:
    for account in await store.accounts():
        if account.name == name:
            return account
    raise BadSetting(f"there is no account called '{name}': see 'teslimat account list'")


def _switch(word: str | None) -> bool | None:
    if word not in {"on", "off", None}:
        raise BadSetting(f"--api-access is 'on' or 'off', not '{word}'")
    return None if word is None else word == "on"


def _more(credits_: str | None) -> int:
    if credits_ is None:
        return 0
    number = credits_.removeprefix("+")
    if not (number.isascii() and number.isdigit()):
        raise BadSetting(f"--credits takes +N, a number of credits to add, not '{credits_}'")
    return int(number)
