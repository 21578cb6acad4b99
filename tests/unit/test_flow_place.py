"""Which orders are accepted, which code the others get, and that a refusal leaves no trace."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from teslimat.core.errors import (
    DUPLICATE,
    IYS_CODE_MISSING,
    NO_CREDIT,
    NO_RECIPIENT,
    NO_TEXT,
    SENDER_REFUSED,
    TOO_LARGE,
    UNREADABLE,
    Refused,
    Verdict,
)
from teslimat.core.states import QUEUED, UNDELIVERED
from teslimat.flows.place import DUPLICATE_WINDOW_MS, MessageRequest, OrderRequest, _digest, place
from teslimat.text.parts import MAX_PARTS
from tests.simulation.house import LIFETIME, House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def verdict_of(house: House, request: OrderRequest) -> Verdict:
    with pytest.raises(Refused) as caught:
        await place(house.placing, await house.account(), request)
    return caught.value.verdict


async def file_of(house: House) -> list[list[tuple[object, ...]]]:
    tables = ("account", "customer_order", "block", "block_state", "dispatch_queue", "duplicate_key", "counter")
    return [house.store._reader.execute(f"SELECT * FROM {table}").fetchall() for table in tables]  # noqa: S608 - ours


def message(*whom: object, text: str | None = "Merhaba") -> MessageRequest:
    return MessageRequest(text, list(whom))


GOOD = "905301234567"
TOO_LONG = "a" * 1_100


async def test_the_first_code_that_applies_is_answered(house: House) -> None:
    """Each order has all faults that come later in the list, and is mended one by one."""
    small = replace(await house.account(), max_recipients=3)
    await house.store.transact(lambda tx: tx.update_account(small))
    house.store._writer.execute("UPDATE account SET balance = 1, credited = 1")
    assert await house.place([GOOD], "a" * 10)
    nobody = [message("x", "y", text=TOO_LONG), message("", "z", text=" ")]
    faulty = [
        (OrderRequest("NOT MINE", None, "BIREYSEL", nobody), IYS_CODE_MISSING),
        (OrderRequest("NOT MINE", None, None, nobody), SENDER_REFUSED),
        (OrderRequest(None, None, None, nobody), SENDER_REFUSED),
        (OrderRequest("acme", None, None, nobody), SENDER_REFUSED),
        (OrderRequest("ACME ", None, None, nobody), SENDER_REFUSED),
        (OrderRequest("ACME", None, None, nobody), NO_TEXT),
        (OrderRequest("ACME", None, None, [message("x", text=None)]), NO_TEXT),
        (OrderRequest("ACME", None, None, [message("x", "y", "z", "x")]), TOO_LARGE),
        (OrderRequest("ACME", None, None, [message("x", text=TOO_LONG)]), TOO_LARGE),
        (OrderRequest("ACME", None, None, [message("x", text="\ud800")]), UNREADABLE),
        (OrderRequest("ACME", None, None, [message("x", text="a" * 10)]), NO_RECIPIENT),
        (OrderRequest("ACME", None, None, [message(GOOD, text="a" * 10)]), DUPLICATE),
        (OrderRequest("ACME", None, None, [message(GOOD)]), NO_CREDIT),
    ]
    before = await file_of(house)
    for request, verdict in faulty:
        assert await verdict_of(house, request) is verdict
    assert await file_of(house) == before


async def test_recipients_are_counted_before_duplicates_collapse(house: House) -> None:
    many = [GOOD] * 50_001
    assert await verdict_of(house, OrderRequest("ACME", None, None, [message(*many)])) is TOO_LARGE
    order_id = await house.place(many[1:])
    assert (await house.order(order_id)).total == 1


async def test_a_refused_order_consumes_no_id_and_arms_no_duplicate(house: House) -> None:
    first = await house.place([GOOD])
    house.store._writer.execute("UPDATE account SET balance = 0, credited = credited - balance")
    assert await verdict_of(house, OrderRequest("ACME", None, None, [message(GOOD, text="2")])) is NO_CREDIT
    house.store._writer.execute("UPDATE account SET balance = 5, credited = credited + 5")
    assert await house.place([GOOD], "2") == first + 1


async def test_the_balance_covers_the_whole_order_or_nothing(house: House) -> None:
    house.store._writer.execute("UPDATE account SET balance = 5, credited = 5")
    assert await verdict_of(house, OrderRequest("ACME", None, None, [message(*numbers(6))])) is NO_CREDIT
    await house.place(numbers(5))
    assert (await house.account()).balance == 0


@pytest.mark.parametrize("later", [0, 599_999])
async def test_the_same_again_within_ten_minutes_is_refused(house: House, later: int) -> None:
    await house.place(numbers(3))
    house.clock.advance(later)
    again = OrderRequest("ACME", house.clock.now() + 99_000, None, [message(*reversed(numbers(3)), "05300000001")])
    assert await verdict_of(house, again) is DUPLICATE


async def test_the_same_again_after_ten_minutes_is_an_order(house: House) -> None:
    await house.place(numbers(3))
    house.clock.advance(DUPLICATE_WINDOW_MS)
    await house.place(numbers(3))
    assert len(await house.orders()) == 2


async def test_what_differs_in_text_numbers_or_account_is_another_order(house: House) -> None:
    other = await house.open_account("other")
    await house.place(numbers(3))
    await house.place(numbers(3), "Merhaba!")
    await house.place(numbers(4))
    await house.place(numbers(2))
    await house.place([*numbers(3), "kimse"])
    await house.place(numbers(3), more=[("Merhaba", numbers(3))])
    await house.place(numbers(3), account_id=other)
    assert len(await house.orders()) == 7


recipient_sets = st.sets(st.one_of(st.integers(905_300_000_000, 905_300_000_009), st.text("09x53", max_size=12)))


@given(recipient_sets, recipient_sets, st.sampled_from(["a", "b"]), st.randoms())
def test_two_messages_are_the_same_if_text_and_set_of_recipients_are(
    some: set[int | str], others: set[int | str], text: str, random: Random
) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert _digest("a", list(some)) == _digest("a", shuffled)
    assert (_digest("a", list(some)) == _digest(text, list(others))) == (some == others and text == "a")


async def test_an_odd_spelling_that_reads_like_a_number_once_cleaned_is_another_recipient() -> None:
    assert _digest("a", [905_300_000_001]) != _digest("a", [905_300_000_001, "905300000001"])


async def test_orders_placed_at_once_are_accepted_or_refused_each_alone(house: House) -> None:
    house.store._writer.execute("UPDATE account SET balance = 3, credited = 3")
    texts = ["1", "2", "1", "3", "4", "2"]
    results = await asyncio.gather(*[house.place([GOOD], text) for text in texts], return_exceptions=True)
    assert [r if isinstance(r, int) else r.verdict for r in results if isinstance(r, int | Refused)] == [
        300_000_000,
        300_000_001,
        DUPLICATE,
        300_000_002,
        NO_CREDIT,
        DUPLICATE,
    ]
    await house.check_sums()


async def test_recipients_collapse_within_a_message_and_not_between_messages(house: House) -> None:
    order_id = await house.place(["0530 000 00 01", "905300000001", "x", "x", 5300000002], more=[("B", ["5300000001"])])
    order = await house.order(order_id)
    assert (order.total, order.waiting, order.undelivered, order.price) == (4, 3, 1, 3)
    assert await house.states(order_id) == bytes([QUEUED, UNDELIVERED, QUEUED, QUEUED])


async def test_each_text_is_paid_by_its_parts_for_the_recipients_that_can_be_sent_to(house: House) -> None:
    order_id = await house.place([*numbers(2), "x"], "a" * 301, more=[("b" * 302, numbers(3)), ("c", ["x", GOOD])])
    assert (await house.order(order_id)).price == 2 * 2 + 3 * 3 + 1
    await house.check_sums()


async def test_a_text_of_seven_parts_is_the_longest(house: House) -> None:
    assert MAX_PARTS == 7
    order_id = await house.place([GOOD], "a" * 1_066)
    assert (await house.order(order_id)).price == 7
    assert await verdict_of(house, OrderRequest("ACME", None, None, [message(GOOD, text="a" * 1_067)])) is TOO_LARGE


@pytest.mark.parametrize(("offset", "scheduled"), [(None, False), (-5, False), (0, False), (1, True), (99_000, True)])
async def test_an_order_for_a_past_moment_is_sent_now(house: House, offset: int | None, scheduled: bool) -> None:
    now = house.clock.now()
    order = await house.order(await house.place([GOOD], send_at=None if offset is None else now + offset))
    send_at = max(now, now + (offset or 0))
    assert (order.scheduled, order.submit_at, order.send_at) == (scheduled, now, send_at)
    assert order.expires_at == send_at + LIFETIME


async def test_large_orders_are_cut_into_blocks_of_a_thousand_which_carriers_take_in_turn(tmp_path: Path) -> None:
    house = await House(tmp_path / "house.db", carriers=2).open()
    order_id = await house.place(numbers(2_001))
    rows = await house.store.transact(lambda tx: tx.queue_rows([(order_id, block) for block in range(3)]))
    assert [(row.block_no, row.carrier_id, row.queued, row.priority) for row in rows] == [
        (0, 1, 1_000, 1),
        (1, 2, 1_000, 1),
        (2, 1, 1, 1),
    ]
    assert (await house.order(order_id)).queue_rows == 3
    await house.close()


@pytest.mark.parametrize(("recipients", "priority"), [(100, 0), (101, 1)])
async def test_orders_of_at_most_a_hundred_recipients_go_first(house: House, recipients: int, priority: int) -> None:
    order_id = await house.place(numbers(recipients))
    (row,) = await house.store.transact(lambda tx: tx.queue_rows([(order_id, 0)]))
    assert row.priority == priority


async def test_a_block_without_a_usable_number_is_not_queued(house: House) -> None:
    order_id = await house.place([f"x{i}" for i in range(1_000)] + [GOOD])
    rows = await house.store.transact(lambda tx: tx.queue_rows([(order_id, 0), (order_id, 1)]))
    assert [(row.block_no, row.queued) for row in rows] == [(1, 1)]
    assert (await house.order(order_id)).queue_rows == 1


async def test_messages_without_recipients_count_towards_the_size_of_an_order(house: House) -> None:
    many = [MessageRequest(f"text {i}", []) for i in range(50_001)]
    assert await verdict_of(house, OrderRequest("ACME", None, None, many)) is TOO_LARGE
