"""Accept an order: check it, count it, pay for it and store it, in one transaction."""

import asyncio
import hashlib
from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from teslimat.core.clock import Clock
from teslimat.core.errors import (
    DUPLICATE,
    IYS_CODE_MISSING,
    NO_CREDIT,
    NO_RECIPIENT,
    NO_TEXT,
    SENDER_REFUSED,
    TOO_LARGE,
    UNREADABLE,
    Refused,
)
from teslimat.core.model import BLOCK_SIZE, SMALL_ORDER, Account, Order, QueueRow, Text
from teslimat.core.numbers import odd, parse_all
from teslimat.core.packing import PackedBlock, Recipient, pack, unpack
from teslimat.core.ports import Store, Transaction
from teslimat.core.reasons import Reason
from teslimat.flows.notify import Change, record
from teslimat.flows.screen import screen
from teslimat.flows.throttle import Throttle
from teslimat.text.parts import Plan, Refusal, plan

DUPLICATE_WINDOW_MS: Final = 600_000
TEST_SENDER: Final = "APITEST"
"""May be used before any sender is approved; it reaches the account's own test number and no other, for nothing."""
TEST_TEXT: Final = "Teslimat test mesajı"
"""What a test message says, whatever its text."""
_SLICE: Final = 5_000
"""Recipients handled between two turns of the event loop."""
_BLOCKS_PER_TURN: Final = 8
_DIGEST_SIZE: Final = 16


class MessageRequest(NamedTuple):
    """One text and whom it is for, as the client wrote them."""

    text: str | None
    numbers: list[object]


class OrderRequest(NamedTuple):
    """An order as the client wrote it."""

    sender: str | None
    send_at: int | None
    """Milliseconds since 1970 UTC; None or a past moment means now."""
    registry_list: str | None
    """The list of the consent registry that is to be asked, BIREYSEL or TACIR; None for texts that need no consent."""
    messages: Sequence[MessageRequest]

    @property
    def commercial(self) -> bool:
        """Whether the texts need consent."""
        return self.registry_list is not None


class Placing(Struct, frozen=True):
    """What placing needs."""

    store: Store
    clock: Clock
    suffix: str
    """The operator code that is appended to every text, its blank included."""
    lifetime_ms: int
    """How long after send_at a recipient may wait for its fate."""
    routes: Callable[[int], Sequence[int]]
    """Chooses a carrier for each of so many blocks; 0 while there is none."""
    ring: Callable[[], None]
    """Wakes the dispatchers."""
    throttle: Throttle


class _Content(NamedTuple):
    """What an order says to whom, checked and counted."""

    texts: tuple[Text, ...]
    """The different texts."""
    blocks: list[PackedBlock]
    digest: bytes
    """What makes two orders the same; see _digest."""
    total: int
    waiting: int
    price: int

    @property
    def lacks_consent(self) -> bool:
        return any(Reason.NO_CONSENT in block.refused.values() for block in self.blocks)


async def place(house: Placing, account: Account, request: OrderRequest) -> int:
    """Accept an order and return its id; 200 may be answered once this returns (promise 3).

    Raises Refused with the first code that applies, in the order 470, 450, 454, 453, 452, 451, 402, 503; then
    nothing is stored, charged or remembered. An order for which nobody has given consent is accepted, and over at once.
    """
    texts, text_ids = await _checked_texts(house, account, request)
    content = await _content(house.store, account, request, texts, text_ids)
    if not content.waiting and not content.lacks_consent:
        raise Refused(NO_RECIPIENT)
    now = house.clock.now()
    order_id = await _store(house, account, request, content, now)
    house.ring()
    return order_id


async def _store(house: Placing, account: Account, request: OrderRequest, content: _Content, now: int) -> int:
    queued = [block_no for block_no, block in enumerate(content.blocks) if block.queued]
    routes = dict(zip(queued, house.routes(len(queued)), strict=True))
    taken = False

    async def store_all(tx: Transaction) -> int:
        nonlocal taken
        if not await tx.arm_duplicate(account.id, content.digest, now, DUPLICATE_WINDOW_MS):
            raise Refused(DUPLICATE)
        if not await tx.take_credits(account.id, content.price):
            raise Refused(NO_CREDIT)
        if not request.commercial:
            house.throttle.take(account, content.waiting, now)
            taken = True
        order_id, first_message_id = await tx.allot_ids(content.total)
        order = _order(
            house,
            account,
            request,
            content,
            now=now,
            order_id=order_id,
            first_message_id=first_message_id,
            queue_rows=len(queued),
        )
        await tx.insert_order(order)
        for start in range(0, len(content.blocks), _BLOCKS_PER_TURN):
            if start:
                await asyncio.sleep(0)
            some = list(enumerate(content.blocks[start : start + _BLOCKS_PER_TURN], start))
            await tx.insert_blocks([unpack(order_id, no, block) for no, block in some])
            news = (Change((order_id, no), range(len(block.states)), block.states) for no, block in some)
            await record(tx, account.id, news, now)
        priority = 0 if order.total <= SMALL_ORDER else 1
        await tx.enqueue(
            [
                QueueRow(order_id, no, carrier_id, priority, order.send_at, content.blocks[no].queued)
                for no, carrier_id in routes.items()
            ]
        )
        return order_id

    try:
        return await house.store.transact(store_all)
    except Exception:
        if taken:
            house.throttle.give_back(account, content.waiting)
        raise


def _order(
    house: Placing,
    account: Account,
    request: OrderRequest,
    content: _Content,
    *,
    now: int,
    order_id: int,
    first_message_id: int,
    queue_rows: int,
) -> Order:
    send_at = max(now, request.send_at or 0)
    prices = {text.price for text in content.texts}
    return Order(
        id=order_id,
        account_id=account.id,
        sender=request.sender or "",
        suffix=house.suffix,
        texts=content.texts if len(content.texts) == 1 else (),
        recipient_price=prices.pop() if len(prices) == 1 else None,
        resend_uncertain=not request.commercial,
        scheduled=send_at > now,
        submit_at=now,
        send_at=send_at,
        expires_at=send_at + house.lifetime_ms,
        first_message_id=first_message_id,
        total=content.total,
        delivered=0,
        undelivered=content.total - content.waiting,
        waiting=content.waiting,
        price=content.price,
        queue_rows=queue_rows,
        reached_carrier=False,
        cancelled_at=None,
        uncertain=0,
        revision=0,
        registry_list=request.registry_list,
    )


async def _checked_texts(house: Placing, account: Account, request: OrderRequest) -> tuple[tuple[Text, ...], list[int]]:
    """Give the different texts, and which of them each message has. Raises Refused: 470, 450, 454, 453, 400."""
    if request.commercial and account.iys_code is None:
        raise Refused(IYS_CODE_MISSING)
    test = request.sender == TEST_SENDER
    if (test and request.commercial) or not (test or request.sender in account.senders):
        raise Refused(SENDER_REFUSED)
    bodies = [message.text for message in request.messages if message.text and not message.text.isspace()]
    if len(bodies) < len(request.messages):
        raise Refused(NO_TEXT)
    # Also a text without any recipient counts as one: counting its parts is work.
    if sum(len(message.numbers) or 1 for message in request.messages) > account.max_recipients:
        raise Refused(TOO_LARGE)
    number_of = {body: i for i, body in enumerate(dict.fromkeys(bodies))}
    counted = []
    for body in number_of:
        counted.append(_counted(body, house.suffix, account.unit_price))
        if len(counted) % BLOCK_SIZE == 0:
            await asyncio.sleep(0)
    if test:
        return (_counted(TEST_TEXT, house.suffix, 0),), [0] * len(bodies)
    return tuple(counted), [number_of[body] for body in bodies]


def _counted(body: str, suffix: str, unit_price: int) -> Text:
    match plan(body, suffix):
        case Plan(coding, parts):
            return Text(body, int(coding), parts, unit_price)
        case Refusal.TOO_LONG:
            raise Refused(TOO_LARGE)
        case Refusal.UNENCODABLE:
            raise Refused(UNREADABLE)


async def _content(
    store: Store, account: Account, request: OrderRequest, texts: tuple[Text, ...], text_ids: Sequence[int]
) -> _Content:
    """Pack an order's recipients: message after message, each recipient once per message."""
    messages = request.messages
    parsed = await _parsed([number for message in messages for number in message.numbers])
    unwanted = await screen(store, account.id, account.iys_code, request.registry_list, parsed)
    if request.sender == TEST_SENDER:
        others = (number for number in parsed if isinstance(number, int) and number != account.test_number)
        unwanted |= dict.fromkeys(others, Reason.BARRED)
    recipients: list[Recipient] = []
    ids: list[int] = []
    digests: list[bytes] = []
    start = 0
    for message, text_id in zip(messages, text_ids, strict=True):
        end = start + len(message.numbers)
        unique = parsed[start:end] if end - start == 1 else list(dict.fromkeys(parsed[start:end]))
        recipients += unique
        if len(texts) > 1:
            ids += [text_id] * len(unique)
        digests.append(_digest(message.text or "", unique))
        start = end
        if len(digests) % BLOCK_SIZE == 0:
            await asyncio.sleep(0)
    blocks = []
    for start in range(0, len(recipients), BLOCK_SIZE):
        end = start + BLOCK_SIZE
        blocks.append(pack(recipients[start:end], texts, ids[start:end] if ids else None, unwanted))
        if len(blocks) % _BLOCKS_PER_TURN == 0:
            await asyncio.sleep(0)
    digest = hashlib.blake2b(b"".join(sorted(digests)), digest_size=_DIGEST_SIZE).digest()
    return _Content(
        texts,
        blocks,
        digest,
        total=len(recipients),
        waiting=sum([block.queued for block in blocks]),
        price=sum([block.price for block in blocks]),
    )


async def _parsed(numbers: list[object]) -> list[Recipient]:
    """Read numbers, a slice per turn of the event loop; what is none stays as it was given."""
    recipients: list[Recipient] = []
    for start in range(0, len(numbers), _SLICE):
        if start:
            await asyncio.sleep(0)
        some = numbers[start : start + _SLICE]
        recipients += [
            odd(given) if number is None else number for number, given in zip(parse_all(some), some, strict=True)
        ]
    return recipients


def _digest(body: str, recipients: list[Recipient]) -> bytes:
    """What makes two messages the same: text and set of recipients, whatever their order."""
    text = body.encode("utf-8")
    digest = hashlib.blake2b(b"%d:" % len(text), digest_size=_DIGEST_SIZE)
    digest.update(text)
    numbers = [recipient for recipient in recipients if isinstance(recipient, int)]
    if len(numbers) < len(recipients):
        odd_ones = {recipient for recipient in recipients if isinstance(recipient, str)}
        digest.update("".join([f"{given}\n" for given in sorted(odd_ones)]).encode("utf-8"))
    digest.update(array("Q", sorted(numbers)))
    return digest.digest()
