"""The statements of the outbox: targets, news, lanes of retries, the log, and what is forgotten of them."""

from array import array

import pytest
from msgspec.structs import replace

from teslimat.core.news import AttemptRow, Event, Lane, OutboxRow
from teslimat.core.ports import Store
from teslimat.core.webhooks import Secret, Target
from tests.store_contract.samples import ACCOUNT, NOW, an_account

ORDER = 300_000_000
DAY = 86_400_000


async def a_target(store: Store, account_id: int | None = None) -> Target:
    owner = account_id or (await an_account(store)).id
    secrets = (Secret(b"new" * 8, 0), Secret(b"old" * 8, NOW + DAY))
    target = Target(0, owner, "https://receiver.example/hook", secrets, 4, 100, enabled=True)
    target_id = await store.transact(lambda tx: tx.insert_target(target))
    return replace(target, id=target_id)


def row(target: Target, *, order_id: int = ORDER, at: int = NOW, events: int = 2) -> OutboxRow:
    return OutboxRow(
        id=0,
        target_id=target.id,
        order_id=order_id,
        block_no=1,
        happened_at=at,
        positions=array("H", range(events)).tobytes(),
        events=bytes([Event.ACCEPTED]) * events,
        untold=bytes([1]) * events,
    )


def lane(target: Target, position: int = 0, *, order_id: int = ORDER, next_at: int = NOW, parked: bool = False) -> Lane:
    times = array("q", [NOW - 9, NOW - 3]).tobytes()
    events = bytes([Event.ACCEPTED, Event.DELIVERED])
    return Lane(target.id, order_id, 1, position, events, times, 1, NOW - 5, next_at, parked)


def attempt(target: Target, *, order_id: int = ORDER, at: int = NOW, status: int = 200) -> AttemptRow:
    error = "" if status else "timed out"
    return AttemptRow(target.id, order_id, 1, 7, Event.DELIVERED, 3, at, status, 12, error)


async def insert(store: Store, *rows: OutboxRow) -> None:
    await store.transact(lambda tx: tx.insert_news(rows))


async def news(store: Store, target: Target, after_id: int = 0, limit: int = 100) -> list[OutboxRow]:
    return await store.transact(lambda tx: tx.news_after(target.id, after_id, limit))


# targets


async def test_a_target_is_kept_as_it_was_set(store: Store) -> None:
    target = await a_target(store)
    assert await store.transact(lambda tx: tx.targets()) == await store.webhook_targets() == [target]
    changed = replace(target, url="https://elsewhere.example", secrets=(), concurrency=9, per_second=0, enabled=False)
    await store.transact(lambda tx: tx.update_target(changed))
    assert await store.transact(lambda tx: tx.targets()) == [changed]


async def test_only_targets_that_are_on_are_told(store: Store) -> None:
    first = await a_target(store)
    second, off, removed = [await a_target(store, first.account_id) for _ in range(3)]
    other = await an_account(store, replace(ACCOUNT, name="other", key="f" * 32))
    await a_target(store, other.id)
    await store.transact(lambda tx: tx.update_target(replace(off, enabled=False)))
    await store.transact(lambda tx: tx.remove_target(removed.id))
    assert await store.transact(lambda tx: tx.targets_to_tell(first.account_id)) == [first.id, second.id]


async def test_the_id_of_a_removed_target_is_never_used_again(store: Store) -> None:
    target = await a_target(store)
    await store.transact(lambda tx: tx.remove_target(target.id))
    assert await store.transact(lambda tx: tx.targets()) == []
    assert (await a_target(store, target.account_id)).id > target.id


# news


async def test_news_come_in_the_order_in_which_they_were_stored(store: Store) -> None:
    target = await a_target(store)
    other = await a_target(store, target.account_id)
    await insert(store, row(target, at=NOW + 5), row(other), row(target, order_id=ORDER - 1))
    first, second = await news(store, target)
    assert [replace(found, id=0) for found in (first, second)] == [
        row(target, at=NOW + 5),
        row(target, order_id=ORDER - 1),
    ]
    assert await news(store, target, first.id) == [second]
    assert await news(store, target, limit=1) == [first]


async def test_ids_are_not_used_again_after_rows_were_forgotten(store: Store) -> None:
    target = await a_target(store)
    await insert(store, row(target))
    (first,) = await news(store, target)
    await store.transact(lambda tx: tx.save_untold([replace(first, untold=b"")]))
    await store.transact(lambda tx: tx.forget_news(NOW + 1, 10))
    await insert(store, row(target))
    assert [found.id > first.id for found in await news(store, target)] == [True]


async def test_a_row_is_found_until_all_of_it_is_told(store: Store) -> None:
    target = await a_target(store)
    await insert(store, row(target))
    (found,) = await news(store, target)
    partly = replace(found, untold=bytes([0, 1]))
    await store.transact(lambda tx: tx.save_untold([partly]))
    assert await news(store, target) == [partly]
    assert await store.news_waiting() == (1, 0)
    await store.transact(lambda tx: tx.save_untold([replace(found, untold=b"")]))
    assert await news(store, target) == []
    assert await store.transact(lambda tx: tx.news_in(target.id, (ORDER, 1))) == [replace(found, untold=b"")]


async def test_news_are_found_by_when_they_happened(store: Store) -> None:
    target = await a_target(store)
    await insert(
        store,
        *[row(target, order_id=ORDER + i, at=NOW + i) for i in range(5)],
        row(target, order_id=ORDER + 1, at=NOW + 1),
    )
    await store.transact(lambda tx: tx.save_lanes([lane(target, order_id=ORDER + 7)]))
    blocks = [(ORDER + i, 1) for i in (1, 2, 3, 7)]
    span, everything = (NOW + 1, NOW + 4), ((0, -1), (2**63 - 1, 0))
    # Of lanes it does not say when their events happened.
    assert await store.blocks_with_news(target.id, everything, span, 10) == blocks
    assert await store.blocks_with_news(target.id, everything, span, 2) == blocks[:2]
    assert await store.blocks_with_news(target.id, (blocks[0], everything[1]), span, 10) == blocks[1:]
    assert await store.blocks_with_news(target.id, (blocks[0], blocks[2]), span, 10) == blocks[1:3]


# lanes


async def test_a_lane_is_kept_and_replaced_by_its_message(store: Store) -> None:
    target = await a_target(store)
    first, second = lane(target, 3), lane(target, 4)
    await store.transact(lambda tx: tx.save_lanes([first, second]))
    longer = replace(first, events=first.events + b"\x03", times=first.times + bytes(8), attempts=0, parked=True)
    await store.transact(lambda tx: tx.save_lanes([longer]))
    assert await store.transact(lambda tx: tx.lane_of(target.id, first.key)) == longer
    assert await store.transact(lambda tx: tx.lanes_in(target.id, (ORDER, 1))) == {3: longer, 4: second}
    assert await store.transact(lambda tx: tx.lanes_in(target.id, (ORDER, 0))) == {}
    await store.transact(lambda tx: tx.drop_lane(target.id, first.key))
    assert await store.transact(lambda tx: tx.lane_of(target.id, first.key)) is None


async def test_lanes_are_due_in_their_time_unless_they_are_parked(store: Store) -> None:
    target = await a_target(store)
    late, early = lane(target, 0, next_at=NOW), lane(target, 1, next_at=NOW - 5)
    others = [lane(target, 2, next_at=NOW + 1), lane(target, 3, next_at=NOW - 9, parked=True)]
    await store.transact(lambda tx: tx.save_lanes([late, early, *others]))
    assert await store.transact(lambda tx: tx.due_lanes(target.id, NOW, 10)) == [early, late]
    assert await store.transact(lambda tx: tx.due_lanes(target.id, NOW, 1)) == [early]
    assert await store.news_waiting() == (6, 2)


async def test_lanes_are_read_in_turn(store: Store) -> None:
    target = await a_target(store)
    lanes = [lane(target, order_id=ORDER), lane(target, 5, order_id=ORDER), lane(target, order_id=ORDER + 1)]
    await store.transact(lambda tx: tx.save_lanes(lanes[::-1]))
    assert await store.transact(lambda tx: tx.lanes_after(target.id, (0, 0, 0), 2)) == lanes[:2]
    assert await store.transact(lambda tx: tx.lanes_after(target.id, lanes[1].key, 2)) == lanes[2:]


# the log


async def test_the_log_tells_the_newest_first(store: Store) -> None:
    target = await a_target(store)
    other = await a_target(store, target.account_id)
    lines = [attempt(target, at=NOW), attempt(target, at=NOW + 1, status=0), attempt(target, at=NOW + 2, order_id=5)]
    await store.transact(lambda tx: tx.insert_attempts([*lines, attempt(other)]))

    async def log(order_id: int | None, limit: int = 10, *, failed: bool = False) -> list[AttemptRow]:
        return await store.attempts(target.id, order_id, limit, failed=failed)

    assert await log(None) == lines[::-1]
    assert await log(None, 1) == [lines[2]]
    assert await log(None, failed=True) == [lines[1]]
    assert await log(ORDER) == [lines[1], lines[0]]
    assert await log(ORDER, failed=True) == [lines[1]]


# what the gateway looks for


async def test_who_has_something_to_hear_is_found(store: Store) -> None:
    quiet = await a_target(store)
    fresh, due, later, parked, off = [await a_target(store, quiet.account_id) for _ in range(5)]
    await store.transact(lambda tx: tx.update_target(replace(off, enabled=False)))
    await insert(store, row(fresh), row(off))
    lanes = [lane(due), lane(later, next_at=NOW + 1), lane(parked, parked=True)]
    await store.transact(lambda tx: tx.save_lanes(lanes))
    assert await store.targets_with_news(NOW) == [fresh.id, due.id]


async def test_what_was_told_is_forgotten_and_what_was_not_is_kept(store: Store) -> None:
    target = await a_target(store)
    await insert(store, row(target, at=NOW - 2), row(target, at=NOW - 2), row(target, at=NOW - 2), row(target))
    first, second, third, fourth = await news(store, target)
    told = [replace(each, untold=b"") for each in (first, second, fourth)]
    await store.transact(lambda tx: tx.save_untold(told))
    assert await store.transact(lambda tx: tx.forget_news(NOW, 1)) == 1
    assert await store.transact(lambda tx: tx.forget_news(NOW, 10)) == 1
    left = await store.transact(lambda tx: tx.news_in(target.id, (ORDER, 1)))
    assert [each.id for each in left] == [third.id, fourth.id]


async def test_the_oldest_lines_of_the_log_are_forgotten(store: Store) -> None:
    target = await a_target(store)
    lines = [attempt(target, at=NOW + i) for i in range(4)]
    await store.transact(lambda tx: tx.insert_attempts(lines))
    assert await store.transact(lambda tx: tx.forget_attempts(NOW + 2, 1)) == 1
    assert await store.transact(lambda tx: tx.forget_attempts(NOW + 2, 10)) == 1
    assert await store.attempts(target.id, None, 10, failed=False) == [lines[3], lines[2]]


async def test_lines_from_a_clock_that_was_ahead_keep_no_older_ones(store: Store) -> None:
    target = await a_target(store)
    ahead, old = attempt(target, at=NOW + DAY), attempt(target, at=NOW - DAY)
    await store.transact(lambda tx: tx.insert_attempts([ahead, old]))
    assert await store.transact(lambda tx: tx.forget_attempts(NOW, 1)) == 1
    assert await store.attempts(target.id, None, 10, failed=False) == [ahead]


async def test_what_was_to_be_told_to_a_removed_target_is_forgotten(store: Store) -> None:
    target = await a_target(store)
    other = await a_target(store, target.account_id)
    await insert(store, row(target), row(other))
    await store.transact(lambda tx: tx.save_lanes([lane(target, parked=True), lane(other)]))
    assert await store.transact(lambda tx: tx.forget_removed(10)) == 0
    await store.transact(lambda tx: tx.remove_target(target.id))
    assert await store.transact(lambda tx: tx.forget_removed(10)) == 2
    assert await news(store, target) == []
    assert len(await news(store, other)) == 1
    assert await store.news_waiting() == (4, 0)


@pytest.mark.parametrize("untold", [b"\x01", b"\x01\x01\x01"])
async def test_a_row_that_does_not_add_up_is_refused(store: Store, untold: bytes) -> None:
    target = await a_target(store)
    with pytest.raises(Exception, match="CHECK"):
        await insert(store, replace(row(target), untold=untold))
