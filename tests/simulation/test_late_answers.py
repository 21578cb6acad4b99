"""Answers that come late, twice, or from a carrier that refuses: each counts for the attempt that it belongs to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teslimat.core.outcomes import Fate, OutgoingPart
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, SUBMITTING, UNDELIVERED, OrderStatus, order_status
from tests.simulation.house import LIFETIME, House, numbers

TWO_PARTS = "a" * 200


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


def answer(house: House, part: OutgoingPart, fate: Fate, message_id: str = "", code: str = "") -> None:
    reason = Reason.CONTENT if fate is Fate.REFUSED else Reason.NONE
    house.settler.answered([house.link.answer(part, fate, message_id, reason)._replace(code=code)])


async def sent_again(house: House, text: str = "Merhaba") -> tuple[int, list[OutgoingPart]]:
    """A message whose first attempt got no answer, and that is on its way again."""
    order_id = await house.place(numbers(1), text)
    await house.dispatch()
    while house.link.under_way:
        answer(house, house.link.take(), Fate.UNKNOWN)
    await house.settle()
    house.clock.advance(5_000)
    await house.upkeep.tick()
    await house.dispatch()
    return order_id, [house.link.take() for _ in range(len(house.link.under_way))]


async def test_a_superfluous_copy_that_is_refused_does_not_fail_the_message(house: House) -> None:
    order_id, (part,) = await sent_again(house)
    answer(house, part, Fate.ACCEPTED_LATE, "first")
    answer(house, part, Fate.REFUSED, code="ESME_RSUBMITFAIL")
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTED])
    house.link.receipt("first", DELIVERED, part)
    await house.settle()
    assert await house.states(order_id) == bytes([DELIVERED])
    await house.check_sums()


async def test_a_superfluous_copy_of_one_part_that_is_refused_does_not_fail_the_message(house: House) -> None:
    order_id, (first, second) = await sent_again(house, TWO_PARTS)
    answer(house, first, Fate.ACCEPTED_LATE, "first")
    answer(house, first, Fate.REFUSED, code="ESME_RSUBMITFAIL")
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTING])
    answer(house, second, Fate.REFUSED, code="ESME_RSUBMITFAIL")
    await house.settle()
    assert await house.states(order_id) == bytes([UNDELIVERED])


async def test_a_late_acceptance_leaves_the_attempt_under_way_as_it_is(house: House) -> None:
    """Else the part that the carrier wants later would send its sibling again, which is still under way."""
    order_id, (first, second) = await sent_again(house, TWO_PARTS)
    answer(house, second, Fate.ACCEPTED_LATE, "late")
    answer(house, first, Fate.LATER)
    await house.settle()
    house.clock.advance(1_000)
    assert await house.states(order_id) == bytes([SUBMITTING])
    assert await house.dispatch() == 0
    answer(house, second, Fate.ACCEPTED, "now")
    await house.settle()
    house.clock.advance(1_000)
    assert await house.dispatch() == 1
    assert house.link.take() == first


@pytest.mark.parametrize("fates", [(Fate.LATER, Fate.NOT_SENT), (Fate.NOT_SENT, Fate.LATER)])
async def test_a_message_of_which_one_part_is_wanted_later_pauses_whatever_became_of_the_others(
    house: House, fates: tuple[Fate, Fate]
) -> None:
    order_id = await house.place(numbers(1), TWO_PARTS)
    await house.dispatch()
    for fate in fates:
        answer(house, house.link.take(), fate)
    await house.settle()
    assert await house.states(order_id) == bytes([QUEUED])
    assert await house.dispatch() == 0
    house.clock.advance(1_000)
    assert await house.dispatch() == 2


@pytest.mark.parametrize(
    ("code", "status"), [("", OrderStatus.NOT_DELIVERED), ("ESME_RINVDSTADR", OrderStatus.COMPLETED)]
)
async def test_an_order_was_not_delivered_only_if_no_carrier_has_seen_anything_of_it(
    house: House, code: str, status: OrderStatus
) -> None:
    """Without a code it was the gateway that refused: a text, for one, that no submit can hold."""
    order_id = await house.place(numbers(2))
    await house.dispatch()
    while house.link.under_way:
        answer(house, house.link.take(), Fate.REFUSED, code=code)
    await house.settle()
    order = await house.order(order_id)
    assert order_status(waiting=order.waiting, reached_carrier=order.reached_carrier) is status
    assert order.undelivered == 2
    await house.check_sums()


async def test_an_order_of_which_something_may_have_arrived_is_not_called_not_delivered(house: House) -> None:
    sent_twice, (part,) = await sent_again(house)
    answer(house, part, Fate.REFUSED)
    await house.settle()
    unanswered = await house.place(numbers(1), "Kod: 1234")
    await house.dispatch()
    house.clock.advance(LIFETIME)
    await house.upkeep.tick()
    for order_id in (sent_twice, unanswered):
        order = await house.order(order_id)
        assert order_status(waiting=order.waiting, reached_carrier=order.reached_carrier) is OrderStatus.COMPLETED


async def test_an_order_of_which_nothing_was_sent_before_it_expired_was_not_delivered(house: House) -> None:
    order_id = await house.place(numbers(1))
    house.clock.advance(LIFETIME)
    await house.upkeep.tick()
    order = await house.order(order_id)
    assert order_status(waiting=order.waiting, reached_carrier=order.reached_carrier) is OrderStatus.NOT_DELIVERED


async def test_a_part_that_was_accepted_late_leaves_no_doubt_about_a_message_whose_other_part_never_left(
    house: House,
) -> None:
    order_id = await house.place(numbers(1), TWO_PARTS)
    await house.dispatch()
    first, second = house.link.take(), house.link.take()
    answer(house, first, Fate.UNKNOWN)
    answer(house, first, Fate.ACCEPTED_LATE, "first")
    answer(house, second, Fate.NOT_SENT)
    await house.settle()
    assert await house.states(order_id) == bytes([QUEUED])
    assert await house.crash() == 0
    await house.dispatch()
    assert [part.part for part in house.link.under_way] == [1]


async def test_another_parts_late_acceptance_takes_no_doubt_away(house: House) -> None:
    order_id = await house.place(numbers(1), "a" * 400)
    await house.dispatch()
    first, second, third = house.link.take(), house.link.take(), house.link.take()
    answer(house, first, Fate.UNKNOWN)
    answer(house, second, Fate.UNKNOWN)
    answer(house, first, Fate.ACCEPTED_LATE, "first")
    answer(house, third, Fate.NOT_SENT)
    await house.settle()
    assert await house.states(order_id) == bytes([SUBMITTING])
