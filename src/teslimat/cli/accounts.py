"""`teslimat account`: who may send."""

import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, cast

import msgspec
import typer

from teslimat.cli.stored import named_account, with_store
from teslimat.cli.terminal import console, listing
from teslimat.config import Settings
from teslimat.core.model import Account
from teslimat.core.numbers import parse
from teslimat.core.ports import NameTaken
from teslimat.failures import CommandFailed
from teslimat.flows.accounts import (
    BadSetting,
    Changes,
    amount_in_words,
    body_limit,
    change_account,
    checked_password,
    new_account,
    new_credentials,
    open_account,
    read_amount,
)
from teslimat.passwords import hash_password
from teslimat.store.sqlite import SqliteStore

app = typer.Typer(help="Accounts.", no_args_is_help=True)

_SWITCH: Final = {"on": True, "off": False}
_STRICTNESS: Final = {"strict": True, "lenient": False}
_ORDER_IDS: Final = {"numbers": True, "text": False}

Name = Annotated[str, typer.Argument(help="The account's name.")]
UnitPrice = Annotated[str | None, typer.Option(help="What a message part costs: credits, or lira such as 0.0372.")]


class UsernameTaken(CommandFailed):
    """Two accounts were to have one login."""


@app.command()
def create(
    context: typer.Context,
    name: Name,
    sender: Annotated[list[str], typer.Option(help="A sender it may use; can be given again.")],
    credits_: Annotated[int | None, typer.Option("--credits", min=0, help="What it can spend, in credits.")] = None,
    balance: Annotated[str | None, typer.Option(help="What it can spend, in lira, such as 10.58.")] = None,
    unit_price: UnitPrice = None,
    *,
    lira: Annotated[bool, typer.Option("--lira", help="It pays in lira, for good; credits if not given.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Open an account. Its key, secret and hash are shown now, and never again."""
    settings: Settings = context.obj
    if lira and unit_price is None:
        raise BadSetting("an account in lira needs a --unit-price, such as 0.0372")
    given = new_credentials(secrets.token_bytes)
    account = new_account(
        name,
        given,
        credits_=_amount(None if credits_ is None else str(credits_), balance, in_lira=lira),
        senders=sender,
        in_lira=lira,
        unit_price=1 if unit_price is None else read_amount(unit_price, in_lira=lira),
    )
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
    balance: Annotated[str | None, typer.Option(help="+N adds N lira, such as +10.58.")] = None,
    unit_price: UnitPrice = None,
    max_recipients: Annotated[int | None, typer.Option(help="Recipients of one order at most.")] = None,
    recipients_per_second: Annotated[
        int | None, typer.Option(help="Recipients of transactional orders taken per second; 0 is no limit.")
    ] = None,
    max_body: Annotated[int | None, typer.Option(help="Bytes of a request; 0 follows --max-recipients.")] = None,
    iys_code: Annotated[str | None, typer.Option(help="Its code in the consent registry, or none.")] = None,
    iys: Annotated[str | None, typer.Option(help="lenient or strict: whether an order may leave iys out.")] = None,
    seconds: Annotated[
        str | None, typer.Option(help="lenient or strict: whether a sendDateTime may have seconds.")
    ] = None,
    order_ids: Annotated[str | None, typer.Option(help="text or numbers: order ids in reports.")] = None,
    contacts: Annotated[str | None, typer.Option(help="on or off: whether it has an address book.")] = None,
    test_number: Annotated[str | None, typer.Option(help="The only number APITEST reaches, or none.")] = None,
    login: Annotated[str | None, typer.Option(help="A username for old clients, or off; asks for a password.")] = None,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Change an account; a running gateway takes it up at once."""
    changes = _given(
        ("api_access", api_access, _one_of("--api-access", _SWITCH)),
        ("allow_ips", allow_ip, lambda networks: [network for network in networks if network != "any"]),
        ("senders", sender, list),
        ("max_recipients", max_recipients, int),
        ("recipients_per_second", recipients_per_second, int),
        ("max_body", max_body, int),
        ("iys_code", iys_code, lambda code: None if code == "none" else code),
        ("strict_iys", iys, _one_of("--iys", _STRICTNESS)),
        ("strict_seconds", seconds, _one_of("--seconds", _STRICTNESS)),
        ("int_order_ids", order_ids, _one_of("--order-ids", _ORDER_IDS)),
        ("contacts", contacts, _one_of("--contacts", _SWITCH)),
        ("test_number", test_number, lambda number: None if number == "none" else _mobile(number)),
    )
    changes |= _login(login, from_stdin=password_stdin)
    if not changes and all(option is None for option in (credits_, balance, unit_price)):
        raise BadSetting("say what to change: 'teslimat account set --help' lists the options")

    async def work(store: SqliteStore) -> None:
        account = await named_account(store, name)
        priced = _given(("unit_price", unit_price, lambda price: read_amount(price, in_lira=account.in_lira)))
        more = _amount(_added("--credits", credits_), _added("--balance", balance), in_lira=account.in_lira)
        try:
            await change_account(store, account, credits_=more, **(changes | priced))
        except NameTaken as error:
            # The account keeps its own name, so this is about the login.
            raise UsernameTaken(f"the username '{error}' belongs to another account") from error

    with_store(context.obj, work)


@app.command("list")
def list_all(context: typer.Context) -> None:
    """List the accounts."""
    table = listing("name", "key", "balance", "API access", "senders", whole="key")
    for account in with_store(context.obj, lambda store: store.accounts()):
        left = amount_in_words(account.balance, in_lira=account.in_lira)
        table.add_row(account.name, account.key, left, _on_off(account.api_access), ", ".join(account.senders))
    console().print(table)


@app.command()
def show(context: typer.Context, name: Name) -> None:
    """Show one account."""
    account = with_store(context.obj, lambda store: named_account(store, name))
    for label, value in _described(account).items():
        typer.echo(f"{label + ':':23}{value}")


def _described(account: Account) -> dict[str, str]:
    """Say what is set of an account, under the names of the options that set it."""
    price = amount_in_words(account.unit_price, in_lira=account.in_lira)
    pace = f"{account.recipients_per_second:,} transactional ones at most"
    return {
        "name": account.name,
        "key": account.key,
        "login": account.username or "off",
        "api-access": _on_off(account.api_access),
        "allow-ip": ", ".join(account.allow_ips) or "any",
        "balance": amount_in_words(account.balance, in_lira=account.in_lira),
        "credited": f"{amount_in_words(account.credited, in_lira=account.in_lira)} in all",
        "unit-price": f"{price} for a message part",
        "sender": ", ".join(account.senders),
        "test-number": f"+{account.test_number}" if account.test_number else "none",
        "max-recipients": f"{account.max_recipients:,} per order",
        "recipients-per-second": pace if account.recipients_per_second else "no limit",
        "max-body": f"{body_limit(account.max_body, account.max_recipients):,} bytes",
        "iys-code": account.iys_code or "none",
        "iys": _word(_STRICTNESS, meaning=account.strict_iys),
        "seconds": _word(_STRICTNESS, meaning=account.strict_seconds),
        "order-ids": _word(_ORDER_IDS, meaning=account.int_order_ids),
        "contacts": _on_off(account.contacts),
    }


def _given(*settings: tuple[str, object, Callable[[Any], object]]) -> Changes:
    """Read those settings that were given: name of the field, what was typed, what reads it."""
    return cast("Changes", {field: read(typed) for field, typed, read in settings if typed is not None})


def _one_of(option: str, meanings: Mapping[str, bool]) -> Callable[[str], bool]:
    def read(word: str) -> bool:
        if word not in meanings:
            raise BadSetting(f"{option} is {' or '.join(map(repr, meanings))}, not '{word}'")
        return meanings[word]

    return read


def _mobile(written: str) -> int:
    number = parse(written)
    if number is None:
        raise BadSetting(f"'{written}' is no Turkish mobile number")
    return number


def _login(username: str | None, *, from_stdin: bool) -> Changes:
    """Read what old clients log in with; a password is asked for, or read, and never an argument."""
    if username in {None, "off"}:
        if from_stdin:
            raise BadSetting("--password-stdin goes with --login and a username")
        return {} if username is None else {"username": None, "password_hash": None}
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise BadSetting("there is nobody to ask for a password: use --password-stdin")
    return {"username": username, "password_hash": hash_password(checked_password(password))}


def _added(option: str, typed: str | None) -> str | None:
    """Read what is to be added; its sign keeps anybody from taking it for what is to be there."""
    if typed is not None and not typed.startswith("+"):
        raise BadSetting(f"{option} takes +N, what is to be added, not '{typed}'")
    return None if typed is None else typed.removeprefix("+")


def _amount(credits_: str | None, balance: str | None, *, in_lira: bool) -> int:
    """Read the amount in the account's own unit; 0 if there is none. Raises BadSetting for one in the other unit."""
    written, other = (balance, credits_) if in_lira else (credits_, balance)
    if other is not None:
        raise BadSetting(
            "this account is in lira: use --balance" if in_lira else "this account is in credits: use --credits"
        )
    return 0 if written is None else read_amount(written, in_lira=in_lira)


def _on_off(switch: bool) -> str:  # noqa: FBT001 - there is nothing else to say
    return _word(_SWITCH, meaning=switch)


def _word(meanings: Mapping[str, bool], *, meaning: bool) -> str:
    return next(word for word, means in meanings.items() if means == meaning)
