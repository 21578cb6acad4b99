"""The statements that claim work, take it back, and hand it on."""

from collections.abc import Sequence

from msgspec.structs import replace

from teslimat.core.model import QueueRow
from teslimat.core.ports import Store
from tests.store_contract.samples import NOW, queue_row


async def enqueue(store: Store, *rows: QueueRow) -> None:
    await store.transact(lambda tx: tx.enqueue(rows))


async def all_rows(store: Store, keys: Sequence[tuple[int, int]]) -> list[QueueRow]:
    return await store.transact(lambda tx: tx.queue_rows(keys))


async def claimable(store: Store, limit: int) -> list[QueueRow]:
    return await store.transact(lambda tx: tx.claimable(1, "me", NOW, limit))


async def test_claimable_rows_are_small_orders_first_then_by_due_then_by_order(store: Store) -> None:
    bulk_early = replace(queue_row(1), priority=1, due_at=NOW - 9)
    bulk_late = replace(queue_row(2), priority=1, due_at=NOW)
    small_late, small_early = queue_row(3), replace(queue_row(4), due_at=NOW - 1)
    small_late_second_block = queue_row(3, 1)
    await enqueue(store, bulk_late, bulk_early, small_late_second_block, small_late, small_early)
    wanted = [small_early, small_late, small_late_second_block, bulk_early, bulk_late]
    for limit in range(1, 7):
        assert await claimable(store, limit) == wanted[:limit]


async def test_a_row_is_claimable_only_where_something_is_queued_and_due_and_nobody_else_holds_it(store: Store) -> None:
    mine = replace(queue_row(1), owner="me", lease_until=NOW + 1, epoch=1)
    theirs = replace(queue_row(2), owner="you", lease_until=NOW - 1, epoch=1)
    await enqueue(store, mine, theirs, queue_row(3, queued=0), replace(queue_row(4), due_at=NOW + 1))
    await enqueue(store, queue_row(5, carrier_id=2))
    assert await claimable(store, 10) == [mine]


async def test_a_claim_is_written_back_whole(store: Store) -> None:
    await enqueue(store, queue_row(1), queue_row(2))
    claim = QueueRow(1, 0, 1, 0, NOW + 4, 1, "me", NOW + 30_000, 7)
    await store.transact(lambda tx: tx.update_claims([claim]))
    assert await all_rows(store, [(1, 0), (2, 0)]) == [claim, queue_row(2)]


async def test_leases_are_renewed_for_their_owner_only_and_run_out_at_their_moment(store: Store) -> None:
    mine = replace(queue_row(1), owner="me", lease_until=NOW)
    theirs = replace(queue_row(2), owner="you", lease_until=NOW)
    await enqueue(store, mine, theirs, queue_row(3))
    assert await store.transact(lambda tx: tx.expired_claims(NOW - 1, 10)) == []
    assert await store.transact(lambda tx: tx.expired_claims(NOW, 10)) == [mine, theirs]
    assert await store.transact(lambda tx: tx.expired_claims(NOW, 1)) == [mine]
    await store.transact(lambda tx: tx.renew_leases("me", NOW + 1))
    assert await store.transact(lambda tx: tx.expired_claims(NOW, 10)) == [theirs]


async def test_what_another_holds_and_what_anyone_holds_can_be_listed(store: Store) -> None:
    mine = replace(queue_row(1), owner="me")
    theirs = replace(queue_row(2, carrier_id=2), owner="you", lease_until=NOW + 99)
    await enqueue(store, mine, theirs, queue_row(3))
    assert await store.transact(lambda tx: tx.foreign_claims("me")) == [theirs]
    assert await store.transact(lambda tx: tx.foreign_claims("new")) == [mine, theirs]
    assert await store.transact(lambda tx: tx.held_rows()) == [mine, theirs]


async def test_rows_without_a_carrier_in_use_are_found_and_moved(store: Store) -> None:
    waiting, held = queue_row(1, carrier_id=0), replace(queue_row(2, carrier_id=9), owner="you")
    mine = replace(queue_row(3, carrier_id=9), owner="me", epoch=4)
    await enqueue(store, waiting, held, mine, queue_row(4, carrier_id=9, queued=0), queue_row(5))
    assert await store.transact(lambda tx: tx.unrouted([1, 2], "me", 10)) == [waiting, mine]
    assert await store.transact(lambda tx: tx.unrouted([1, 2], "me", 1)) == [waiting]
    await store.transact(lambda tx: tx.move_row(mine, 2))
    assert await all_rows(store, [(3, 0)]) == [replace(mine, carrier_id=2)]
    assert await store.transact(lambda tx: tx.unrouted([1, 2], "me", 10)) == [waiting]


async def test_blocks_leave_the_queue_alone(store: Store) -> None:
    await enqueue(store, queue_row(1), queue_row(1, 1), queue_row(2))
    await store.transact(lambda tx: tx.drop_queue_rows([(1, 1)]))
    assert await all_rows(store, [(1, 0), (1, 1), (2, 0)]) == [queue_row(1), queue_row(2)]


async def test_only_rows_that_no_lease_ever_held_are_dropped_for_a_cancel(store: Store) -> None:
    released = replace(queue_row(1, 1), owner=None, epoch=1)
    await enqueue(store, queue_row(1), released, queue_row(1, 2), queue_row(2))
    assert await store.transact(lambda tx: tx.drop_unclaimed_rows(1)) == 2
    assert await all_rows(store, [(1, 0), (1, 1), (1, 2), (2, 0)]) == [released, queue_row(2)]


async def test_the_next_moment_with_something_to_send_is_known_by_carrier(store: Store) -> None:
    await enqueue(
        store,
        queue_row(1),
        replace(queue_row(2), due_at=NOW + 7, priority=1),
        replace(queue_row(3), due_at=NOW + 9),
        replace(queue_row(4), due_at=NOW + 1, queued=0),
        replace(queue_row(5, carrier_id=2), due_at=NOW + 1),
    )
    assert await store.next_due(1, NOW) == NOW + 7
    assert await store.next_due(1, NOW + 7) == NOW + 9
    assert await store.next_due(1, NOW + 9) is None


async def test_the_depth_of_the_queue_counts_recipients_by_carrier(store: Store) -> None:
    assert await store.queue_depth() == {}
    await enqueue(store, queue_row(1, queued=5), queue_row(2, queued=6), queue_row(3, carrier_id=2, queued=7))
    assert await store.queue_depth() == {1: 11, 2: 7}
