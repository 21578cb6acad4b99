"""How a benchmark tells its result: a table for people, and one JSON line."""

from collections.abc import Mapping

from msgspec import Struct, json
from rich.console import Console
from rich.table import Table


class Result(Struct, frozen=True):
    """What a benchmark measured."""

    benchmark: str
    value: float
    unit: str
    floor: str
    """What it should be at least, or at most, on two cores."""
    detail: Mapping[str, float | int]


def show(result: Result) -> None:
    """Print it."""
    table = Table("figure", "value", title=result.benchmark)
    table.add_row(result.unit, f"{result.value:,.2f}  (floor: {result.floor})")
    for name, value in result.detail.items():
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else str(value))
    Console().print(table)
    print(json.encode(result).decode(), flush=True)
