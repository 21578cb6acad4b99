"""Who is left out of an order, what that costs, and what is left of the order then."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from teslimat.core.errors import DUPLICATE, NO_CREDIT, NO_RECIPIENT, SENDER_REFUSED, UNAVAILABLE, Refused, Verdict
from teslimat.core.reasons import Reason
from teslimat.core.states import QUEUED, UNDELIVERED, OrderStatus, order_status
from teslimat.flows.blacklist import add_number
from teslimat.flows.place import TEST_TEXT, MessageRequest, OrderRequest, place
from tests.simulation.house import House, numbers

ANNE, BORA, CEM = numbers(3)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path / "house.db").open()
    yield house
    await house.close()


async def set_up(house: House, **options: object) -> None:
    account = replace(await house.account(), **options)
    await house.store.transact(lambda tx: tx.update_account(account))


async def order_of(house: House, whom: Sequence[object], text: str = "Merhaba", **fields: object) -> int:
    request = {"sender": "ACME", "send_at": None, "registry_list": None, **fields}
    return await place(house.placing, await house.account(), OrderRequest(**request, messages=[message(whom, text)]))


async def refused(house: House, whom: Sequence[object], text: str = "Merhaba", **fields: object) -> Verdict:
    with pytest.raises(Refused) as caught:
        await order_of(house, whom, text, **fields)
    await house.check_sums()
    return caught.value.verdict


def message(whom: Sequence[object], text: str) -> MessageRequest:
    return MessageRequest(text, list(whom))


async def fates(house: House, order_id: int) -> list[tuple[int, Reason]]:
    return [
        (state, Reason(reason))
        for block in await house.blocks(order_id)
        for state, reason in zip(block.states, block.reasons, strict=True)
    ]


async def test_a_blacklisted_recipient_gets_nothing_and_costs_nothing(house: House) -> None:
    await add_number(house.store, house.clock, house.account_id, BORA)
    order_id = await order_of(house, [ANNE, BORA, CEM])
    sent, kept_out = (QUEUED, Reason.NONE), (UNDELIVERED, Reason.BLACKLISTED)
    assert await fates(house, order_id) == [sent, kept_out, sent]
    order = await house.order(order_id)
    assert (order.total, order.undelivered, order.waiting, order.price) == (3, 1, 2, 2)
    assert await house.dispatch() == 2
    await house.check_sums()


async def test_an_order_to_nobody_but_the_blacklisted_has_no_recipient(house: House) -> None:
    await add_number(house.store, house.clock, house.account_id, BORA)
    assert await refused(house, [BORA, "nobody"]) is NO_RECIPIENT


async def test_the_blacklist_of_one_account_keeps_nobody_out_of_anothers_orders(house: House) -> None:
    stranger = await house.open_account("stranger")
    await add_number(house.store, house.clock, stranger, BORA)
    assert await fates(house, await order_of(house, [BORA])) == [(QUEUED, Reason.NONE)]


async def test_commercial_texts_go_to_those_who_agreed_on_that_list(house: House) -> None:
    await set_up(house, iys_code="681294")
    await house.agree(await house.account(), [ANNE, CEM])
    await house.agree(await house.account(), [BORA], registry_list="TACIR")
    await add_number(house.store, house.clock, house.account_id, CEM)
    order_id = await order_of(house, [ANNE, BORA, CEM], registry_list="BIREYSEL")
    assert await fates(house, order_id) == [
        (QUEUED, Reason.NONE),
        (UNDELIVERED, Reason.NO_CONSENT),
        (UNDELIVERED, Reason.BLACKLISTED),
    ]
    assert (await house.order(order_id)).price == 1
    assert await fates(house, await order_of(house, [BORA], registry_list="TACIR")) == [(QUEUED, Reason.NONE)]


async def test_an_order_that_nobody_agreed_to_is_accepted_free_and_over(house: House) -> None:
    await set_up(house, iys_code="681294")
    order_id = await order_of(house, [ANNE, BORA], registry_list="BIREYSEL")
    order = await house.order(order_id)
    assert (order.total, order.undelivered, order.waiting, order.price) == (2, 2, 0, 0)
    status = order_status(waiting=order.waiting, reached_carrier=order.reached_carrier)
    assert status is OrderStatus.NOT_DELIVERED
    assert await house.dispatch() == 0
    await house.check_sums()


async def test_texts_that_need_no_consent_do_not_ask_for_it(house: House) -> None:
    await set_up(house, iys_code="681294")
    assert await fates(house, await order_of(house, [ANNE])) == [(QUEUED, Reason.NONE)]


class TestTheTestSender:
    async def test_it_reaches_the_accounts_own_number_with_a_text_of_ours_for_nothing(self, house: House) -> None:
        await set_up(house, test_number=int(str(ANNE)), senders=())
        order_id = await order_of(house, [ANNE, BORA], "Şifreniz 1234", sender="APITEST")
        assert await fates(house, order_id) == [(QUEUED, Reason.NONE), (UNDELIVERED, Reason.BARRED)]
        order = await house.order(order_id)
        assert [text.body for text in order.texts] == [TEST_TEXT]
        assert (order.price, (await house.account()).balance) == (0, 100_000)
        assert await house.dispatch() == 1
        await house.check_sums()

    async def test_the_blacklist_counts_for_it_too(self, house: House) -> None:
        await set_up(house, test_number=int(str(ANNE)))
        await add_number(house.store, house.clock, house.account_id, ANNE)
        assert await refused(house, [ANNE], sender="APITEST") is NO_RECIPIENT

    async def test_it_reaches_nobody_else(self, house: House) -> None:
        assert await refused(house, [ANNE], sender="APITEST") is NO_RECIPIENT

    async def test_it_is_not_for_commercial_texts_and_has_one_spelling(self, house: House) -> None:
        await set_up(house, test_number=int(str(ANNE)), iys_code="681294")
        assert await refused(house, [ANNE], sender="APITEST", registry_list="BIREYSEL") is SENDER_REFUSED
        assert await refused(house, [ANNE], sender="apitest") is SENDER_REFUSED

    async def test_another_text_is_another_test(self, house: House) -> None:
        await set_up(house, test_number=int(str(ANNE)))
        await order_of(house, [ANNE], "1", sender="APITEST")
        await order_of(house, [ANNE], "2", sender="APITEST")
        assert await refused(house, [ANNE], "1", sender="APITEST") is DUPLICATE


async def test_an_account_in_lira_pays_what_a_part_cost_when_the_order_was_accepted(house: House) -> None:
    await set_up(house, in_lira=True, unit_price=372)
    order_id = await order_of(house, [ANNE, BORA], "a" * 200)
    await set_up(house, in_lira=True, unit_price=500)
    assert (await house.order(order_id)).price == 2 * 2 * 372
    await house.check_sums()


async def test_over_its_rate_an_account_is_asked_to_come_again(house: House) -> None:
    await set_up(house, recipients_per_second=2, iys_code="681294")
    await order_of(house, [ANNE, BORA])
    with pytest.raises(Refused) as caught:
        await order_of(house, [CEM])
    assert (caught.value.verdict, caught.value.retry_after_s) == (UNAVAILABLE, 1)
    await house.agree(await house.account(), [CEM])
    await order_of(house, [CEM], "Kampanya", registry_list="BIREYSEL")
    house.clock.advance(1_000)
    await order_of(house, [CEM])


async def test_a_refused_order_uses_nothing_of_the_rate(house: House) -> None:
    await set_up(house, recipients_per_second=1)
    await order_of(house, [ANNE])
    house.clock.advance(1_000)
    assert await refused(house, [ANNE]) is DUPLICATE
    await order_of(house, [BORA])


async def test_an_order_without_credit_keeps_none_of_those_waiting_that_have_it(house: House) -> None:
    await set_up(house, recipients_per_second=5)
    too_much = order_of(house, numbers(100), "a" * 1_000)
    await house.store.transact(lambda tx: tx.take_credits(house.account_id, 99_999))
    dear, cheap = await asyncio.gather(too_much, order_of(house, [ANNE]), return_exceptions=True)
    assert isinstance(dear, Refused)
    assert dear.verdict is NO_CREDIT
    assert isinstance(cheap, int)
