"""Which message a receipt is about: by its number, by its sender after a crash, and only while it can be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core.outcomes import Fate, OutgoingPart
from teslimat.core.ports import Transaction
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, SUBMITTING
from tests.simulation.house import House, numbers

TEN_MINUTES = 600_000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def under_way(house: House, count: int = 1) -> tuple[int, list[OutgoingPart]]:
    order_id = await house.place(numbers(count))
    house.link.capacity = count
    await house.dispatch()
    return order_id, [house.link.take() for _ in range(count)]


async def accept(house: House, part: OutgoingPart, message_id: str) -> None:
    house.settler.answered([house.link.answer(part, Fate.ACCEPTED, message_id)])
    await house.settle()


async def deliver(house: House, message_id: str, number: int, sender: str, *other_forms: str) -> None:
    receipt = house.link.written(message_id, DELIVERED)
    told = receipt._replace(message_ids=(message_id, *other_forms), number=number, sender=sender)
    house.settler.received(house.link, [(told, message_id)])
    await house.settle()


# by its number


async def test_an_answer_does_not_take_an_early_receipt_for_another_phone(house: House) -> None:
    order_id, (first, second) = await under_way(house, 2)
    await deliver(house, "77", second.number, "ACME", "4d")
    await accept(house, first, "77")
    assert await house.states(order_id) == bytes([SUBMITTED, SUBMITTING])
    await accept(house, second, "4d")
    assert await house.states(order_id) == bytes([SUBMITTED, DELIVERED])


async def test_an_id_used_again_within_ten_minutes_does_not_deliver_the_new_message(house: House) -> None:
    """A receipt for the old one that comes after all is nobody's; one for the new one is the new one's."""
    _, (old,) = await under_way(house)
    await accept(house, old, "77")
    house.clock.advance(TEN_MINUTES - 1)
    order_id = await house.place(numbers(1, 50), "Kod: 1234")
    await house.dispatch()
    new = house.link.take()
    await accept(house, new, "77")
    await deliver(house, "77", old.number, "ACME")
    assert await house.states(order_id) == bytes([SUBMITTED])
    await deliver(house, "77", new.number, "ACME")
    assert await house.states(order_id) == bytes([DELIVERED])


async def test_a_receipt_that_names_no_number_is_matched_by_its_id(house: House) -> None:
    order_id, (part,) = await under_way(house)
    await accept(house, part, "77")
    await deliver(house, "77", 0, "")
    assert await house.states(order_id) == bytes([DELIVERED])


@pytest.mark.parametrize("spelled", ["905300000000", "+905300000000", "05300000000", "5300000000"])
async def test_a_receipt_is_matched_however_the_carrier_spells_the_number(house: House, spelled: str) -> None:
    order_id, (part,) = await under_way(house)
    await accept(house, part, "77")
    await deliver(house, "77", int(spelled), "ACME")
    assert await house.states(order_id) == bytes([DELIVERED])


@pytest.mark.parametrize("recipient", ["905300000000", "+905300000000"])
async def test_a_receipt_with_sender_and_recipient_in_their_old_places_is_matched(house: House, recipient: str) -> None:
    """As carriers do that copy them from the message; a numeric sender then looks like the recipient."""
    order_id, (part,) = await under_way(house)
    await accept(house, part, "77")
    await deliver(house, "77", 908501234567, recipient)
    assert await house.states(order_id) == bytes([DELIVERED])


# after a crash


async def test_a_receipt_that_names_an_uncertain_message_is_known_by_its_id_ever_after(house: House) -> None:
    """Under the id as the carrier wrote it, so that the same receipt is a repetition when it comes again."""
    order_id, (part,) = await under_way(house)
    await house.crash()
    await deliver(house, "FF", part.number, "ACME", "255", "0ff")
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([DELIVERED])
    known = await house.store.transact(lambda tx: tx.find_submissions([(1, "FF"), (1, "255"), (1, "0ff")]))
    assert set(known) == {(1, "FF")}
    await deliver(house, "FF", part.number, "ACME", "255", "0ff")
    assert house.told.duplicates == 1


async def numeric_senders(house: House, *senders: str) -> None:
    async def work(tx: Transaction) -> None:
        account = await house.account()
        await tx.update_account(replace(account, senders=senders))

    await house.store.transact(work)


async def send_as(house: House, sender: str, text: str) -> int:
    """Place an order under another sender, and let it be on its way."""
    order_id = await house.place(numbers(1), text, sender=sender)
    await house.dispatch()
    house.link.take()
    return order_id


async def test_a_receipt_names_an_uncertain_message_whose_sender_was_given_with_a_plus(house: House) -> None:
    await numeric_senders(house, "+908501234")
    order_id = await send_as(house, "+908501234", "Merhaba")
    await house.crash()
    await deliver(house, "77", 905300000000, "908501234")
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert await house.states(order_id) == bytes([DELIVERED])


async def test_a_sender_with_and_without_a_plus_is_one_sender_to_a_receipt(house: House) -> None:
    """So it fits two messages, and settles neither."""
    await numeric_senders(house, "+908501234", "908501234")
    orders = [await send_as(house, "+908501234", "one"), await send_as(house, "908501234", "two")]
    await house.crash()
    await deliver(house, "77", 905300000000, "908501234")
    house.clock.advance(5_000)
    await house.upkeep.tick()
    assert [await house.states(order_id) for order_id in orders] == [bytes([QUEUED])] * 2


# only while it can be


async def test_a_receipt_that_nobody_knows_is_forgotten_after_ten_minutes(house: House) -> None:
    _, (part,) = await under_way(house)
    await deliver(house, "77", part.number, "ACME")
    house.clock.advance(TEN_MINUTES)
    await house.upkeep.tick()
    assert await house.store.transact(lambda tx: tx.find_orphans([(1, "77")], 0))
    house.clock.advance(1)
    await house.upkeep.tick()
    assert not await house.store.transact(lambda tx: tx.find_orphans([(1, "77")], 0))


async def test_receipts_too_old_to_match_cost_no_look_at_each_answer(house: House) -> None:
    _, (part,) = await under_way(house)
    await deliver(house, "77", 0, "")
    house.clock.advance(TEN_MINUTES + 1)
    asked: list[str] = []
    house.store._writer.set_trace_callback(asked.append)
    await accept(house, part, "1")
    house.store._writer.set_trace_callback(None)
    assert any("FROM submission" in statement or "INTO submission" in statement for statement in asked)
    assert not any("orphan_key" in statement for statement in asked)


# in its turn


async def test_a_receipt_does_not_overtake_the_answers_that_came_before_it(house: House) -> None:
    """However many there are: its own may be the last of them."""
    order_id, parts = await under_way(house, 1_500)
    ids = [house.link.accept(part) for part in parts]
    house.link.receipt(ids[-1], DELIVERED, parts[-1])
    await house.settle()
    assert house.told.orphans == 0
    assert await house.states(order_id) == bytes([SUBMITTED] * 1_499 + [DELIVERED])
