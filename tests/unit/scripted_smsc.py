"""A carrier that does what a test tells it to, over TCP, and an inbox that keeps what a pool brings."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, cast

from msgspec.structs import replace

from teslimat.carriers.pool import Pool
from teslimat.carriers.profile import PROFILES, Profile
from teslimat.core.clock import Clock, SystemClock
from teslimat.core.model import Carrier
from teslimat.core.outcomes import Answer, OutgoingPart, Receipt
from teslimat.core.ports import CarrierLink
from teslimat.smpp.events import Answered, Bound, Event
from teslimat.smpp.pdus import Message, receipt_body
from teslimat.smpp.receipts import MessageState, format_receipt
from teslimat.smpp.smsc import SmscSession
from teslimat.smpp.status import Status

T = TypeVar("T")


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


CLOCK = SystemClock()
DEFAULT = PROFILES["default"]
CARRIER = Carrier(
    id=7,
    name="test",
    host="127.0.0.1",
    port=0,
    system_id="house",
    password="secret",
    window=10,
    parts_per_second=0,
    binds=1,
    profile="default",
)
FOREVER = float("inf")

# Nothing is waited for by time; this only turns a hang into a failure.
PATIENCE_S = 20


async def soon(queue: asyncio.Queue[T]) -> T:
    async with asyncio.timeout(PATIENCE_S):
        return await queue.get()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something that it will do has happened."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event, and it takes a few turns only
            await asyncio.sleep(0)


class Peer(asyncio.Protocol):
    """The carrier's side of one connection."""

    def __init__(self, smsc: "ScriptedSmsc") -> None:
        self.smsc = smsc
        self.session: SmscSession[str] = SmscSession(
            CLOCK.monotonic(), system_id="smsc", admit=lambda _: smsc.admits, window=1000
        )
        self.closed = asyncio.Event()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.smsc.connected.put_nowait(self)

    def data_received(self, data: bytes) -> None:
        if self.smsc.deaf:
            return
        for event in self.session.receive(data, CLOCK.monotonic()):
            if isinstance(event, Bound):
                self.smsc.bound.put_nowait(self)
            elif isinstance(event, Message):
                self.smsc.submits.put_nowait((self, event))
            elif isinstance(event, Answered):
                self.smsc.acknowledged.put_nowait(event.context)
            else:
                self.smsc.others.put_nowait(event)
        self.flush()

    def flush(self) -> None:
        if data := self.session.data_to_send():
            self.transport.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        self.session.closed()
        self.closed.set()

    def answer(self, message: Message, message_id: str = "", status: int = Status.ESME_ROK) -> None:
        self.session.answer([(message.sequence, status, message_id.encode())])
        self.flush()

    def deliver(self, *message_ids: str, state: MessageState = MessageState.DELIVERED) -> None:
        texts = [format_receipt(i, state, submitted="2411241000", done="2411241001") for i in message_ids]
        self.deliver_bodies([(receipt_body(b"905321234567", b"ACME", text), text.decode()) for text in texts])

    def deliver_bodies(self, bodies: list[tuple[bytes, str]]) -> None:
        self.session.deliver(bodies, CLOCK.monotonic())
        self.flush()


class ScriptedSmsc:
    """Takes what comes and says nothing until told to."""

    def __init__(self) -> None:
        self.admits: int = Status.ESME_ROK
        self.deaf = False
        self.connected: asyncio.Queue[Peer] = asyncio.Queue()
        self.bound: asyncio.Queue[Peer] = asyncio.Queue()
        self.submits: asyncio.Queue[tuple[Peer, Message]] = asyncio.Queue()
        self.acknowledged: asyncio.Queue[str] = asyncio.Queue()
        self.others: asyncio.Queue[Event[str]] = asyncio.Queue()
        self.server: asyncio.Server

    @property
    def port(self) -> int:
        return int(self.server.sockets[0].getsockname()[1])

    async def accept_all(self, count: int) -> list[Message]:
        """Accept the next submits, each under an id of its own."""
        messages = []
        for _ in range(count):
            peer, message = await soon(self.submits)
            peer.answer(message, f"id-{message.destination}")
            messages.append(message)
        return messages


class KeepingInbox:
    """Keeps what it gets, in order."""

    def __init__(self) -> None:
        self.is_full = False
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.receipts: asyncio.Queue[tuple[Receipt, object]] = asyncio.Queue()
        self.answer_batches: list[int] = []
        self.receipt_batches: list[int] = []

    def answered(self, answers: Sequence[Answer]) -> None:
        self.answer_batches.append(len(answers))
        for answer in answers:
            self.answers.put_nowait(answer)

    def received(self, link: CarrierLink, receipts: Sequence[tuple[Receipt, object]]) -> None:
        assert link.carrier_id == CARRIER.id
        self.receipt_batches.append(len(receipts))
        for receipt in receipts:
            self.receipts.put_nowait(receipt)

    def full(self) -> bool:
        return self.is_full

    async def next_answers(self, count: int) -> list[Answer]:
        return [await soon(self.answers) for _ in range(count)]


class Bench:
    """A pool, its carrier and its inbox."""

    def __init__(self, pool: Pool, smsc: ScriptedSmsc, inbox: KeepingInbox, bell: asyncio.Event) -> None:
        self.pool = pool
        self.smsc = smsc
        self.inbox = inbox
        self.bell = bell

    async def bound(self) -> Peer:
        """The next bind, once both sides know of it."""
        before = self.pool.tally.binds
        peer = await soon(self.smsc.bound)
        await until(lambda: self.pool.tally.binds > before or self.pool.state.bound > 0)
        return peer


def parts(count: int, first: int = 0, sender: str = "ACME") -> list[OutgoingPart]:
    return [
        OutgoingPart(1, 0, position, 0, 905320000000 + position, sender, 0, has_header=False, payload=b"hello")
        for position in range(first, first + count)
    ]


@asynccontextmanager
async def bench(
    *,
    window: int = 10,
    binds: int = 1,
    parts_per_second: int = 0,
    profile: Profile = DEFAULT,
    clock: Clock = CLOCK,
    smsc: ScriptedSmsc | None = None,
) -> AsyncIterator[Bench]:
    """A started pool that connects again at once."""
    smsc = smsc or ScriptedSmsc()
    loop = asyncio.get_running_loop()
    smsc.server = await loop.create_server(lambda: Peer(smsc), "127.0.0.1", 0)
    carrier = replace(CARRIER, port=smsc.port, window=window, parts_per_second=parts_per_second, binds=binds)
    inbox, bell = KeepingInbox(), asyncio.Event()
    faults: list[BaseException] = []
    pool = Pool(carrier, profile, inbox, clock, lambda: 0.0, bell.set, faults.append)
    pool.start()
    try:
        yield Bench(pool, smsc, inbox, bell)
        assert not faults
    finally:
        await pool.stop(0)
        smsc.server.close()
        await smsc.server.wait_closed()
