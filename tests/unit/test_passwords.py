"""Whose password is right, how long that is remembered, and what happens when many ask at once."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2.exceptions import InvalidHashError

from teslimat import passwords
from teslimat.core.errors import UNAVAILABLE, Refused
from teslimat.passwords import (
    AT_ONCE,
    MOST_OF_AN_ORIGIN,
    MOST_REMEMBERED,
    MOST_WAITING,
    NOBODY,
    REMEMBERED_SECONDS,
    Argon2Passwords,
    hash_password,
)
from tests.simulation.house import FakeClock

STORED = hash_password("pw-1234")
AGAIN = hash_password("pw-1234")


class Bench:
    """Passwords under test, and what was really compared."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.passwords = Argon2Passwords(self.clock, lambda count: b"k" * count)
        self.compared: list[tuple[str, str]] = []
        self.counting = threading.Lock()
        self.at_once = 0
        self.most_at_once = 0
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.really = passwords._is_right
        self.waiting: list[asyncio.Task[bool]] = []

    def compare(self, password: str, stored: str) -> bool:
        with self.counting:
            self.compared.append((password, stored))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        self.go_on.wait(20)
        with self.counting:
            self.at_once -= 1
        return password == "right" if stored == "plain" else self.really(password, stored)

    async def has_begun(self) -> None:
        """Wait until a comparison more is under way."""
        assert await asyncio.get_running_loop().run_in_executor(None, self.begun.acquire, True, 20)

    async def matches(
        self, password: str, stored: str | None = STORED, username: str = "acme", address: str | None = "192.0.2.1"
    ) -> bool:
        return await self.passwords.matches(username, password, stored, address)

    async def is_told_to_come_again(self, password: str, username: str = "acme", address: str = "192.0.2.1") -> bool:
        """Whether there is no place for a login that would be right with `right`; else it waits."""
        attempt = asyncio.create_task(self.matches(password, "plain", username, address))
        await asyncio.sleep(0)
        if attempt.done():
            error = attempt.exception()
            return isinstance(error, Refused) and (error.verdict, error.retry_after_s) == (UNAVAILABLE, 1)
        self.waiting.append(attempt)
        return False

    async def all_answers(self) -> list[bool]:
        """What became of all that waited."""
        self.go_on.set()
        async with asyncio.timeout(20):
            return await asyncio.gather(*self.waiting)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench()
    monkeypatch.setattr(passwords, "_is_right", bench.compare)
    yield bench
    bench.go_on.set()
    bench.passwords.close()


async def test_only_the_right_password_matches(bench: Bench) -> None:
    assert await bench.matches("pw-1234")
    for wrong in ("pw-123", "pw-12345", "PW-1234", "", "\ud800", "pw-1234\0"):
        assert not await bench.matches(wrong)


def test_a_hash_tells_nothing_of_its_password_and_is_another_each_time() -> None:
    assert STORED != AGAIN
    assert STORED.startswith("$argon2id$")
    assert "pw-1234" not in STORED


async def test_letters_of_all_kinds_make_a_password(bench: Bench) -> None:
    assert await bench.matches("şifre ☂ \ud800", hash_password("şifre ☂ \ud800"))


async def test_a_username_that_nobody_has_costs_the_same_comparison_and_never_matches(bench: Bench) -> None:
    assert not await bench.matches("pw-1234", None)
    assert bench.compared == [("pw-1234", NOBODY)]
    salt_and_hash = STORED.split("$")[-2:]
    assert [len(part) for part in NOBODY.split("$")[-2:]] == [len(part) for part in salt_and_hash]
    assert NOBODY.split("$")[:-2] == STORED.split("$")[:-2]


async def test_what_was_right_is_not_compared_again_for_five_minutes(bench: Bench) -> None:
    for _ in range(3):
        assert await bench.matches("pw-1234")
    bench.clock.advance(1_000 * REMEMBERED_SECONDS - 1)
    assert await bench.matches("pw-1234")
    assert len(bench.compared) == 1
    bench.clock.advance(1)
    assert await bench.matches("pw-1234")
    assert len(bench.compared) == 2


async def test_what_was_wrong_is_compared_again_each_time(bench: Bench) -> None:
    for _ in range(3):
        assert not await bench.matches("wrong")
        assert not await bench.matches("wrong", None)
    assert len(bench.compared) == 6


async def test_only_the_very_same_login_is_remembered(bench: Bench) -> None:
    assert await bench.matches("pw-1234")
    assert not await bench.matches("pw-1235")
    assert not await bench.matches("pw-1234", hash_password("another"))
    assert not await bench.matches("pw-1234", None)
    assert not await bench.matches("1234", username="acmepw-")
    assert await bench.matches("pw-1234", AGAIN)
    assert await bench.matches("pw-1234", username="other")
    assert len(bench.compared) == 7


async def test_no_more_than_a_thousand_logins_are_remembered_and_the_oldest_is_forgotten_first(bench: Bench) -> None:
    for number in range(MOST_REMEMBERED + 1):
        assert await bench.matches("right", "plain", f"user {number}")
    compared = len(bench.compared)
    assert await bench.matches("right", "plain", "user 1")
    assert len(bench.compared) == compared
    assert await bench.matches("right", "plain", "user 0")
    assert len(bench.compared) == compared + 1


async def test_neither_password_nor_username_is_kept_in_what_is_remembered(bench: Bench) -> None:
    assert await bench.matches("pw-1234")
    kept = repr(vars(bench.passwords))
    assert "pw-1234" not in kept
    assert "acme" not in kept


async def fill_up(bench: Bench) -> None:
    """Strangers with an address each, as many as there are places for all."""
    bench.go_on.clear()
    for number in range(AT_ONCE + MOST_WAITING):
        assert not await bench.is_told_to_come_again(f"wrong {number}", address=f"198.51.100.{number}")
    for _ in range(AT_ONCE):
        await bench.has_begun()


async def test_two_are_compared_at_a_time_fifty_wait_and_more_are_told_to_come_again(bench: Bench) -> None:
    await fill_up(bench)
    assert await bench.is_told_to_come_again("right")
    assert await bench.all_answers() == [False] * (AT_ONCE + MOST_WAITING)
    assert bench.most_at_once == AT_ONCE
    assert await bench.matches("right", "plain")


@pytest.mark.parametrize(
    "addresses",
    [
        ["203.0.113.7"],
        ["203.0.113.7", "::ffff:203.0.113.7"],
        ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
        ["fe80::1%eth0", "fe80::2%eth0"],
        ["no address", ""],
    ],
)
async def test_one_caller_has_four_places_and_leaves_the_others_to_others(bench: Bench, addresses: list[str]) -> None:
    bench.go_on.clear()
    for number in range(MOST_OF_AN_ORIGIN):
        assert not await bench.is_told_to_come_again(f"wrong {number}", address=addresses[number % len(addresses)])
    for address in addresses:
        assert await bench.is_told_to_come_again("right", address=address)
    for other in ("203.0.113.8", "2001:db8:1:3::1"):
        assert not await bench.is_told_to_come_again("right", address=other)
    assert await bench.all_answers() == [False] * MOST_OF_AN_ORIGIN + [True, True]
    assert await bench.matches("right", "plain", address=addresses[0])


async def test_who_was_right_lately_has_a_place_whatever_else_waits(bench: Bench) -> None:
    assert await bench.matches("right", "plain", "plugin", "192.0.2.1")
    bench.clock.advance(1_000 * REMEMBERED_SECONDS)
    await bench.has_begun()
    await fill_up(bench)
    assert await bench.is_told_to_come_again("right", "another", "192.0.2.1")
    assert await bench.is_told_to_come_again("right", "plugin", "192.0.2.2")
    assert not await bench.is_told_to_come_again("right", "plugin", "192.0.2.1")
    assert await bench.is_told_to_come_again("wrong", "plugin", "192.0.2.1")
    assert await bench.all_answers() == [False] * (AT_ONCE + MOST_WAITING) + [True]


async def test_a_place_of_one_s_own_is_there_again_afterwards_also_if_the_password_was_wrong(bench: Bench) -> None:
    assert await bench.matches("right", "plain", "plugin")
    for password in ("wrong", "right"):
        bench.clock.advance(1_000 * REMEMBERED_SECONDS)
        bench.waiting.clear()
        bench.begun = threading.Semaphore(0)
        await fill_up(bench)
        assert not await bench.is_told_to_come_again(password, "plugin")
        assert (await bench.all_answers())[-1] == (password == "right")


async def test_whose_login_was_right_is_remembered_for_a_thousand_of_them(bench: Bench) -> None:
    for number in range(MOST_REMEMBERED + 1):
        assert await bench.matches("right", "plain", f"user {number}")
    bench.clock.advance(1_000 * REMEMBERED_SECONDS)
    bench.begun = threading.Semaphore(0)
    await fill_up(bench)
    assert not await bench.is_told_to_come_again("right", "user 1")
    assert await bench.is_told_to_come_again("right", "user 0")
    await bench.all_answers()


async def test_whoever_shows_the_same_at_the_same_time_shares_the_comparison(bench: Bench) -> None:
    bench.go_on.clear()
    attempts = [asyncio.create_task(bench.matches("pw-1234")) for _ in range(500)]
    await bench.has_begun()
    attempts[0].cancel()
    bench.go_on.set()
    async with asyncio.timeout(20):
        assert await asyncio.gather(*attempts[1:]) == [True] * 499
    assert len(bench.compared) == 1


async def test_the_event_loop_goes_on_while_passwords_are_compared(bench: Bench) -> None:
    bench.go_on.clear()
    comparing = asyncio.create_task(bench.matches("pw-1234"))
    await bench.has_begun()
    assert not comparing.done()
    bench.go_on.set()
    assert await comparing


async def test_a_stored_hash_that_is_none_is_an_error_and_blocks_nobody(bench: Bench) -> None:
    with pytest.raises(InvalidHashError):
        await bench.matches("pw-1234", "no hash")
    assert await bench.matches("pw-1234")
