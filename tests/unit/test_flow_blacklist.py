"""A blacklist is a set of numbers that remembers the order in which they came."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.errors import NOT_LIFTABLE, Refused
from teslimat.flows.blacklist import add_number, list_numbers, remove_number
from tests.simulation.house import House

FIRST = 905_300_000_000
NUMBERS = st.integers(FIRST, FIRST + 6)
CHANGES = st.lists(st.tuples(st.booleans(), NUMBERS, st.integers(0, 1)), max_size=25)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def check(house: House, account_id: int, added: dict[int, int]) -> None:
    """Whether the list is what was added and not removed, with the time of each, by every way of asking."""
    expected = sorted(added, key=lambda number: (added[number], number))
    pages = [await list_numbers(house.store, account_id, None, page, 2) for page in range(1, 6)]
    assert {count for count, _ in pages} == {len(expected)}
    assert [number for _, page in pages for number in page] == expected
    half = house.clock.now() - 5
    late = [number for number in expected if added[number] >= half]
    assert await list_numbers(house.store, account_id, (half, 2**62), 1, 1000) == (len(late), late)
    assert await house.store.blacklisted(account_id, range(FIRST - 3, FIRST + 10)) == set(added)


def test_any_changes_leave_what_was_added_and_not_removed(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        house = runner.run(House(tmp_path / "house.db").open())
        accounts = iter(range(10**6))

        async def live(changes: list[tuple[bool, int, int]]) -> None:
            account_id = await house.open_account(f"account {next(accounts)}")
            added: dict[int, int] = {}
            for adds, number, pause in changes:
                house.clock.advance(pause)
                if adds:
                    await add_number(house.store, house.clock, account_id, number)
                    added.setdefault(number, house.clock.now())
                    continue
                try:
                    await remove_number(house.store, account_id, f"+{number}")
                except Refused as refused:
                    assert refused.verdict is NOT_LIFTABLE  # noqa: PT017 - not every removal is refused
                    assert number not in added
                else:
                    del added[number]
            await check(house, account_id, added)

        @given(CHANGES)
        def lives(changes: list[tuple[bool, int, int]]) -> None:
            runner.run(live(changes))

        lives()
        runner.run(house.close())


async def test_what_was_added_outlives_a_crash(house: House) -> None:
    await add_number(house.store, house.clock, house.account_id, FIRST)
    await house.crash()
    assert await list_numbers(house.store, house.account_id, None, 1, 10) == (1, [FIRST])


async def test_changes_at_the_same_time_are_all_kept(house: House) -> None:
    numbers = range(FIRST, FIRST + 300)
    await asyncio.gather(*(add_number(house.store, house.clock, house.account_id, number) for number in numbers))
    assert await list_numbers(house.store, house.account_id, None, 1, 1000) == (300, list(numbers))
