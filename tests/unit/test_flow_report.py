"""A page of a report: the right recipients, whatever the size of the page and wherever it begins."""

from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.errors import NO_SUCH_ORDER, NOT_DUE, Refused
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, UNDELIVERED
from teslimat.flows.cancel import cancel
from teslimat.flows.report import ReportPage, list_orders, read_report
from tests.simulation.house import DAY, House, numbers

ODD_ONES = {0: "ilk", 999: "kenar", 1_000: "öbür kenar", 1_700: "x" * 32, 2_499: "son"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


def recipients() -> list[object]:
    return [ODD_ONES.get(i, number) for i, number in enumerate(numbers(2_500))]


async def read(house: House, order_id: int, page: int, row_count: int) -> ReportPage:
    return await read_report(house.store, house.clock, house.account_id, order_id, page, row_count)


def listed(page: ReportPage) -> list[str]:
    return [page.odd_numbers.get(i, str(number)) for i, number in enumerate(array("Q", page.numbers))]


@pytest.mark.parametrize(
    ("page", "row_count"),
    [(1, 1_000), (2, 1_000), (3, 1_000), (1, 1), (1_000, 1), (1_001, 1), (2_500, 1), (2, 700), (4, 700), (3, 999)],
)
async def test_a_page_lists_its_recipients_across_blocks(house: House, page: int, row_count: int) -> None:
    order_id = await house.place(recipients())
    start = (page - 1) * row_count
    found = await read(house, order_id, page, row_count)
    assert listed(found) == recipients()[start : start + row_count]
    for position, state in enumerate(found.states):
        assert state == (UNDELIVERED if start + position in ODD_ONES else QUEUED)


async def test_pages_of_any_size_together_are_the_order(house: House) -> None:
    order_id = await house.place(recipients())
    for row_count in (*range(1_000, 0, -89), 333, 500, 999):
        pages = [await read(house, order_id, page, row_count) for page in range(1, -(-2_500 // row_count) + 2)]
        assert [recipient for page in pages for recipient in listed(page)] == recipients()


@pytest.mark.parametrize(("page", "row_count"), [(4, 1_000), (2_501, 1), (2**31, 1_000), (2**80, 1_000), (2**80, 1)])
async def test_a_page_past_the_end_has_no_recipients_but_the_order(house: House, page: int, row_count: int) -> None:
    order_id = await house.place(recipients())
    found = await read(house, order_id, page, row_count)
    assert (found.numbers, found.odd_numbers, found.states) == (b"", {}, b"")
    assert found.order.total == 2_500


async def test_a_page_shows_the_states_of_its_own_recipients(house: House) -> None:
    order_id = await house.place(numbers(1_500))
    house.link.capacity = 1_500
    await house.dispatch()
    for _ in range(1_500):
        part = house.link.take()
        message_id = house.link.accept(part)
        if part.block_no * 1_000 + part.position in (998, 1_001):
            house.link.receipt(message_id, DELIVERED)
    await house.settle()
    assert (await read(house, order_id, 1, 1_000)).states.index(DELIVERED) == 998
    assert (await read(house, order_id, 2, 1_000)).states.index(DELIVERED) == 1
    assert list((await read(house, order_id, 3, 499)).states[:4]) == [DELIVERED, SUBMITTED, SUBMITTED, DELIVERED]


async def test_an_order_for_later_has_no_report_until_then(house: House) -> None:
    order_id = await house.place(numbers(2), send_at=house.clock.now() + DAY)
    house.clock.advance(DAY - 1)
    with pytest.raises(Refused) as caught:
        await read(house, order_id, 1, 10)
    assert caught.value.verdict is NOT_DUE
    house.clock.advance(1)
    assert (await read(house, order_id, 1, 10)).order.total == 2


async def test_a_cancelled_order_shows_its_report_at_once(house: House) -> None:
    order_id = await house.place(numbers(2), send_at=house.clock.now() + DAY)
    await cancel(house.store, house.clock, house.account_id, order_id)
    assert (await read(house, order_id, 1, 10)).states == bytes([UNDELIVERED] * 2)


async def test_another_account_s_order_is_refused_like_one_that_never_was(house: House) -> None:
    stranger = await house.open_account("stranger")
    order_id = await house.place(numbers(2), send_at=house.clock.now() + DAY)
    for account_id, asked in ((stranger, order_id), (stranger, 1), (house.account_id, order_id + 1)):
        with pytest.raises(Refused) as caught:
            await read_report(house.store, house.clock, account_id, asked, 1, 10)
        assert caught.value.verdict is NO_SUCH_ORDER


async def test_orders_are_listed_thirty_to_a_page(house: House) -> None:
    since = house.clock.now()
    placed = [await house.place(numbers(1), str(i)) for i in range(61)]
    pages = [await list_orders(house.store, house.account_id, since, since + 1, page) for page in (1, 2, 3, 4, 2**80)]
    assert [count for count, _ in pages] == [61] * 5
    assert [[order.id for order in orders] for _, orders in pages] == [placed[:30], placed[30:60], placed[60:], [], []]
