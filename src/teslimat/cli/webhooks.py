"""`teslimat webhooks`: who is told of an account's messages, what came of it, and telling it again."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from teslimat.cli.stored import named_account, with_store
from teslimat.cli.terminal import console, listing
from teslimat.config import Settings
from teslimat.core.clock import SystemClock
from teslimat.core.networks import read_address
from teslimat.core.news import AttemptRow, event_id, read_event_id
from teslimat.flows.accounts import BadSetting
from teslimat.flows.replay import replay_order, replay_parked, replay_span
from teslimat.flows.targets import (
    DEFAULT_CONCURRENCY,
    Changes,
    add_target,
    change_target,
    remove_target,
    rotate_secret,
    target_of,
)
from teslimat.store.sqlite import SqliteStore
from teslimat.webhooks.addresses import check_url, refusal
from teslimat.webhooks.signing import format_secret, new_secret

app = typer.Typer(help="Webhooks.", no_args_is_help=True)

_TURKEY: Final = timezone(timedelta(hours=3))
_SWITCH: Final = {"on": True, "off": False}
_CLOCK: Final = SystemClock()
_LARGEST: Final = 2**63 - 1
"""More is no order's id, and more than a database's integers hold."""

Id = Annotated[int, typer.Argument(metavar="ID", help="The webhook's id.")]
Concurrency = typer.Option(help="POSTs under way at once, at most.")
PerSecond = typer.Option(help="POSTs begun per second, at most; 0 is no limit.")


@app.command()
def add(
    context: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where its news go: https://…")],
    concurrency: Annotated[int, Concurrency] = DEFAULT_CONCURRENCY,
    per_second: Annotated[int, PerSecond] = 0,
) -> None:
    """Tell a URL of an account's messages from now on. The secret is shown now, and never again."""
    _check_url(context.obj, url)
    secret = new_secret(secrets.token_bytes)

    async def work(store: SqliteStore) -> int:
        owner = await named_account(store, account)
        return await add_target(store, owner, url, secret, concurrency=concurrency, per_second=per_second)

    typer.echo(f"id:     {with_store(context.obj, work)}")
    typer.echo(f"secret: {format_secret(secret)}")


@app.command("list")
def list_all(context: typer.Context) -> None:
    """List the webhooks."""
    table = listing("id", "account", "URL", "at once", "per second", "enabled", "secrets")

    async def work(store: SqliteStore) -> None:
        names = {account.id: account.name for account in await store.accounts()}
        now = _CLOCK.now()
        for target in await store.webhook_targets():
            pace = f"{target.per_second:,}" if target.per_second else "no limit"
            signing = sum(not secret.until or now < secret.until for secret in target.secrets)
            figures = (str(target.concurrency), pace, "on" if target.enabled else "off", str(signing))
            table.add_row(str(target.id), names[target.account_id], target.url, *figures)

    with_store(context.obj, work)
    console().print(table)


@app.command("set")
def change(
    context: typer.Context,
    target_id: Id,
    url: Annotated[str | None, typer.Option(help="Where the news go instead.")] = None,
    concurrency: Annotated[int | None, Concurrency] = None,
    per_second: Annotated[int | None, PerSecond] = None,
    enabled: Annotated[str | None, typer.Option(help="on or off: whether anything is told.")] = None,
) -> None:
    """Change a webhook; a running gateway takes it up at once."""
    if enabled is not None and enabled not in _SWITCH:
        raise BadSetting(f"--enabled is 'on' or 'off', not '{enabled}'")
    if url is not None:
        _check_url(context.obj, url)
    given: Changes = {}
    if url is not None:
        given["url"] = url
    if concurrency is not None:
        given["concurrency"] = concurrency
    if per_second is not None:
        given["per_second"] = per_second
    if enabled is not None:
        given["enabled"] = _SWITCH[enabled]
    with_store(context.obj, lambda store: change_target(store, target_id, **given))


@app.command()
def rotate(
    context: typer.Context,
    target_id: Id,
    keep_hours: Annotated[
        float, typer.Option(min=0, max=24 * 365, help="How long the old secret signs beside the new one.")
    ] = 24,
) -> None:
    """Give a webhook a new secret, which is shown now, and never again."""
    secret = new_secret(secrets.token_bytes)
    with_store(context.obj, lambda store: rotate_secret(store, target_id, secret, keep_hours, _CLOCK.now()))
    typer.echo(f"secret: {format_secret(secret)}")


@app.command()
def remove(context: typer.Context, target_id: Id) -> None:
    """Remove a webhook, with all that is still to be told to it."""
    with_store(context.obj, lambda store: remove_target(store, target_id))


@app.command()
def log(
    context: typer.Context,
    target_id: Id,
    order: Annotated[int | None, typer.Option(min=1, max=_LARGEST, help="Only of this order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many lines at most.")] = 50,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only failures.")] = False,
) -> None:
    """Show the newest attempts, newest first."""

    async def work(store: SqliteStore) -> list[AttemptRow]:
        target = await target_of(store, target_id)
        return await store.attempts(target.id, order, limit, failed=failed)

    table = listing("time", "event", "attempt", "status", "ms", "error", whole="event")
    for row in with_store(context.obj, work):
        time = datetime.fromtimestamp(row.at / 1000, _TURKEY).isoformat(" ", "milliseconds").removesuffix("+03:00")
        event = event_id((row.order_id, row.block_no, row.position), row.event)
        status = str(row.status) if row.status else "none"
        table.add_row(time, event, str(row.attempt), status, f"{row.duration_ms:,}", row.error)
    console().print(table)


@app.command()
def replay(
    context: typer.Context,
    target_id: Id,
    event: Annotated[str | None, typer.Option(help="The event of this id.")] = None,
    order: Annotated[int | None, typer.Option(min=1, max=_LARGEST, help="All that happened to this order.")] = None,
    since: Annotated[str | None, typer.Option(help="What happened from then on, such as 2026-11-24T09:30.")] = None,
    until: Annotated[str | None, typer.Option(help="What happened before then.")] = None,
    *,
    parked: Annotated[bool, typer.Option("--parked", help="What was tried for two days in vain.")] = False,
) -> None:
    """Tell again what was told before, and try now what waits; in their turn, if the webhook is only probed."""
    spans = since is not None or until is not None
    if (event is not None) + (order is not None) + spans + parked != 1:
        raise BadSetting("say what to replay: --event, --order, --since and --until, or --parked")
    again = _replay(event, order, (since, until), parked=parked)

    async def work(store: SqliteStore) -> int:
        target = await target_of(store, target_id)
        return await again(store, target.id)

    typer.echo(f"events to tell: {with_store(context.obj, work):,}")


def _replay(
    event: str | None, order: int | None, span: tuple[str | None, str | None], *, parked: bool
) -> Callable[[SqliteStore, int], Awaitable[int]]:
    if parked:
        return lambda store, target: replay_parked(store, _CLOCK, target)
    if order is not None:
        return lambda store, target: replay_order(store, _CLOCK, target, order)
    if event is not None:
        found = read_event_id(event)
        if found is None:
            raise BadSetting(f"'{event}' is no event: see 'teslimat webhooks log'")
        return lambda store, target: replay_order(store, _CLOCK, target, found[0][0], found)
    since, until = span
    first = _moment(since) if since is not None else 0
    end = _moment(until) if until is not None else _CLOCK.now() + 1
    return lambda store, target: replay_span(store, _CLOCK, target, first, end)


def _moment(written: str) -> int:
    """Read a time, which is Turkey's unless it says otherwise, as milliseconds since 1970 UTC. Raises BadSetting."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadSetting(f"'{written}' is no time: write 2026-11-24 or 2026-11-24T09:30") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=_TURKEY)).timestamp() * 1000)


def _check_url(settings: Settings, url: str) -> None:
    try:
        check_url(url, allow_plain=bool(settings.webhook_networks))
    except ValueError as error:
        raise BadSetting(str(error)) from error
    parts = urlsplit(url)
    address = read_address(parts.hostname or "")
    # A name is judged when a socket is opened to its address; what is an address already need not wait for that.
    if address is not None and (why := refusal(address, settings.receiver_networks, plain=parts.scheme == "http")):
        raise BadSetting(f"{why}: webhook_networks names no network that {address} is in")
