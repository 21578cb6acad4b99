"""Between acceptance and sending people change their minds; what has waited long is held against the lists again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.consents import Consent
from teslimat.core.numbers import parse_all
from teslimat.core.outcomes import Fate
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, QUEUED, UNDELIVERED
from teslimat.flows.blacklist import add_number
from tests.simulation.house import DAY, House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def withdraw_consent(house: House, number: object) -> None:
    said_no = Consent(681294, f"+{number}", "BIREYSEL", "MESAJ", "RET", "HS_WEB", house.clock.now())
    await house.store.transact(lambda tx: tx.record_consents([said_no]))


async def send_all(house: House) -> list[int]:
    """Let the carrier take and deliver what it is handed; to whom that was."""
    reached = []
    while await house.dispatch() or house.link.under_way:
        while house.link.under_way:
            part = house.link.take()
            reached.append(part.number)
            house.link.receipt(house.link.accept(part), DELIVERED, part)
        await house.settle()
    await house.settle()
    return reached


async def test_a_scheduled_order_does_not_reach_who_was_blacklisted_meanwhile(house: House) -> None:
    anne, bora, cem = whom = numbers(3)
    order_id = await house.place(whom, send_at=house.clock.now() + DAY)
    await add_number(house.store, house.clock, house.account_id, bora)
    house.clock.advance(DAY)
    assert await send_all(house) == [int(str(anne)), int(str(cem))]
    order = await house.order(order_id)
    assert (order.delivered, order.undelivered, order.waiting, order.price) == (2, 1, 0, 2)
    assert (await house.blocks(order_id))[0].reasons[1] == Reason.BLACKLISTED
    await house.check_sums()


async def test_a_campaign_that_waited_for_its_carrier_asks_for_consent_again(house: House) -> None:
    await house.join_registry(house.account_id)
    anne, bora = whom = numbers(2)
    order_id = await house.place(whom, commercial=True)
    house.clock.advance(3_600_000)
    await withdraw_consent(house, anne)
    assert await send_all(house) == [int(str(bora))]
    assert (await house.blocks(order_id))[0].reasons[0] == Reason.NO_CONSENT
    await house.check_sums()


async def test_an_order_of_which_everybody_changed_their_mind_is_over_and_reached_no_carrier(house: House) -> None:
    order_id = await house.place(numbers(1), send_at=house.clock.now() + DAY)
    await add_number(house.store, house.clock, house.account_id, numbers(1)[0])
    house.clock.advance(DAY)
    assert await send_all(house) == []
    order = await house.order(order_id)
    assert (order.waiting, order.price, order.reached_carrier) == (0, 0, False)
    await house.check_sums()


async def test_a_message_of_which_a_part_has_left_is_finished(house: House) -> None:
    (anne,) = numbers(1)
    order_id = await house.place([anne], "a" * 200)
    assert await house.dispatch() == 2
    first, second = house.link.take(), house.link.take()
    house.link.accept(first)
    house.settler.answered([house.link.answer(second, Fate.LATER)])
    await house.settle()
    assert list(await house.states(order_id)) == [QUEUED]
    await add_number(house.store, house.clock, house.account_id, anne)
    house.clock.advance(3_600_000)
    assert await send_all(house) == [int(str(anne))]


async def test_what_leaves_at_once_is_not_looked_up_twice(house: House) -> None:
    (anne,) = numbers(1)
    await house.place([anne])
    await add_number(house.store, house.clock, house.account_id, anne)
    assert await send_all(house) == [int(str(anne))]


async def test_a_crash_before_the_ending_is_settled_changes_nothing(house: House) -> None:
    order_id = await house.place(numbers(1), send_at=house.clock.now() + DAY)
    await add_number(house.store, house.clock, house.account_id, numbers(1)[0])
    house.clock.advance(DAY)
    assert await house.dispatch() == 0
    await house.crash()
    house.clock.advance(60_000)
    assert await send_all(house) == []
    assert list(await house.states(order_id)) == [UNDELIVERED]
    await house.check_sums()


async def test_a_campaign_that_is_sent_slowly_asks_again_while_it_is(house: House) -> None:
    whom = numbers(150)
    await house.place(whom)
    assert await house.dispatch() == 50
    house.clock.advance(DAY)
    await add_number(house.store, house.clock, house.account_id, whom[120])
    house.clock.advance(600_000)
    assert int(str(whom[120])) not in await send_all(house)
    await house.check_sums()


async def test_asking_again_about_many_blocks_takes_several_turns_and_ends(house: House) -> None:
    whom = numbers(20_000)
    order_id = await house.place(whom, send_at=house.clock.now() + DAY)
    rows = [(house.account_id, number, 0) for number in parse_all(whom[:19_999])]
    house.store._writer.executemany("INSERT INTO blacklisted VALUES (?, ?, ?)", rows)
    house.clock.advance(DAY)
    turns = 0
    reached: list[int] = []
    while not reached:
        turns += 1
        await house.dispatch()
        while house.link.under_way:
            reached.append(house.link.take().number)
        await house.settle()
    assert (turns, reached) == (3, [int(str(whom[-1]))])
    order = await house.order(order_id)
    assert (order.undelivered, order.waiting, order.price) == (19_999, 1, 1)
