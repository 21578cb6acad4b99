"""Rows to put into a store, plausible unless a test says otherwise, and one-statement transactions."""

from array import array

from msgspec.structs import replace

from teslimat.core.block import BlockState
from teslimat.core.model import Account, Block, Carrier, Order, OrderChange, QueueRow, SubmissionRow, Text
from teslimat.core.outcomes import Receipt
from teslimat.core.packing import pack, unpack
from teslimat.core.ports import Store, Transaction
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED

NOW = 1_790_000_000_000
ACCOUNT = Account(
    id=0,
    name="acme",
    key="0123456789abcdef" * 2,
    hash_digest=bytes(range(32)),
    balance=1_000,
    credited=1_000,
    api_access=True,
    allow_ips=("10.0.0.0/8", "2001:db8::/32"),
    max_recipients=50_000,
    iys_code=None,
    senders=("ACME", "ACME İnş"),
)
CARRIER = Carrier(
    id=0,
    name="first",
    host="smsc.example",
    port=2775,
    system_id="acme",
    password="secret",
    window=50,
    parts_per_second=0,
    binds=2,
    profile="standard",
)
TEXT = Text("Merhaba dünya", 0, 1, 1)
OTHER_TEXT = Text("ğ" * 200, 1, 2, 1)


def order(order_id: int, account_id: int, total: int = 3) -> Order:
    return Order(
        id=order_id,
        account_id=account_id,
        sender="ACME",
        suffix=" B186",
        texts=(TEXT,),
        recipient_price=1,
        resend_uncertain=True,
        scheduled=False,
        submit_at=NOW,
        send_at=NOW,
        expires_at=NOW + 172_800_000,
        first_message_id=1,
        total=total,
        delivered=0,
        undelivered=0,
        waiting=total,
        price=total,
        queue_rows=1,
        reached_carrier=False,
        cancelled_at=None,
        uncertain=0,
        revision=0,
    )


def queue_row(order_id: int, block_no: int = 0, carrier_id: int = 1, queued: int = 3) -> QueueRow:
    return QueueRow(order_id, block_no, carrier_id, 0, NOW, queued)


def blocks(order_id: int, total: int = 3, first: int = 905_300_000_000) -> list[tuple[Block, BlockState]]:
    whole = range(first, first + total)
    return [
        unpack(order_id, no, pack(whole[start : start + 1000], [TEXT], None, {}))
        for no, start in enumerate(range(0, total, 1000))
    ]


async def an_account(store: Store, account: Account = ACCOUNT) -> Account:
    account_id = await store.transact(lambda tx: tx.insert_account(account))
    return replace(account, id=account_id)


async def an_order(store: Store, account_id: int, total: int = 3, row: QueueRow | None = None) -> Order:
    """Store an order with its blocks and a queue row for each."""

    async def work(tx: Transaction) -> Order:
        order_id, first_message_id = await tx.allot_ids(total)
        placed = replace(order(order_id, account_id, total), first_message_id=first_message_id)
        await tx.insert_order(placed)
        await tx.insert_blocks(blocks(order_id, total))
        rows = [
            replace(row or queue_row(order_id), order_id=order_id, block_no=no, queued=min(total - 1000 * no, 1000))
            for no in range(-(-total // 1000))
        ]
        await tx.enqueue(rows)
        return placed

    return await store.transact(work)


def submission(message_id: str, order_id: int, position: int = 0, forget_at: int = NOW + 1) -> SubmissionRow:
    return SubmissionRow(1, message_id, order_id, 0, position, 0, 905_300_000_000, 0, forget_at)


def receipt(*message_ids: str, number: int = 905_300_000_000, at: int = NOW) -> Receipt:
    return Receipt(1, message_ids, DELIVERED, Reason.NONE, "000", number, "ACME", at)


def change(order_id: int, *, delivered: int = 0, undelivered: int = 0, back: int = 0, revision: int = 1) -> OrderChange:
    return OrderChange(
        delivered=delivered,
        undelivered=undelivered,
        price_back=back,
        reached_carrier=False,
        uncertain=0,
        revision=revision,
        cancelled_at=None,
        id=order_id,
    )


def numbers_in(packed: bytes) -> list[int]:
    return list(array("Q", packed))
