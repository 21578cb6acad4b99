"""The statements that accept an order."""

import pytest

from teslimat.core.block import BlockState
from teslimat.core.model import Block, QueueRow
from teslimat.core.packing import pack, unpack
from teslimat.core.ports import Store, Transaction
from tests.store_contract.samples import NOW, OTHER_TEXT, TEXT, an_account, an_order

WINDOW = 600_000


async def arm(store: Store, at: int, account_id: int = 1, digest: bytes = b"same") -> bool:
    return await store.transact(lambda tx: tx.arm_duplicate(account_id, digest, at, WINDOW))


async def allot(store: Store, recipients: int) -> tuple[int, int]:
    return await store.transact(lambda tx: tx.allot_ids(recipients))


@pytest.mark.parametrize(("later", "armed"), [(0, False), (WINDOW - 1, False), (WINDOW, True)])
async def test_a_digest_is_armed_again_only_after_the_window(store: Store, later: int, armed: bool) -> None:
    assert await arm(store, NOW)
    assert await arm(store, NOW + later) is armed


async def test_the_window_runs_from_the_accepted_order_not_from_the_last_attempt(store: Store) -> None:
    for later, armed in ((0, True), (WINDOW - 1, False), (WINDOW, True), (2 * WINDOW - 1, False)):
        assert await arm(store, NOW + later) is armed


async def test_digests_and_accounts_do_not_disturb_each_other(store: Store) -> None:
    for account_id, digest in ((1, b"a"), (1, b"b"), (2, b"a")):
        assert await arm(store, NOW, account_id, digest)


async def test_credits_are_taken_down_to_the_last_and_no_further(store: Store) -> None:
    account = await an_account(store)
    assert not await store.transact(lambda tx: tx.take_credits(account.id, account.balance + 1))
    assert await store.accounts() == [account]
    assert await store.transact(lambda tx: tx.take_credits(account.id, account.balance))
    assert (await store.accounts())[0].balance == 0
    assert not await store.transact(lambda tx: tx.take_credits(account.id, 1))


async def test_order_ids_are_consecutive_from_300_million_and_message_ids_leave_no_gap(store: Store) -> None:
    ids = [await allot(store, recipients) for recipients in (3, 1, 50_000, 1)]
    assert ids == [(300_000_000, 1), (300_000_001, 4), (300_000_002, 5), (300_000_003, 50_005)]


async def test_an_order_comes_back_as_it_was_stored(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id)
    assert await store.transact(lambda tx: tx.lock_order(account.id, placed.id)) == placed
    assert await store.transact(lambda tx: tx.lock_order(account.id + 1, placed.id)) is None
    assert await store.transact(lambda tx: tx.lock_order(account.id, placed.id + 1)) is None


async def test_a_block_comes_back_as_it_was_stored(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id)
    recipients: list[int | str] = [905_300_000_001, "kimse", "çok \N{SNOWMAN} garip", 905_300_000_002]
    mixed = unpack(placed.id, 7, pack(recipients, [TEXT, OTHER_TEXT], [1, 0, 1, 1], {}))
    await store.transact(lambda tx: tx.insert_blocks([mixed]))

    async def read(tx: Transaction) -> tuple[Block, tuple[object, ...], BlockState, list[int]]:
        key = (placed.id, 7)
        sending = (await tx.read_sending([key]))[key]
        prices = (await tx.recipient_prices([key]))[key]
        return sending.block, sending.texts, (await tx.load_states([key]))[key], prices

    block, texts, state, prices = await store.transact(read)
    assert block == mixed[0]
    assert texts == (OTHER_TEXT, TEXT)
    assert state.packed() == mixed[1].packed()
    assert prices == [2, 1, 2, 2]


async def test_what_is_sent_of_a_block_is_the_text_of_its_order_unless_it_has_several(store: Store) -> None:
    account = await an_account(store)
    placed = await an_order(store, account.id)
    sending = (await store.transact(lambda tx: tx.read_sending([(placed.id, 0)])))[placed.id, 0]
    assert sending.texts == placed.texts
    assert (sending.sender, sending.suffix) == (placed.sender, placed.suffix)
    assert sending.expires_at == placed.expires_at
    assert (sending.first_message_id, sending.resend_uncertain) == (placed.first_message_id, placed.resend_uncertain)


async def test_a_queue_row_comes_back_as_it_was_stored(store: Store) -> None:
    row = QueueRow(300_000_000, 2, 9, 1, NOW + 5, 44, "owner", NOW + 6, 3)
    await store.transact(lambda tx: tx.enqueue([row]))
    assert await store.transact(lambda tx: tx.queue_rows([(300_000_000, 2)])) == [row]
