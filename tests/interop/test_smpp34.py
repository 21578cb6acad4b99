"""Our sessions against an independent implementation over real TCP: smpp34 as the SMSC, then as the ESME.

Two roles smpp34 1.5.0 does not play as an SMSC: it nacks every deliver_sm_resp of a receiver (so receipts are tried
with a transceiver), and it hangs up on unbind without an unbind_resp.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import smpp34

from teslimat.smpp.esme import EsmeSession
from teslimat.smpp.events import Answered, BindRefused, Bound, Event, PeerUnbinding
from teslimat.smpp.fields import encode_tlvs
from teslimat.smpp.pdus import Bind, Command, Message, receipt_body, submit_body, submit_template
from teslimat.smpp.receipts import MessageState, format_receipt, parse_receipt, receipt_tlvs
from teslimat.smpp.session import Session
from teslimat.smpp.smsc import SmscSession
from teslimat.smpp.status import Status

TEMPLATE = submit_template(source="SENDER")
TEXT = "Siparişiniz yola çıktı".encode("utf-16-be")
RECEIPT_TEXT = format_receipt("77", MessageState.DELIVERED, submitted="2611240955", done="2611240956", text="Merhaba")

pytestmark = [pytest.mark.timeout(30), pytest.mark.parametrize("read_octets", [3, 65536])]


class Wire:
    """The thinnest shell around a session: reads ``read_octets`` at a time and hands out events one by one."""

    def __init__(
        self, session: Session[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read_octets: int
    ) -> None:
        self.session = session
        self._reader, self._writer, self._read_octets = reader, writer, read_octets
        self._events: list[Event[str]] = []

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def flush(self) -> None:
        self._writer.write(self.session.data_to_send())
        await self._writer.drain()

    async def event(self) -> Event[str]:
        while not self._events:
            data = await self._reader.read(self._read_octets)
            assert data, "the peer hung up"
            self._events += self.session.receive(data, self.now())
            await self.flush()
        return self._events.pop(0)

    async def message(self) -> Message:
        event = await self.event()
        assert isinstance(event, Message)
        return event

    async def end(self) -> None:
        """Read until the peer hangs up; it may or may not have answered before."""
        while data := await self._reader.read(self._read_octets):
            self._events += self.session.receive(data, self.now())

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):  # the peer may have closed first
            await self._writer.wait_closed()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def bound_to_smpp34(command: Command, read_octets: int) -> AsyncIterator[tuple[Wire, smpp34.Server, smpp34.Esme]]:
    port = free_port()
    server = smpp34.Server("127.0.0.1", port, system_id="other")
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    session: EsmeSession[str] = EsmeSession(asyncio.get_running_loop().time(), window=100)
    wire = Wire(session, reader, writer, read_octets)
    session.bind(Bind(command, 0, "esme", "secret"))
    await wire.flush()
    bound = await wire.event()
    assert isinstance(bound, Bound)
    assert bound.system_id == "other"
    peer = await server.next()
    assert isinstance(peer, smpp34.Esme)
    try:
        yield wire, server, peer
    finally:
        await wire.close()
        await server.stop()


async def test_smpp34_as_smsc_takes_our_messages_and_its_answers_find_their_context(read_octets: int) -> None:
    async with bound_to_smpp34(Command.BIND_TRANSCEIVER, read_octets) as (wire, server, _):
        session = wire.session
        assert isinstance(session, EsmeSession)
        numbers = [str(905320000000 + i) for i in range(50)]
        bodies = [(submit_body(TEMPLATE, number.encode(), TEXT), number) for number in numbers]
        session.submit(bodies, wire.now())
        await wire.flush()
        seen = []
        for _ in numbers:
            event = await server.next()
            assert isinstance(event, smpp34.SubmitSmEvent)
            assert (event.source_addr, event.short_message, event.registered_delivery) == ("SENDER", TEXT, 1)
            seen.append(event.destination_addr)
            if event.destination_addr.endswith("7"):
                event.reject(smpp34.ESME_RTHROTTLED)
            else:
                event.accept("id-" + event.destination_addr)
        assert sorted(seen) == numbers
        answers = [await wire.event() for _ in numbers]
        expected = [
            Answered(number, Status.ESME_RTHROTTLED, "", False)
            if number.endswith("7")
            else Answered(number, 0, "id-" + number, False)
            for number in numbers
        ]
        assert sorted(answers, key=str) == sorted(expected, key=str)


async def test_smpp34_as_smsc_waits_until_we_acknowledge_its_receipt(read_octets: int) -> None:
    async with bound_to_smpp34(Command.BIND_TRANSCEIVER, read_octets) as (wire, _, peer):
        session = wire.session
        assert isinstance(session, EsmeSession)
        tlvs = [smpp34.Tlv(tag, value) for tag, value in receipt_tlvs("4D", MessageState.UNDELIVERABLE, (3, 34))]
        delivering = asyncio.ensure_future(
            peer.deliver_sm("SENDER", RECEIPT_TEXT, source_addr="905321234567", esm_class=0x04, tlvs=tlvs)
        )
        message = await wire.message()
        receipt = parse_receipt(message)
        assert receipt is not None
        assert (receipt.message_id, receipt.state) == ("4D", MessageState.UNDELIVERABLE)
        assert (message.source, message.destination, receipt.error_code) == ("905321234567", "SENDER", "034")
        assert not delivering.done()
        session.acknowledge([message.sequence])
        await wire.flush()
        assert (await delivering).is_success


@pytest.mark.parametrize("command", [Command.BIND_TRANSMITTER, Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER])
async def test_smpp34_as_smsc_binds_us_in_each_way_and_lets_us_go(read_octets: int, command: Command) -> None:
    async with bound_to_smpp34(command, read_octets) as (wire, server, peer):
        assert peer.can_receive == (command != Command.BIND_TRANSMITTER)
        wire.session.unbind(wire.now())
        await wire.flush()
        gone = await server.next()
        assert isinstance(gone, smpp34.Unbound)
        assert gone.session_id == peer.session_id
        await wire.end()
        assert wire.session.closed() == []


@asynccontextmanager
async def serving_smpp34(
    read_octets: int, admit: Callable[[Bind], int] = lambda _bind: Status.ESME_ROK
) -> AsyncIterator[tuple[int, "asyncio.Queue[Wire]"]]:
    wires: asyncio.Queue[Wire] = asyncio.Queue()
    opened: list[Wire] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time()
        session: SmscSession[str] = SmscSession(now, system_id="ours", admit=admit, window=100)
        opened.append(Wire(session, reader, writer, read_octets))
        await wires.put(opened[-1])

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], wires
    finally:
        for wire in opened:
            await wire.close()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("bind_type", ["TRX", "TX", "RX"])
async def test_smpp34_as_esme_binds_to_us_sends_receives_and_unbinds(read_octets: int, bind_type: str) -> None:
    async with serving_smpp34(read_octets) as (port, wires):
        client = smpp34.Client("127.0.0.1", port, "esme", "secret", bind_type=bind_type, window_size=50)
        connecting = asyncio.ensure_future(client.connect())
        wire = await wires.get()
        session = wire.session
        assert isinstance(session, SmscSession)
        bound = await wire.event()
        assert isinstance(bound, Bound)
        assert bound.system_id == "esme"
        smsc = await connecting
        if bind_type != "RX":
            await take_messages(wire, session, smsc)
        if bind_type != "TX":
            await give_receipts(wire, session, smsc)
        unbinding = asyncio.ensure_future(smsc.unbind())
        assert await wire.event() == PeerUnbinding()
        await unbinding
        await wire.close()
        await client.stop()


async def take_messages(wire: Wire, session: SmscSession[str], smsc: smpp34.Smsc) -> None:
    sending = [
        asyncio.ensure_future(smsc.submit_sm(str(905320000000 + i), TEXT, source_addr="SENDER", data_coding=8))
        for i in range(40)
    ]
    for _ in sending:
        message = await wire.message()
        assert (message.source, message.short_message, message.data_coding) == ("SENDER", TEXT, 8)
        if message.destination.endswith("7"):
            session.answer([(message.sequence, Status.ESME_RMSGQFUL, b"")])
        else:
            session.answer([(message.sequence, 0, b"id-" + message.destination.encode())])
        await wire.flush()
    for i, answer in enumerate(await asyncio.gather(*sending)):
        if i % 10 == 7:
            assert answer.command_status == Status.ESME_RMSGQFUL
        else:
            assert (answer.is_success, answer.message_id) == (True, f"id-{905320000000 + i}")


async def give_receipts(wire: Wire, session: SmscSession[str], smsc: smpp34.Smsc) -> None:
    tlvs = receipt_tlvs("77", MessageState.DELIVERED)
    body = receipt_body(b"905321234567", b"SENDER", RECEIPT_TEXT, encode_tlvs(tlvs))
    session.deliver([(body, f"receipt {i}") for i in range(20)], wire.now())
    await wire.flush()
    for _ in range(20):
        event = await smsc.next()
        assert isinstance(event, smpp34.DeliverSmEvent)
        assert (event.short_message, event.esm_class) == (RECEIPT_TEXT, 4)
        assert [(tlv.tag, tlv.value) for tlv in event.tlvs] == list(tlvs)
    answers = [await wire.event() for _ in range(20)]
    assert sorted(answers, key=str) == sorted((Answered(f"receipt {i}", 0, "", False) for i in range(20)), key=str)


async def test_smpp34_as_esme_hangs_up_once_its_bind_is_refused(read_octets: int) -> None:
    async with serving_smpp34(read_octets, lambda _bind: Status.ESME_RINVPASWD) as (port, wires):
        client = smpp34.Client("127.0.0.1", port, "esme", "wrong", connect_timeout_ms=500)
        connecting = asyncio.ensure_future(client.connect())
        wire = await wires.get()
        assert await wire.event() == BindRefused("esme", Status.ESME_RINVPASWD)
        await wire.end()
        with pytest.raises(smpp34.SmppError):
            await connecting
        await client.stop()
