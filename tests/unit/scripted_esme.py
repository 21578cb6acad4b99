"""An ESME for tests of the simulator, made of the same session that the gateway uses, over real TCP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from teslimat.carriers.simulator.outcomes import SPECIAL_PREFIX, TABLE
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.core.clock import SystemClock
from teslimat.smpp.esme import EsmeSession
from teslimat.smpp.events import Answered, BindRefused, Bound, Event
from teslimat.smpp.frames import FrameBuffer
from teslimat.smpp.pdus import Bind, Command, Message, Pdu, decode, encode_pdu, submit_body, submit_template
from teslimat.smpp.receipts import parse_receipt

HOST = "127.0.0.1"
ORDINARY = 905_300_000_000
NUMBER_OF = {outcome.name: f"90{SPECIAL_PREFIX}{ending:02}" for ending, outcome in TABLE.items()}
PATIENCE_S = 10.0


class Esme(asyncio.Protocol):
    """Acknowledges every receipt with ``acknowledge_with``, or not at all if that is None."""

    def __init__(self, acknowledge_with: int | None = 0) -> None:
        self.session: EsmeSession[str] = EsmeSession(0.0, window=100_000)
        self.acknowledge_with = acknowledge_with
        self.events: list[Event[str]] = []
        self.answers: dict[str, Answered[str]] = {}
        self.receipts: list[Message] = []
        self.happened = asyncio.Event()
        self.gone = False
        self.log: list[str] = []
        self.octets: bytearray | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self.gone = True
        self.events += self.session.closed()
        self.happened.set()

    def data_received(self, data: bytes) -> None:
        self.happened.set()
        if self.octets is not None:
            self.octets += data
            return
        received = []
        for event in self.session.receive(data, 0.0):
            if isinstance(event, Message):
                self.receipts.append(event)
                received.append(event.sequence)
                self.log.append("receipt")
            elif isinstance(event, Answered):
                self.answers[event.context] = event
                self.log.append("answer")
            else:
                self.events.append(event)
        if received and self.acknowledge_with is not None:
            self.session.acknowledge(received, self.acknowledge_with)
        self.write()

    def write(self) -> None:
        self.transport.write(self.session.data_to_send())

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.happened.clear()
                await self.happened.wait()

    async def bind(self, command: int = Command.BIND_TRANSCEIVER, system_id: str = "acme", password: str = "") -> None:
        self.session.bind(Bind(command, 0, system_id, password))
        self.write()
        await self.until(lambda: any(isinstance(event, Bound | BindRefused) for event in self.events))

    def submit(self, *numbers: str, text: bytes = b"hello", registered_delivery: int = 1) -> None:
        template = submit_template(source="ACME", registered_delivery=registered_delivery)
        self.session.submit([(submit_body(template, number.encode(), text), number) for number in numbers], 0.0)
        self.write()

    async def send(self, *numbers: str, text: bytes = b"hello", registered_delivery: int = 1) -> None:
        """Submit and wait for the answers."""
        for number in numbers:
            self.answers.pop(number, None)
        self.submit(*numbers, text=text, registered_delivery=registered_delivery)
        await self.until(lambda: all(number in self.answers for number in numbers))

    def status(self, name: str) -> int:
        return self.answers[NUMBER_OF[name]].status

    def states(self) -> list[str]:
        """What the receipts say, in order of arrival."""
        return [parse_receipt(receipt).state.name for receipt in self.receipts]


Connect = Callable[..., Awaitable[Esme]]


@asynccontextmanager
async def simulator_port(script: Script) -> AsyncIterator[tuple[Simulator, int]]:
    smsc = Simulator(script, SystemClock())
    port = await smsc.start(HOST, 0)
    try:
        yield smsc, port
    finally:
        await smsc.stop()


@asynccontextmanager
async def simulator(script: Script) -> AsyncIterator[tuple[Simulator, Connect]]:
    """A simulator, and what connects a bound ESME to it."""
    esmes: list[Esme] = []
    async with simulator_port(script) as (smsc, port):

        async def connect(acknowledge_with: int | None = 0, *, bind: bool = True) -> Esme:
            esme = Esme(acknowledge_with)
            await asyncio.get_running_loop().create_connection(lambda: esme, HOST, port)
            esmes.append(esme)
            if bind:
                await esme.bind()
            return esme

        yield smsc, connect
    for esme in esmes:
        await esme.until(lambda esme=esme: esme.gone)


async def acknowledged(smsc: Simulator, esme: Esme, count: int) -> None:
    """Wait until the simulator has read the acknowledgements: an enquire_link goes behind them."""
    esme.transport.write(encode_pdu(Command.ENQUIRE_LINK, 0, 0x7000_0000))
    seen = len(esme.events)
    await esme.until(lambda: len(esme.events) > seen)
    assert smsc.stats().receipts_acknowledged == count


async def raw(esme: Esme, octets: bytes) -> Pdu:
    """Send octets past the session; the next PDU that comes back."""
    read = esme.octets = bytearray()
    esme.transport.write(octets)
    await esme.until(lambda: len(read) >= 16)
    data, frames, _ = FrameBuffer().feed(bytes(read))
    return decode(data, frames[0])
