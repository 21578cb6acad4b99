"""What a transaction promises: all or nothing, alone or together, for good once it has returned."""

import asyncio

import pytest

from teslimat.core.model import BlockKey
from teslimat.core.ports import Store, Transaction
from tests.store_contract.conftest import Reopen
from tests.store_contract.samples import NOW, an_account, an_order, change


class Broken(Exception):  # noqa: N818 - it is the test's own
    """What a job raises."""


async def give_then_break(tx: Transaction, account_id: int) -> None:
    await tx.add_credits(account_id, 500)
    await tx.allot_ids(10)
    await tx.arm_duplicate(account_id, b"digest", NOW, 1)
    raise Broken


async def test_what_a_transaction_returned_is_there_after_reopening(reopen: Reopen) -> None:
    first = reopen()
    account = await an_account(first)
    placed = await an_order(first, account.id)
    await first.close()
    second = reopen()
    assert await second.accounts() == [account]
    rows = await second.read_report(account.id, placed.id, 0, 0)
    assert rows is not None
    assert rows.order == placed


async def test_nothing_of_a_failed_transaction_is_kept(store: Store) -> None:
    account = await an_account(store)
    first = await an_order(store, account.id)
    with pytest.raises(Broken):
        await store.transact(lambda tx: give_then_break(tx, account.id))
    assert await store.accounts() == [account]
    second = await an_order(store, account.id)
    assert (second.id, second.first_message_id) == (first.id + 1, first.first_message_id + first.total)
    assert await store.transact(lambda tx: tx.arm_duplicate(account.id, b"digest", NOW, 1))


async def test_a_failing_job_does_not_touch_those_that_share_its_commit(store: Store) -> None:
    account = await an_account(store)

    async def add(tx: Transaction, credits_: int) -> int:
        await tx.add_credits(account.id, credits_)
        await asyncio.sleep(0)
        return credits_

    results = await asyncio.gather(
        store.transact(lambda tx: add(tx, 1)),
        store.transact(lambda tx: give_then_break(tx, account.id)),
        store.transact(lambda tx: add(tx, 2)),
        store.transact(lambda tx: give_then_break(tx, account.id)),
        store.transact(lambda tx: add(tx, 4)),
        return_exceptions=True,
    )
    assert [result for result in results if isinstance(result, int)] == [1, 2, 4]
    assert [type(result) for result in results if isinstance(result, BaseException)] == [Broken, Broken]
    assert (await store.accounts())[0].balance == account.balance + 7


async def test_many_at_once_all_get_their_own_result(store: Store) -> None:
    account = await an_account(store)
    ids = await asyncio.gather(*[store.transact(lambda tx: tx.allot_ids(2)) for _ in range(600)])
    assert [order_id for order_id, _ in ids] == list(range(ids[0][0], ids[0][0] + 600))
    assert [message_id for _, message_id in ids] == list(range(ids[0][1], ids[0][1] + 1_200, 2))
    assert await store.accounts() == [account]


async def test_work_whose_caller_has_gone_leaves_the_others_alone(store: Store) -> None:
    account = await an_account(store)
    gone = asyncio.ensure_future(store.transact(lambda tx: tx.add_credits(account.id, 1)))
    await asyncio.sleep(0)
    gone.cancel()
    await store.transact(lambda tx: tx.add_credits(account.id, 10))
    (after,) = await store.accounts()
    assert after.balance in (account.balance + 10, account.balance + 11)
    assert after.balance - account.balance == after.credited - account.credited


async def test_a_reader_never_sees_half_a_transaction(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id, 1_500)
    half, go_on = asyncio.Event(), asyncio.Event()

    async def deliver_all(tx: Transaction) -> None:
        keys: list[BlockKey] = [(placed.id, 0), (placed.id, 1)]
        states = await tx.load_states(keys)
        for state in states.values():
            for position in range(len(state.states)):
                state.deliver_part(position, 0, 1, 1)
        await tx.save_states(states.values())
        half.set()
        await go_on.wait()
        await tx.change_orders([change(placed.id, delivered=1_500)])

    writing = asyncio.ensure_future(store.transact(deliver_all))
    await half.wait()
    for delivered in (0, 1_500):
        rows = await store.read_report(account.id, placed.id, 0, 1)
        assert rows is not None
        states = b"".join(states for _, _, states in rows.blocks)
        assert rows.order.delivered == sum(state == 3 for state in states) == delivered
        assert (await store.list_orders(account.id, NOW, NOW + 1, 10, 0))[1] == [rows.order]
        go_on.set()
        await writing
