"""The statements that bring answers and receipts home, and those that end and forget."""

from msgspec.structs import replace

from teslimat.core.model import OrphanRow
from teslimat.core.outcomes import Receipt
from teslimat.core.ports import Store, Transaction
from teslimat.core.ports.orders import SubmissionId
from teslimat.core.states import DELIVERED, UNDELIVERED
from tests.store_contract.samples import NOW, an_account, an_order, blocks, change, order, receipt, submission


async def find_orphans(store: Store, *ids: str, since: int = NOW) -> list[OrphanRow]:
    wanted: list[SubmissionId] = [(1, message_id) for message_id in ids]
    return await store.transact(lambda tx: tx.find_orphans(wanted, since))


async def insert_orphans(store: Store, *receipts: Receipt) -> None:
    await store.transact(lambda tx: tx.insert_orphans(receipts))


# submissions


async def test_a_submission_is_found_by_its_carrier_and_its_verbatim_id(store: Store) -> None:
    rows = [submission("a", 1), submission("A", 2), submission(" a", 3), submission("001", 4)]
    await store.transact(lambda tx: tx.insert_submissions(rows))
    asked: list[SubmissionId] = [(1, "a"), (1, "A"), (1, "1"), (2, "a")]
    assert await store.transact(lambda tx: tx.find_submissions(asked)) == {(1, "a"): rows[0], (1, "A"): rows[1]}


async def test_an_id_used_again_means_the_newer_message_which_is_open(store: Store) -> None:
    older, newer = submission("a", 1), submission("a", 2, position=5, forget_at=NOW + 9)

    async def work(tx: Transaction) -> None:
        await tx.insert_submissions([older])
        await tx.close_submissions([(DELIVERED, NOW + 5, (1, "a"))])
        await tx.insert_submissions([newer])

    await store.transact(work)
    assert await store.transact(lambda tx: tx.find_submissions([(1, "a")])) == {(1, "a"): newer}


async def test_a_submission_closes_with_its_outcome_and_is_forgotten_in_its_time(store: Store) -> None:
    async def work(tx: Transaction) -> None:
        await tx.insert_submissions([submission("a", 1, forget_at=NOW + 1), submission("b", 1, forget_at=NOW + 1)])
        await tx.close_submissions([(UNDELIVERED, NOW + 5, (1, "a"))])

    await store.transact(work)
    assert await store.transact(lambda tx: tx.forget_submissions(NOW + 1, 10)) == 0
    assert await store.transact(lambda tx: tx.forget_submissions(NOW + 2, 10)) == 1
    found = await store.transact(lambda tx: tx.find_submissions([(1, "a"), (1, "b")]))
    assert found == {(1, "a"): submission("a", 1)._replace(outcome=UNDELIVERED, forget_at=NOW + 5)}


# orphans


async def test_an_orphan_is_found_under_any_form_of_its_id_until_it_is_dropped(store: Store) -> None:
    await insert_orphans(store, receipt("255", "ff"), receipt("7"))
    for form in ("255", "ff"):
        (found,) = await find_orphans(store, form, "unknown")
        assert found.message_id == form
        assert found[3:] == (DELIVERED, 0, "000", 905_300_000_000, "ACME", NOW)
    (both,) = await find_orphans(store, "ff", "255")
    await store.transact(lambda tx: tx.drop_orphans([both.id]))
    assert await find_orphans(store, "255", "ff") == []
    assert [orphan.message_id for orphan in await find_orphans(store, "7")] == ["7"]


async def test_orphans_are_found_oldest_first_and_only_those_that_came_since(store: Store) -> None:
    await insert_orphans(store, receipt("a", at=NOW - 1), receipt("a", at=NOW), receipt("a", at=NOW + 1))
    assert [orphan.arrived_at for orphan in await find_orphans(store, "a")] == [NOW, NOW + 1]
    assert [orphan.arrived_at for orphan in await find_orphans(store, "a", since=NOW - 1)] == [NOW - 1, NOW, NOW + 1]
    assert await find_orphans(store, "a", since=NOW + 2) == []


async def test_orphans_are_found_by_whom_they_name(store: Store) -> None:
    await insert_orphans(store, receipt("a", "aa"), receipt("b", at=NOW - 1), receipt("c", number=905_300_000_001))

    async def named(number: int, sender: str, since: int) -> list[str]:
        orphans = await store.transact(lambda tx: tx.orphans_for(1, number, sender, since))
        return [orphan.message_id for orphan in orphans]

    assert await named(905_300_000_000, "ACME", NOW) == ["a"]
    assert await named(905_300_000_000, "ACME", NOW - 1) == ["a", "b"]
    assert await named(905_300_000_000, "OTHER", NOW - 1) == []
    assert await named(905_300_000_002, "ACME", NOW - 1) == []


async def test_an_orphan_is_told_for_each_form_of_its_id_that_is_recorded_by_now(store: Store) -> None:
    await insert_orphans(store, receipt("10", "16", "0x10"), receipt("x"), receipt("10", at=NOW - 1))
    await store.transact(lambda tx: tx.insert_submissions([submission("10", 1), submission("16", 2)]))
    found = await store.transact(lambda tx: tx.matchable_orphans(NOW, 10))
    assert sorted((orphan.id, orphan.message_id) for orphan in found) == [(found[0].id, "10"), (found[0].id, "16")]
    await store.transact(lambda tx: tx.drop_orphans([found[0].id]))
    assert await store.transact(lambda tx: tx.matchable_orphans(NOW, 10)) == []
    assert len(await store.transact(lambda tx: tx.matchable_orphans(NOW - 1, 10))) == 1


async def test_old_orphans_are_forgotten_some_at_a_time(store: Store) -> None:
    await insert_orphans(store, *[receipt(str(i), at=NOW + i) for i in range(5)])
    assert await store.transact(lambda tx: tx.forget_orphans(NOW + 4, 3)) == 3
    assert await store.transact(lambda tx: tx.forget_orphans(NOW + 4, 3)) == 1
    assert [orphan.message_id for orphan in await find_orphans(store, *map(str, range(5)))] == ["4"]


# states, orders, credits


async def test_states_are_saved_column_by_column(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id)
    ((_, state),) = blocks(placed.id)
    state.fail(0, 7, 65_535, 4_294_967_295, 3)
    state.mark_submitting(1, 9)
    state.record_answer(2, 0, 5, 3)
    await store.transact(lambda tx: tx.save_states([state]))
    loaded = await store.transact(lambda tx: tx.load_states([(placed.id, 0)]))
    assert loaded[placed.id, 0].packed() == state.packed()


async def test_blocks_of_an_order_are_read_in_turn(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id, 2_500)
    await an_order(store, account.id)
    first = await store.transact(lambda tx: tx.blocks_after(placed.id, -1, 2))
    assert list(first) == [(placed.id, 0), (placed.id, 1)]
    rest = await store.transact(lambda tx: tx.blocks_after(placed.id, 1, 2))
    assert [(key, len(state.states)) for key, state in rest.items()] == [((placed.id, 2), 500)]
    assert await store.transact(lambda tx: tx.blocks_after(placed.id, 2, 2)) == {}


async def test_changes_add_to_an_order_and_what_has_reached_a_carrier_stays_so(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id, 10)
    first = change(placed.id, delivered=4, undelivered=1, back=1)._replace(reached_carrier=True, uncertain=2)
    second = change(placed.id, undelivered=2, back=2, revision=2)._replace(uncertain=1)
    await store.transact(lambda tx: tx.change_orders([first, second]))
    after = await store.transact(lambda tx: tx.lock_order(account.id, placed.id))
    assert after == replace(
        placed,
        delivered=4,
        undelivered=3,
        waiting=3,
        price=7,
        reached_carrier=True,
        uncertain=3,
        revision=2,
    )
    head = (await store.transact(lambda tx: tx.order_heads([placed.id])))[placed.id]
    assert (head.account_id, head.submit_at, head.revision) == (account.id, placed.submit_at, 2)
    assert (head.recipient_price, head.waiting, bool(head.resend_uncertain)) == (1, 3, True)


async def test_a_cancelled_order_keeps_the_moment_of_its_cancelling(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id)
    cancelled = change(placed.id, undelivered=3)._replace(cancelled_at=NOW)
    await store.transact(lambda tx: tx.change_orders([cancelled, change(placed.id)]))
    after = await store.transact(lambda tx: tx.lock_order(account.id, placed.id))
    assert after is not None
    assert after.cancelled_at == NOW


async def test_credits_given_back_are_no_new_credits(store: Store) -> None:
    account = await an_account(store)
    await store.transact(lambda tx: tx.take_credits(account.id, 10))
    await store.transact(lambda tx: tx.give_credits([(4, account.id), (6, account.id)]))
    assert await store.accounts() == [account]


async def test_expired_orders_are_those_that_still_wait(store: Store) -> None:
    account = await an_account(store)
    waiting, over, later = [order(300_000_000 + i, account.id) for i in range(3)]
    over = replace(over, waiting=0, delivered=3)
    later = replace(later, expires_at=later.expires_at + 1)

    async def work(tx: Transaction) -> None:
        for each in (waiting, over, later):
            await tx.insert_order(each)

    await store.transact(work)
    at = waiting.expires_at
    assert await store.transact(lambda tx: tx.expired_orders(at - 1, 10)) == []
    assert await store.transact(lambda tx: tx.expired_orders(at, 10)) == [waiting.id]
    assert await store.transact(lambda tx: tx.expired_orders(at + 1, 10)) == [waiting.id, later.id]
    assert await store.transact(lambda tx: tx.expired_orders(at + 1, 1)) == [waiting.id]


async def test_old_duplicate_keys_are_forgotten_some_at_a_time(store: Store) -> None:
    async def work(tx: Transaction) -> None:
        for i in range(5):
            await tx.arm_duplicate(1, bytes([i]), NOW + i, 1)

    await store.transact(work)
    assert await store.transact(lambda tx: tx.forget_duplicates(NOW + 4, 3)) == 3
    assert await store.transact(lambda tx: tx.forget_duplicates(NOW + 4, 3)) == 1
    assert not await store.transact(lambda tx: tx.arm_duplicate(1, bytes([4]), NOW + 4, 1))
    assert await store.transact(lambda tx: tx.arm_duplicate(1, bytes([3]), NOW + 3, 1))


# the dictionary of carriers' codes


async def test_a_code_keeps_its_number_and_is_the_carrier_s_own(store: Store) -> None:
    asked = [(1, "000"), (1, "0B"), (2, "000")]
    numbers = await store.transact(lambda tx: tx.code_numbers(asked))
    assert sorted(numbers.values()) == [1, 2, 3]
    assert await store.transact(lambda tx: tx.code_numbers([*asked, (1, "000")])) == numbers


async def test_a_full_dictionary_knows_its_codes_and_answers_0_for_others(store: Store) -> None:
    some = [(1, str(i)) for i in range(65_535)]
    numbers = await store.transact(lambda tx: tx.code_numbers(some))
    assert set(numbers.values()) == set(range(1, 65_536))
    asked = [(1, "7"), (1, "new"), (2, "7")]
    assert await store.transact(lambda tx: tx.code_numbers(asked)) == {(1, "7"): 8, (1, "new"): 0, (2, "7"): 0}
