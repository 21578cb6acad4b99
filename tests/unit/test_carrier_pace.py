from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.carriers.pace import Pace

WITHOUT_LIMIT = 1_000_000


def drain(pace: Pace, start: float, seconds: float, step: float = 0.01) -> int:
    """Write whatever is allowed at each step; how many parts that were."""
    written = 0
    for tick in range(round(seconds / step)):
        now = start + (tick + 1) * step
        parts = pace.allowance(now)
        pace.take(parts, now)
        written += parts
    return written


@given(
    rate=st.integers(1, 5_000),
    pauses=st.lists(st.floats(0.0, 0.4), min_size=1, max_size=60),
    wanted=st.lists(st.integers(0, 500), min_size=60, max_size=60),
)
def test_no_second_ever_holds_more_than_the_rate_and_a_small_burst(
    rate: int, pauses: list[float], wanted: list[int]
) -> None:
    pace = Pace(rate, 0.0)
    written: list[tuple[float, int]] = []
    for now, want in zip(accumulate(pauses), wanted, strict=False):
        parts = min(want, pace.allowance(now))
        pace.take(parts, now)
        written.append((now, parts))
    for start, _ in written:
        in_a_second = sum(parts for now, parts in written if start <= now < start + 1)
        assert in_a_second <= rate + max(1, rate / 20) + 1e-3


def test_the_pace_counts_parts_and_is_kept_over_time() -> None:
    assert drain(Pace(100, 0.0), 0.0, 10.0) in range(995, 1006)


def test_a_slow_pace_lets_one_part_through_at_once_and_the_next_a_second_later() -> None:
    pace = Pace(1, 5.0)
    assert pace.allowance(5.0) == 1
    pace.take(1, 5.0)
    assert pace.allowance(5.9) == 0
    assert pace.next_write(10, 5.0) == 6.0
    assert pace.allowance(6.0) == 1


def test_time_that_passed_idle_is_not_caught_up() -> None:
    pace = Pace(1000, 0.0)
    assert pace.allowance(3600.0) == 50


def test_without_a_limit_everything_may_go_at_once() -> None:
    pace = Pace(0, 0.0)
    pace.take(WITHOUT_LIMIT, 0.0)
    assert pace.allowance(0.0) > WITHOUT_LIMIT
    assert pace.ahead(0.0) > WITHOUT_LIMIT
    assert pace.next_write(10, 0.0) == 0.0


@pytest.mark.parametrize(("waiting", "together"), [(500, 20), (3, 3)])
def test_at_a_high_pace_writes_are_worth_some_parts_each(waiting: int, together: int) -> None:
    pace = Pace(1000, 0.0)
    pace.take(pace.allowance(0.0), 0.0)
    assert pace.allowance(pace.next_write(waiting, 0.0)) == together


def test_ahead_is_what_can_be_written_in_a_tenth_of_a_second() -> None:
    assert Pace(1000, 0.0).ahead(0.0) == 100
    assert Pace(3, 0.0).ahead(0.0) == 1


def test_a_throttling_carrier_gets_nothing_for_a_second_then_half() -> None:
    pace = Pace(100, 0.0)
    drain(pace, 0.0, 1.0)
    pace.slow_down(1.0)
    assert pace.paused(1.9)
    assert pace.allowance(1.9) == 0
    assert pace.ahead(1.9) == 0
    assert pace.next_write(10, 1.5) > 2.0
    assert not pace.paused(2.0)
    assert drain(pace, 2.0, 1.0) in range(45, 56)


def test_throttled_answers_to_what_was_already_written_count_once() -> None:
    pace = Pace(100, 0.0)
    drain(pace, 0.0, 1.0)
    for late in (1.0, 1.0, 1.5, 7.0):
        pace.slow_down(late)
    assert pace.rate == 50


def test_a_carrier_that_keeps_throttling_is_slowed_down_to_one_part_a_second_and_no_further() -> None:
    pace = Pace(8, 0.0)
    for second in range(0, 40, 4):
        pace.take(pace.allowance(float(second)), float(second))
        pace.slow_down(float(second))
    assert pace.rate == 1


def test_the_pace_recovers_to_what_the_carrier_allows_and_no_further() -> None:
    pace = Pace(100, 0.0)
    drain(pace, 0.0, 1.0)
    pace.slow_down(1.0)
    drain(pace, 2.0, 5.0)
    assert 50 < pace.rate < 100
    drain(pace, 7.0, 10.0)
    assert pace.rate == 100


def test_a_carrier_without_a_limit_is_throttled_to_half_of_what_it_got() -> None:
    pace = Pace(0, 0.0)
    for tick in range(10):
        pace.take(40, tick / 10)
    pace.slow_down(0.95)
    assert pace.rate == 200
    assert pace.allowance(1.9) == 0


def test_a_carrier_without_a_limit_is_one_again_after_a_long_quiet_time() -> None:
    pace = Pace(0, 0.0)
    pace.take(1000, 0.0)
    pace.slow_down(0.0)
    assert pace.allowance(3.0) < WITHOUT_LIMIT
    assert pace.allowance(86_400.0) > WITHOUT_LIMIT
