"""`teslimat demo`: the main job, end to end, against a simulated carrier."""

import time
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from teslimat.cli.processes import running
from teslimat.cli.sandbox import CREDENTIALS, SENDER, sandbox_settings, simulated_carrier
from teslimat.cli.terminal import console
from teslimat.config import Settings
from teslimat.failures import DemoFailed
from teslimat_client.client import ApiError, Client
from teslimat_client.contract import OrderReport

FIRST_NUMBER: Final = 905_300_000_000
ROWS_SHOWN: Final = 5
SECONDS_BETWEEN_LOOKS: Final = 0.1
DELIVERED: Final = 111
WAITING: Final = 110
UNDELIVERED_SHARE: Final = 0.05
RECEIPT_DELAY: Final = 0.2


def demo(
    context: typer.Context,
    recipients: Annotated[int, typer.Option(min=1, max=50_000, help="How many recipients the order has.")] = 10_000,
) -> None:
    """Place an order over HTTP, send it over SMPP to a simulated carrier, and read its report."""
    settings = sandbox_settings(context.obj, None)
    screen = console()
    quiet = {"TESLIMAT_DATABASE": settings.database, "TESLIMAT_LOG_LEVEL": "warning"}
    with simulated_carrier(settings, UNDELIVERED_SHARE, RECEIPT_DELAY) as simulator:
        screen.print(f"carrier   {simulator}")
        with running("serve", ["--port=0"], quiet) as serving:
            address = serving.split()[-1]
            screen.print(f"gateway   {serving}\ndatabase  {settings.database_path}\n")
            with Client(address, CREDENTIALS.key, CREDENTIALS.hash) as client:
                try:
                    _run_order(screen, client, settings, recipients)
                except ApiError as error:
                    raise DemoFailed(f"the gateway refused the demo's order: {error}") from error


def _run_order(screen: Console, client: Client, settings: Settings, recipients: int) -> None:
    # The same text to the same numbers is refused for ten minutes, so that each run says something new.
    text = f"Merhaba! Siparişiniz yola çıktı ({time.strftime('%H:%M:%S')})."
    numbers = [f"+{FIRST_NUMBER + i}" for i in range(recipients)]
    started = time.perf_counter()
    order_id = client.send(SENDER, text, numbers)
    answered = time.perf_counter() - started
    screen.print(f"send-sms  {recipients:,} recipients accepted as order {order_id} in {answered * 1000:.0f} ms")
    with Live(_bars(client.report(order_id, 1, 1)), console=screen, refresh_per_second=20) as live:
        while (report := client.report(order_id, 1, 1)).waiting:
            live.update(_bars(report))
            time.sleep(SECONDS_BETWEEN_LOOKS)
        live.update(_bars(report))
    screen.print()
    took = time.perf_counter() - started
    page = client.report(order_id, 1, ROWS_SHOWN)
    screen.print(_summary(page))
    screen.print(_rows(page))
    screen.print(f"{recipients:,} messages sent and settled in {took:.2f} s ({recipients / took:,.0f} per second)\n")
    screen.print("Read it yourself: run [bold]make serve[/bold] (teslimat sandbox) in another terminal, then\n")
    _print_curl(screen, settings, order_id)


def _bars(report: OrderReport) -> Progress:
    counted = TextColumn("{task.completed:>6,.0f} of {task.total:,.0f}")
    bars = Progress(TextColumn("{task.description:>11}"), BarColumn(40), counted)
    for name, count in (
        ("delivered", report.delivered),
        ("undelivered", report.undelivered),
        ("waiting", report.waiting),
    ):
        bars.add_task(name, total=report.total, completed=count)
    return bars


def _summary(report: OrderReport) -> Table:
    table = Table("order", "status", "total", "delivered", "undelivered", "waiting", "price", title="get-report")
    counters = (report.total, report.delivered, report.undelivered, report.waiting, report.price)
    table.add_row(str(report.id), str(report.status), *(f"{int(counter):,}" for counter in counters))
    return table


def _rows(report: OrderReport) -> Table:
    table = Table("number", "status", title=f"the first {len(report.message)} of {report.total:,} recipients")
    for row in report.message:
        meaning = {DELIVERED: "delivered", WAITING: "waiting"}.get(int(row.status), "undelivered")
        table.add_row(str(row.number), f"{row.status} {meaning}")
    return table


def _print_curl(screen: Console, settings: Settings, order_id: str) -> None:
    request = {
        "request": {
            "authentication": {"key": CREDENTIALS.key, "hash": CREDENTIALS.hash},
            "order": {"id": order_id, "page": "1", "rowCount": str(ROWS_SHOWN)},
        }
    }
    body = msgspec.json.encode(request).decode()
    address = f"http://{settings.host}:{settings.port}/v1/get-report/json"
    # No markup and no wrapping: the line is there to be copied.
    screen.print(f"curl -s {address} -d '{body}'", markup=False, soft_wrap=True)
