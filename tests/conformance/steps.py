"""What happened before a row asks."""

import random
from typing import Any

import httpx
from msgspec.structs import replace

from teslimat.core.states import DELIVERED, UNDELIVERED
from teslimat.flows.accounts import new_account, new_credentials, open_account
from tests.acceptance.gateway import Gateway
from tests.conformance.asking import send
from tests.conformance.exchange import exchange
from tests.conformance.facts import Call, Raw, Step, Variant

LIRA_WHO = new_credentials(random.Random(2).randbytes)
"""What the account in lira shows."""


def in_lira(*, balance: int, unit_price: int) -> Step:
    """There is an account in lira, with so many ten-thousandths."""

    async def step(gateway: Gateway) -> None:
        account = new_account("lira", LIRA_WHO, credits_=balance, senders=["ACME"], in_lira=True, unit_price=unit_price)
        await open_account(gateway.house.store, account)

    return step


def asked(asked: Call | Raw, code: int = 200) -> Step:
    """Somebody asked, and got this code."""

    async def step(gateway: Gateway) -> None:
        answer = await exchange(gateway.http, asked, Variant.JSON)
        assert answer.status_code == code, (asked, answer.text)

    return step


def sent(*numbers: object, **order: Any) -> Step:
    """An order was placed."""
    return asked(send(*numbers, **order))


def several(count: int) -> Step:
    """So many orders were placed."""

    async def step(gateway: Gateway) -> None:
        for number in range(count):
            await sent(text=str(number))(gateway)

    return step


def option(**fields: object) -> Step:
    """The operator has set something of the account."""

    async def step(gateway: Gateway) -> None:
        changed = replace(await gateway.house.account(), **fields)
        await gateway.house.store.transact(lambda tx: tx.update_account(changed))

    return step


def left(credits_: int) -> Step:
    """Whatever the account had, this is left of it."""

    async def step(gateway: Gateway) -> None:
        account = await gateway.house.account()
        await gateway.house.store.transact(lambda tx: tx.take_credits(account.id, account.balance - credits_))

    return step


def later(*, seconds: float) -> Step:
    """Time passed."""

    async def step(gateway: Gateway) -> None:
        gateway.house.clock.advance(int(seconds * 1000))

    return step


async def delivered(gateway: Gateway) -> None:
    """The carrier took and delivered all that was due."""
    await gateway.deliver()


async def handed_over(gateway: Gateway) -> None:
    """The carrier took all that was due, and has not told yet what became of it."""
    await gateway.house.dispatch()
    while gateway.house.link.under_way:
        gateway.house.link.accept(gateway.house.link.take())
    await gateway.house.settle()


async def failed(gateway: Gateway) -> None:
    """The carrier took all that was due, and could deliver none of it."""
    await gateway.house.dispatch()
    while gateway.house.link.under_way:
        part = gateway.house.link.take()
        gateway.house.link.receipt(gateway.house.link.accept(part), UNDELIVERED, part)
    await gateway.house.settle()


async def delivered_the_first(gateway: Gateway) -> None:
    """The carrier delivered the first of what was due, and has not told of the others."""
    await gateway.house.dispatch()
    link = gateway.house.link
    part = link.take()
    link.receipt(link.accept(part), DELIVERED, part)
    while link.under_way:
        link.accept(link.take())
    await gateway.house.settle()


def of_a_stranger(call: Call) -> Step:
    """Another account asked, and was answered 200."""

    async def step(gateway: Gateway) -> None:
        who = await gateway.another_account()
        theirs = Call(call.endpoint, {**call.request, "authentication": {"key": who.key, "hash": who.hash}})
        answer: httpx.Response = await exchange(gateway.http, theirs, Variant.JSON)
        assert answer.status_code == 200, answer.text

    return step
