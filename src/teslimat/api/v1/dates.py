"""Dates on the v1 wire. All of them are Turkey's, which keeps UTC+3 all year; inside, times are ms since 1970 UTC."""

import re
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

DAY: Final = 86_400_000
"""Milliseconds of a day; no day in Turkey is longer or shorter."""

_TURKEY: Final = timezone(timedelta(hours=3))
_minute = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4}) ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?").fullmatch
_second = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})").fullmatch
_day = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})").fullmatch


class Moment(NamedTuple):
    """What a `sendDateTime` says."""

    at: int
    has_seconds: bool


def read_moment(text: str) -> Moment | None:
    """Read `dd/MM/yyyy HH:mm`, with or without `:ss`; None if it is anything else, or no date of the calendar."""
    found = _minute(text)
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(digits or 0) for digits in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_TURKEY)
    except ValueError:
        return None
    return Moment(_milliseconds(moment), has_seconds=found[6] is not None)


def read_day(text: str) -> int | None:
    """The first moment of a day `YYYY-MM-DD`; None if it is anything else, or no date of the calendar."""
    found = _day(text)
    if found is None:
        return None
    try:
        return _milliseconds(datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=_TURKEY))
    except ValueError:
        return None


def read_second(text: str) -> int | None:
    """The beginning of a second `YYYY-MM-DD HH:MM:SS`; None if it is anything else, or no date of the calendar."""
    found = _second(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return _milliseconds(datetime(year, month, day, hour, minute, second, tzinfo=_TURKEY))
    except ValueError:
        return None


def no_second(field: str) -> str:
    """What a client is told of a field that read_second cannot read."""
    return f"{field} Y-m-d H:i:s biçimi ile eşleşmiyor."


def show(moment: int) -> str:
    """Write a moment as `YYYY-MM-DD HH:MM:SS`; milliseconds are cut off."""
    return datetime.fromtimestamp(moment // 1000, _TURKEY).replace(tzinfo=None).isoformat(" ")


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
