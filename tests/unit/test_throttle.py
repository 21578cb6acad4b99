"""How many recipients an account may hand in, and how soon it may again."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from teslimat.core.errors import UNAVAILABLE, Refused
from teslimat.core.model import Account
from teslimat.flows.accounts import credentials, new_account
from teslimat.flows.throttle import Throttle

MONDAY = 1_790_000_000_000
UNLIMITED = new_account("acme", credentials("ab" * 16, "cd" * 32), credits_=0, senders=[])


def limited(rate: int, account_id: int = 1) -> Account:
    return replace(UNLIMITED, id=account_id, recipients_per_second=rate)


def wait_of(throttle: Throttle, account: Account, recipients: int, now: int) -> int | None:
    """Seconds that an order is told to wait; None if it was let in."""
    try:
        throttle.take(account, recipients, now)
    except Refused as refused:
        return refused.retry_after_s
    return None


def test_an_account_without_a_rate_hands_in_what_it_likes() -> None:
    throttle = Throttle()
    for _ in range(3):
        throttle.take(UNLIMITED, 10_000_000, MONDAY)
    assert len(throttle) == 0


def test_whoever_hands_in_too_much_is_told_that_the_service_is_out_for_a_moment() -> None:
    throttle, account = Throttle(), limited(1)
    throttle.take(account, 1, MONDAY)
    with pytest.raises(Refused) as caught:
        throttle.take(account, 1, MONDAY)
    assert (caught.value.verdict, caught.value.retry_after_s) == (UNAVAILABLE, 1)


def test_a_second_s_worth_is_let_in_at_once_in_however_many_orders() -> None:
    throttle, account = Throttle(), limited(3)
    assert [wait_of(throttle, account, 1, MONDAY) for _ in range(4)] == [None, None, None, 1]
    assert wait_of(throttle, account, 1, MONDAY + 333) == 1
    assert wait_of(throttle, account, 1, MONDAY + 334) is None
    assert wait_of(throttle, account, 3, MONDAY + 334) == 1


def test_a_campaign_is_let_in_when_the_bucket_is_full_and_the_next_waits_until_it_is_paid_for() -> None:
    throttle, account = Throttle(), limited(100)
    assert wait_of(throttle, account, 50_000, MONDAY) is None
    assert wait_of(throttle, account, 1, MONDAY) == 500
    assert wait_of(throttle, account, 50_000, MONDAY) == 500
    assert wait_of(throttle, account, 1, MONDAY + 499_009) == 1
    assert wait_of(throttle, account, 1, MONDAY + 499_010) is None


def test_a_campaign_waits_for_a_full_bucket_even_if_little_is_missing() -> None:
    throttle, account = Throttle(), limited(100)
    throttle.take(account, 1, MONDAY)
    assert wait_of(throttle, account, 101, MONDAY + 9) == 1
    assert wait_of(throttle, account, 101, MONDAY + 10) is None


def test_what_was_taken_for_an_order_that_was_refused_can_be_taken_again() -> None:
    throttle, account = Throttle(), limited(10)
    throttle.take(account, 10, MONDAY)
    throttle.give_back(account, 10)
    throttle.take(account, 10, MONDAY)
    assert wait_of(throttle, account, 1, MONDAY) == 1


def test_giving_back_never_brings_more_than_a_second_s_worth() -> None:
    throttle, account = Throttle(), limited(10)
    throttle.take(account, 10, MONDAY)
    throttle.give_back(account, 10)
    assert wait_of(throttle, account, 10, MONDAY + 60_000) is None
    assert wait_of(throttle, account, 1, MONDAY + 60_000) == 1


def test_giving_back_without_a_rate_is_nothing() -> None:
    throttle = Throttle()
    throttle.give_back(UNLIMITED, 10)
    assert len(throttle) == 0


def test_accounts_do_not_wait_for_each_other() -> None:
    throttle = Throttle()
    throttle.take(limited(10, 1), 500, MONDAY)
    assert wait_of(throttle, limited(10, 1), 1, MONDAY) == 50
    assert wait_of(throttle, limited(10, 2), 10, MONDAY) is None


def test_a_rate_that_is_changed_counts_at_once() -> None:
    throttle = Throttle()
    throttle.take(limited(10), 1_000, MONDAY)
    assert wait_of(throttle, limited(10), 1, MONDAY) == 100
    assert wait_of(throttle, limited(1_000), 1, MONDAY) == 1
    throttle.take(limited(0), 1_000_000, MONDAY)


def test_a_clock_that_is_set_back_lets_nobody_in_and_keeps_nobody_out() -> None:
    throttle, account = Throttle(), limited(10)
    throttle.take(account, 5, MONDAY)
    assert wait_of(throttle, account, 5, MONDAY - 3_600_000) is None
    assert wait_of(throttle, account, 1, MONDAY - 3_600_000) == 1
    assert wait_of(throttle, account, 1, MONDAY - 3_600_000 + 100) is None


def test_accounts_that_are_idle_are_forgotten_and_those_in_debt_are_not() -> None:
    throttle = Throttle()
    throttle.take(limited(10, 0), 1_000_000, MONDAY)
    for account_id in range(1, 100_000):
        throttle.take(limited(10, account_id), 1, MONDAY + account_id)
    assert len(throttle) <= 1_001
    assert wait_of(throttle, limited(10, 0), 1, MONDAY + 100_000) is not None


class Attempt(NamedTuple):
    """An order that comes some ms after the one before, and is refused later on or not."""

    after: int
    recipients: int
    refused_later: bool


ATTEMPTS = some.lists(some.builds(Attempt, some.integers(0, 3_000), some.integers(1, 2_000), some.booleans()))


@given(rate=some.integers(1, 300), attempts=ATTEMPTS)
def test_never_more_than_the_rate_and_one_second_s_worth_or_one_order(rate: int, attempts: Sequence[Attempt]) -> None:
    """In any span of time: rate x time, and once the rate or the largest order."""
    throttle, now = Throttle(), MONDAY
    kept: list[tuple[int, int]] = []
    for attempt in attempts:
        now += attempt.after
        if wait_of(throttle, limited(rate), attempt.recipients, now) is None:
            if attempt.refused_later:
                throttle.give_back(limited(rate), attempt.recipients)
            else:
                kept.append((now, attempt.recipients))
    for first, (start, _) in enumerate(kept):
        for end, (stop, _) in enumerate(kept[first:], first + 1):
            span = [recipients for _, recipients in kept[first:end]]
            assert 1_000 * sum(span) <= rate * (stop - start) + 1_000 * max(rate, *span)


@given(rate=some.integers(1, 300), attempts=ATTEMPTS, recipients=some.integers(1, 2_000))
def test_whoever_waits_as_long_as_told_is_let_in_and_a_second_less_would_not_do(
    rate: int, attempts: Sequence[Attempt], recipients: int
) -> None:
    throttle, now = Throttle(), MONDAY
    for attempt in attempts:
        now += attempt.after
        wait_of(throttle, limited(rate), attempt.recipients, now)
    seconds = wait_of(throttle, limited(rate), recipients, now)
    if seconds is not None:
        assert wait_of(throttle, limited(rate), recipients, now + 1_000 * (seconds - 1)) is not None
        assert wait_of(throttle, limited(rate), recipients, now + 1_000 * seconds) is None


@given(rate=some.integers(1, 300), sizes=some.lists(some.integers(1, 300)))
def test_whoever_keeps_to_the_rate_is_never_refused(rate: int, sizes: Sequence[int]) -> None:
    throttle, now = Throttle(), MONDAY
    for size in sizes:
        throttle.take(limited(rate), size, now)
        now += -(-1_000 * size // rate)


@pytest.mark.parametrize("recipients", [1, 100, 101, 50_000])
def test_an_order_of_any_size_is_let_in_by_a_full_bucket(recipients: int) -> None:
    assert wait_of(Throttle(), limited(100), recipients, MONDAY) is None
