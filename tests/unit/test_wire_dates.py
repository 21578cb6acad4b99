from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.api.v1.dates import DAY, Moment, read_day, read_moment, show

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001 - given as Turkey's
    lambda local: (local, round((local.replace(tzinfo=UTC, microsecond=0).timestamp() - 3 * 3600) * 1000))
)


def test_a_moment_is_shown_in_turkey() -> None:
    assert show(1_777_426_344_000) == "2026-04-29 04:32:24"


def test_milliseconds_are_cut_off() -> None:
    assert show(1_777_426_344_999) == "2026-04-29 04:32:24"


@given(MOMENTS)
def test_what_is_shown_is_turkeys_wall_clock(moment: tuple[datetime, int]) -> None:
    local, ms = moment
    assert show(ms) == f"{local:%Y-%m-%d %H:%M:%S}".rjust(19, "0")


@given(MOMENTS)
def test_a_minute_is_read_as_turkeys_wall_clock(moment: tuple[datetime, int]) -> None:
    local, ms = moment
    text = f"{local:%d/%m/%Y %H:%M}"
    assert read_moment(text) == Moment(ms - ms % 60_000, has_seconds=False)
    assert read_moment(f"{local:%d/%m/%Y %H:%M:%S}") == Moment(ms, has_seconds=True)


@given(MOMENTS)
def test_a_day_is_read_as_its_first_moment_in_turkey(moment: tuple[datetime, int]) -> None:
    local, ms = moment
    start = read_day(f"{local:%Y-%m-%d}")
    assert start is not None
    assert ms - DAY < start <= ms
    assert show(start).endswith(" 00:00:00")


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-31 10:00",
        "31/02/2030 10:00",
        "29/02/2027 10:00",
        "01/01/0000 10:00",
        "31/12/2030",
        "31/12/2030 24:00",
        "31/12/2030 10:60",
        "31/12/2030 10:00:60",
        "31/12/2030  10:00",
        "1/1/2030 9:00",
        "31.12.2030 10:00",
        "31/12/30 10:00",
        "٣١/12/2030 10:00",
        "31/12/2030 10:00\n",
        "yarın",
        "",
    ],
)
def test_what_is_no_date_of_the_documented_form_is_none(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize("text", ["2026-02-30", "0000-01-01", "2026-1-1", "01/01/2026", "2026-01-01 00:00:00", "", "x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_leap_day_is_a_day() -> None:
    leap, next_day = read_day("2028-02-29"), read_day("2028-03-01")
    assert leap is not None
    assert next_day == leap + timedelta(days=1) // timedelta(milliseconds=1)
