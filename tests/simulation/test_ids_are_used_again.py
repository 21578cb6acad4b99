"""Carriers use message ids again, and write one id in several ways: a receipt is still about one phone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.outcomes import Fate, OutgoingPart
from teslimat.core.states import DELIVERED, SUBMITTED, SUBMITTING
from tests.simulation.house import House, numbers


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def two_messages(house: House) -> tuple[int, OutgoingPart, OutgoingPart]:
    order_id = await house.place(numbers(2))
    await house.dispatch()
    return order_id, house.link.take(), house.link.take()


async def accept(house: House, part: OutgoingPart, message_id: str) -> None:
    house.settler.answered([house.link.answer(part, Fate.ACCEPTED, message_id)])
    await house.settle()


async def deliver(house: House, part: OutgoingPart, *message_ids: str) -> None:
    receipt = house.link.written("", DELIVERED, part)._replace(message_ids=message_ids)
    house.settler.received(house.link, [(receipt, message_ids)])
    await house.settle()


async def test_an_early_receipt_waits_under_every_form_of_its_id_while_one_of_them_is_another_phone_s(
    house: House,
) -> None:
    order_id, first, second = await two_messages(house)
    await accept(house, first, "10")
    await deliver(house, second, "10", "16")
    for _ in range(3):
        house.clock.advance(1_000)
        await house.upkeep.tick()
    assert await house.states(order_id) == bytes([SUBMITTED, SUBMITTING])
    await accept(house, second, "16")
    assert await house.states(order_id) == bytes([SUBMITTED, DELIVERED])
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([SUBMITTED, DELIVERED])


async def test_a_receipt_whose_forms_are_both_in_use_is_about_the_phone_that_it_names(house: House) -> None:
    order_id, first, second = await two_messages(house)
    await accept(house, first, "10")
    await accept(house, second, "16")
    await deliver(house, second, "10", "16")
    assert await house.states(order_id) == bytes([SUBMITTED, DELIVERED])


async def test_a_receipt_for_a_phone_whose_id_went_to_another_changes_nothing(house: House) -> None:
    order_id, first, second = await two_messages(house)
    await accept(house, first, "10")
    await accept(house, second, "10")
    await deliver(house, first, "10")
    assert await house.states(order_id) == bytes([SUBMITTED, SUBMITTED])
    await deliver(house, second, "10")
    assert await house.states(order_id) == bytes([SUBMITTED, DELIVERED])
