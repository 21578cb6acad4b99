"""`teslimat carrier`: who delivers."""

from typing import Annotated

import typer
from msgspec.structs import replace

from teslimat.carriers.pool import check_bind
from teslimat.carriers.profile import PROFILES
from teslimat.cli.stored import with_store
from teslimat.cli.terminal import console, listing
from teslimat.core.model import Carrier
from teslimat.flows.accounts import BadSetting
from teslimat.store.sqlite import SqliteStore

app = typer.Typer(help="Carriers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The carrier's name.")]
Port = typer.Option(min=1, max=65_535, help="Its SMPP port.")
Window = typer.Option(min=1, max=100_000, help="Unanswered submits on one bind at most.")
Pace = typer.Option(min=0, max=1_000_000, help="Message parts per second over all binds; 0 is no limit.")
Binds = typer.Option(min=1, max=64, help="Sessions at the same time.")
Profile = typer.Option(help=f"Its quirks: {', '.join(PROFILES)}.")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    host: Annotated[str, typer.Option(help="Its SMPP host.")],
    port: Annotated[int, Port],
    system_id: Annotated[str, typer.Option(help="The system_id of the bind.")],
    password: Annotated[str, typer.Option(help="The password of the bind.")],
    window: Annotated[int, Window] = 100,
    parts_per_second: Annotated[int, Pace] = 0,
    binds: Annotated[int, Binds] = 1,
    profile: Annotated[str, Profile] = "default",
) -> None:
    """Add a carrier; a running gateway binds to it at once."""
    carrier = Carrier(0, name, host, port, system_id, password, window, parts_per_second, binds, profile)
    _check(carrier)
    with_store(context.obj, lambda store: store.transact(lambda tx: tx.insert_carrier(carrier)))


@app.command("set")
def change(
    context: typer.Context,
    name: Name,
    host: Annotated[str | None, typer.Option(help="Its SMPP host.")] = None,
    port: Annotated[int | None, Port] = None,
    system_id: Annotated[str | None, typer.Option(help="The system_id of the bind.")] = None,
    password: Annotated[str | None, typer.Option(help="The password of the bind.")] = None,
    window: Annotated[int | None, Window] = None,
    parts_per_second: Annotated[int | None, Pace] = None,
    binds: Annotated[int | None, Binds] = None,
    profile: Annotated[str | None, Profile] = None,
) -> None:
    """Change a carrier; a running gateway finishes what is under way and binds anew."""
    given = {
        "host": host,
        "port": port,
        "system_id": system_id,
        "password": password,
        "window": window,
        "parts_per_second": parts_per_second,
        "binds": binds,
        "profile": profile,
    }
    wanted = {field: value for field, value in given.items() if value is not None}
    if not wanted:
        raise BadSetting("say what to change: 'teslimat carrier set --help' lists the options")

    async def work(store: SqliteStore) -> None:
        carrier = replace(await named(store, name), **wanted)
        _check(carrier)
        await store.transact(lambda tx: tx.update_carrier(carrier))

    with_store(context.obj, work)


@app.command("list")
def list_all(context: typer.Context) -> None:
    """List the carriers."""
    table = listing("name", "address", "system_id", "window", "parts/s", "binds", "profile")
    for carrier in with_store(context.obj, lambda store: store.carriers()):
        pace = f"{carrier.parts_per_second:,}" if carrier.parts_per_second else "no limit"
        address = f"{carrier.host}:{carrier.port}"
        figures = (f"{carrier.window:,}", pace, str(carrier.binds))
        table.add_row(carrier.name, address, carrier.system_id, *figures, carrier.profile)
    console().print(table)


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Remove a carrier; what waits for it goes to the others."""

    async def work(store: SqliteStore) -> None:
        carrier = await named(store, name)
        await store.transact(lambda tx: tx.remove_carrier(carrier.id))

    with_store(context.obj, work)


async def named(store: SqliteStore, name: str) -> Carrier:
    """Find a carrier. Raises BadSetting if there is none of that name."""
    for carrier in await store.carriers():
        if carrier.name == name:
            return carrier
    raise BadSetting(f"there is no carrier called '{name}': see 'teslimat carrier list'")


def _check(carrier: Carrier) -> None:
    if not carrier.name.strip() or not carrier.host.strip():
        raise BadSetting("a carrier needs a name and a host")
    if carrier.profile not in PROFILES:
        raise BadSetting(f"there is no profile '{carrier.profile}': choose one of {', '.join(PROFILES)}")
    try:
        check_bind(carrier)
    except ValueError as error:
        raise BadSetting(
            "a system_id has at most 15 characters, a password at most 8, all Latin-1 and none NUL"
        ) from error
