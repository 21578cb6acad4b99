"""`teslimat serve`: the gateway."""

from typing import Annotated

import typer
import uvloop

from teslimat.config import Settings, load_settings
from teslimat.telemetry import set_up_logging


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.", show_default="8080")] = None,
) -> None:
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C)."""
    from teslimat.app import serve as run_gateway  # noqa: PLC0415 - it takes longer than most commands run

    shared: Settings = context.obj
    settings = load_settings({"database": shared.database, "host": host, "port": port})
    set_up_logging(settings.log_level)
    uvloop.run(run_gateway(settings, _listening))


def _listening(address: str) -> None:
    typer.echo(f"teslimat takes orders at {address}")
