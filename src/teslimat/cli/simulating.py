"""`teslimat simulator`: an SMSC to try things out against."""

import asyncio
from typing import Annotated

import typer
import uvloop

from teslimat.carriers.simulator.receipts import IdForm
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import run
from teslimat.core.clock import SystemClock
from teslimat.flows.accounts import BadSetting
from teslimat.listening import port_in_use


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The SMPP port; 0 takes a free one.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    stats_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Answer GET / there with what was seen, as JSON.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What looks random follows from it.")] = 0,
    undelivered: Annotated[float, typer.Option(min=0, max=1, help="The share of messages that fail.")] = 0,
    delay: Annotated[float, typer.Option(min=0, help="Seconds until a receipt.")] = 0,
    jitter: Annotated[float, typer.Option(min=0, help="Up to so many seconds more.")] = 0,
    answer_delay: Annotated[float, typer.Option(min=0, help="Seconds until an answer.")] = 0,
    share: Annotated[
        list[str] | None, typer.Option(help="OUTCOME=R: the share of messages with an outcome; can be given again.")
    ] = None,
    late: Annotated[float, typer.Option(min=0, help="Seconds that the outcomes called late wait.")] = 2,
    keep_texts: Annotated[
        int, typer.Option(min=0, help="Show the texts of so many messages at /texts of the statistics port.")
    ] = 0,
    reorder: Annotated[bool, typer.Option(help="Answer and deliver out of order.")] = False,  # noqa: FBT002 - a flag
    disconnect_every: Annotated[int, typer.Option(min=0, help="Hang up after so many messages; 0 never.")] = 0,
    hex_ids: Annotated[bool, typer.Option(help="Write message ids in hex in answers.")] = False,  # noqa: FBT002 - a flag
    receipt_window: Annotated[int, typer.Option(min=1, help="Receipts unacknowledged per session.")] = 500,
    system_id: Annotated[str, typer.Option(help="Who may bind; anyone if not given.")] = "",
    password: Annotated[str, typer.Option(help="With which password; any if not given.")] = "",
) -> None:
    """Run a simulated carrier; docs/sandbox.md tells what its numbers do."""
    try:
        script = Script(
            seed=seed,
            undelivered=undelivered,
            shares=_shares(share or []),
            delay=delay,
            jitter=jitter,
            answer_delay=answer_delay,
            late=late,
            keep_texts=keep_texts,
            reorder=reorder,
            disconnect_every=disconnect_every,
            answer_ids=IdForm.HEX if hex_ids else IdForm.DECIMAL,
            receipt_window=receipt_window,
            system_id=system_id,
            password=password,
        )
    except ValueError as error:
        raise BadSetting(str(error)) from error
    try:
        uvloop.run(run(script, SystemClock(), host=host, port=port, stats_port=stats_port, ready=_ready))
    except OSError as error:
        raise port_in_use(host, port, error) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        return


def _ready(port: int, stats_port: int | None) -> None:
    typer.echo(f"simulator listens on port {port}" + ("" if stats_port is None else f", statistics on {stats_port}"))


def _shares(given: list[str]) -> dict[str, float]:
    shares = {}
    for item in given:
        name, _, share = item.partition("=")
        try:
            shares[name] = float(share)
        except ValueError as error:
            raise BadSetting(f"--share takes OUTCOME=R with R from 0 to 1, not '{item}'") from error
    return shares
