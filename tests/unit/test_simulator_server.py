"""The simulator over real TCP, seen by an ESME made of the same session that the gateway uses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from teslimat.carriers.simulator.outcomes import BY_NAME, SPECIAL_PREFIX, TABLE
from teslimat.carriers.simulator.receipts import IdForm
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.core.clock import SystemClock
from teslimat.smpp.esme import EsmeSession
from teslimat.smpp.events import Answered, BindRefused, Bound, Event, Lost
from teslimat.smpp.frames import FrameBuffer
from teslimat.smpp.pdus import Bind, Command, Message, Signal, decode, encode_pdu, submit_body, submit_template
from teslimat.smpp.receipts import parse_receipt
from teslimat.smpp.status import Status

HOST = "127.0.0.1"
ORDINARY = 905_300_000_000
NUMBER_OF = {outcome.name: f"90{SPECIAL_PREFIX}{ending:02}" for ending, outcome in TABLE.items()}
PATIENCE_S = 10.0


class Esme(asyncio.Protocol):
    """Acknowledges every receipt with ``acknowledge_with``, or not at all if that is None."""

    def __init__(self, acknowledge_with: int | None = 0) -> None:
        self.session: EsmeSession[str] = EsmeSession(0.0, window=10_000)
        self.acknowledge_with = acknowledge_with
        self.events: list[Event[str]] = []
        self.answers: dict[str, Answered[str]] = {}
        self.receipts: list[Message] = []
        self.happened = asyncio.Event()
        self.gone = False
        self.log: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self.gone = True
        self.events += self.session.closed()
        self.happened.set()

    def data_received(self, data: bytes) -> None:
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
        self.happened.set()

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
async def simulator(script: Script) -> AsyncIterator[tuple[Simulator, Connect]]:
    smsc = Simulator(script, SystemClock())
    port = await smsc.start(HOST, 0)
    esmes: list[Esme] = []

    async def connect(acknowledge_with: int | None = 0, *, bind: bool = True) -> Esme:
        esme = Esme(acknowledge_with)
        await asyncio.get_running_loop().create_connection(lambda: esme, HOST, port)
        esmes.append(esme)
        if bind:
            await esme.bind()
        return esme

    try:
        yield smsc, connect
    finally:
        await smsc.stop()
        for esme in esmes:
            esme.transport.close()
            await esme.until(lambda esme=esme: esme.gone)


async def test_messages_are_answered_with_ids_that_differ_and_receipts_name_them() -> None:
    numbers = [str(ORDINARY + i) for i in range(2_000)]
    async with simulator(Script(undelivered=0.25, seed=5)) as (smsc, connect):
        esme = await connect()
        await esme.send(*numbers)
        await esme.until(lambda: len(esme.receipts) == len(numbers))
        ids = {esme.answers[number].message_id: number for number in numbers}
        assert len(ids) == len(numbers)
        outcomes = Script(undelivered=0.25, seed=5).outcomes()
        for receipt in esme.receipts:
            parsed = parse_receipt(receipt)
            assert ids[parsed.message_id] == receipt.source
            assert parsed.state is outcomes.of(receipt.source).receipts[0].state
        await acknowledged(smsc, esme, len(numbers))
        stats = smsc.stats()
        assert (stats.messages, stats.copies, stats.receipts_sent) == (2_000, 0, 2_000)
        assert sum(stats.outcomes.values()) == 2_000
        assert stats.outcomes["delivered"] == sum(outcomes.of(n).name == "delivered" for n in numbers)


async def acknowledged(smsc: Simulator, esme: Esme, count: int) -> None:
    """Wait until the simulator has read the acknowledgements: an enquire_link goes behind them."""
    esme.transport.write(encode_pdu(Command.ENQUIRE_LINK, 0, 0x7000_0000))
    seen = len(esme.events)
    await esme.until(lambda: len(esme.events) > seen)
    assert smsc.stats().receipts_acknowledged == count


async def test_a_message_sent_again_is_a_copy_and_another_text_or_part_is_not() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        number = str(ORDINARY)
        for text in (b"one", b"two", b"one", b"\x05\x00\x03\x01\x02\x01x", b"\x05\x00\x03\x01\x02\x02x", b"one"):
            await esme.send(number, text=text)
        assert (smsc.stats().messages, smsc.stats().copies) == (4, 2)


@pytest.mark.parametrize("name", ["sender-refused", "number-refused", "submit-failed", "vendor-refusal"])
async def test_a_refused_message_gets_its_status_and_no_receipt(name: str) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        await esme.send(NUMBER_OF[name])
        assert esme.status(name) == BY_NAME[name].replies[0].status
        stats = smsc.stats()
        assert (stats.messages, stats.refused, stats.receipts_waiting, stats.receipts_sent) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("name", "status"), [("throttled", Status.ESME_RTHROTTLED), ("queue-full", Status.ESME_RMSGQFUL)]
)
async def test_a_throttled_message_is_taken_at_the_third_try_and_is_no_copy(name: str, status: int) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        seen = []
        for _ in range(3):
            await esme.send(NUMBER_OF[name])
            seen.append(esme.status(name))
        await esme.until(lambda: esme.states() == ["DELIVERED"])
        assert seen == [status, status, 0]
        assert (smsc.stats().messages, smsc.stats().copies, smsc.stats().throttled) == (1, 0, 2)


@pytest.mark.parametrize(
    "outcome",
    [
        outcome
        for outcome in BY_NAME.values()
        if outcome.replies[0].taken and outcome.receipts and outcome.name != "taken-hang-up"
    ],
    ids=lambda outcome: outcome.name,
)
async def test_each_outcome_sends_its_receipts_in_their_order(outcome: object) -> None:
    async with simulator(Script(late=0.01, reorder=True)) as (smsc, connect):
        esme = await connect()
        esme.submit(NUMBER_OF[outcome.name])
        expected = [plan.state.name for plan in outcome.receipts for _ in range(plan.copies)]
        await esme.until(lambda: len(esme.receipts) == len(expected))
        assert esme.states() == expected
        assert smsc.stats().outcomes == {outcome.name: 1}


async def test_an_early_receipt_comes_before_the_answer_and_names_the_id_that_the_answer_will() -> None:
    async with simulator(Script(late=0.05)) as (_, connect):
        esme = await connect()
        await esme.send(NUMBER_OF["early-receipt"])
        assert esme.log == ["receipt", "answer"]
        message_id = esme.answers[NUMBER_OF["early-receipt"]].message_id
        assert esme.receipts[0].short_message.startswith(b"id:%b " % message_id.encode())


async def test_a_message_without_an_answer_leaves_the_others_answered() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        esme.submit(NUMBER_OF["taken-no-answer"], NUMBER_OF["not-taken-no-answer"])
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 2)
        assert list(esme.answers) == [str(ORDINARY)]
        assert (smsc.stats().messages, smsc.stats().unanswered) == (2, 2)
        await esme.send(NUMBER_OF["not-taken-no-answer"])
        assert (smsc.stats().messages, smsc.stats().copies) == (3, 0)


@pytest.mark.parametrize(("name", "counts"), [("taken-hang-up", (3, 1)), ("not-taken-hang-up", (3, 0))])
async def test_a_hang_up_comes_after_the_answers_before_it_and_receipts_wait_for_the_next_bind(
    name: str, counts: tuple[int, int]
) -> None:
    async with simulator(Script(delay=0.02)) as (smsc, connect):
        first = await connect()
        first.submit(str(ORDINARY), NUMBER_OF[name], str(ORDINARY + 1))
        await first.until(lambda: first.gone)
        assert list(first.answers) == [str(ORDINARY)]
        assert [event for event in first.events if isinstance(event, Lost)] == [
            Lost(NUMBER_OF[name]),
            Lost(str(ORDINARY + 1)),
        ]
        again = await connect()
        await again.send(NUMBER_OF[name], str(ORDINARY + 1))
        await again.until(lambda: len(first.receipts) + len(again.receipts) == sum(counts))
        assert (smsc.stats().messages, smsc.stats().copies, smsc.stats().hang_ups) == (*counts, 1)


async def test_a_script_can_hang_up_every_so_many_messages() -> None:
    numbers = [str(ORDINARY + i) for i in range(10)]
    async with simulator(Script(disconnect_every=4)) as (smsc, connect):
        esme = await connect()
        esme.submit(*numbers)
        await esme.until(lambda: esme.gone)
        assert list(esme.answers) == numbers[:3]
        assert smsc.stats().messages == 4


async def test_receipts_not_acknowledged_come_again_after_the_next_bind_of_the_same_system_id_only() -> None:
    numbers = [str(ORDINARY + i) for i in range(50)]
    async with simulator(Script()) as (smsc, connect):
        deaf = await connect(None)
        await deaf.send(*numbers)
        await deaf.until(lambda: len(deaf.receipts) == 50)
        deaf.transport.close()
        await deaf.until(lambda: deaf.gone)
        stranger = await connect(bind=False)
        await stranger.bind(system_id="stranger")
        await stranger.send(str(ORDINARY + 50))
        await stranger.until(lambda: len(stranger.receipts) == 1)
        assert smsc.stats().receipts_waiting == 50
        receiver = await connect(bind=False)
        await receiver.bind(Command.BIND_RECEIVER)
        await receiver.until(lambda: len(receiver.receipts) == 50)
        assert [receipt.source for receipt in receiver.receipts] == numbers
        await acknowledged(smsc, receiver, 51)
        assert (smsc.stats().receipts_sent, smsc.stats().receipts_waiting) == (101, 0)


async def test_receipts_survive_a_carrier_that_was_away() -> None:
    smsc = Simulator(Script(delay=0.01), SystemClock())
    port = await smsc.start(HOST, 0)
    for acknowledge_with in (None, 0):
        esme = Esme(acknowledge_with)
        await asyncio.get_running_loop().create_connection(lambda esme=esme: esme, HOST, port)
        await esme.bind()
        if acknowledge_with is None:
            await esme.send(str(ORDINARY))
        await esme.until(lambda esme=esme: len(esme.receipts) == 1)
        await smsc.stop()
        await esme.until(lambda esme=esme: esme.gone)
        if acknowledge_with is None:
            assert await smsc.start(HOST, port) == port
    assert smsc.stats().connections == 0


async def test_no_more_receipts_wait_for_their_acknowledgement_than_the_window_allows() -> None:
    async with simulator(Script(receipt_window=10)) as (smsc, connect):
        esme = await connect(None)
        await esme.send(*[str(ORDINARY + i) for i in range(35)])
        await esme.until(lambda: len(esme.receipts) == 10)
        assert (smsc.stats().receipts_sent, smsc.stats().receipts_waiting) == (10, 25)
        esme.acknowledge_with = 0
        esme.session.acknowledge([receipt.sequence for receipt in esme.receipts])
        esme.write()
        await esme.until(lambda: len(esme.receipts) == 35)


async def test_a_receipt_refused_for_good_is_dropped() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect(Status.ESME_RX_P_APPN)
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 1)
        await acknowledged(smsc, esme, 0)
        assert (smsc.stats().receipts_refused, smsc.stats().receipts_waiting) == (1, 0)


async def test_a_receipt_refused_for_now_comes_again() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect(Status.ESME_RX_T_APPN)
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 1)
        esme.acknowledge_with = 0
        await esme.until(lambda: len(esme.receipts) == 2)
        await acknowledged(smsc, esme, 1)


async def test_a_transmitter_gets_no_receipts_and_a_receiver_of_the_same_name_gets_them() -> None:
    async with simulator(Script()) as (smsc, connect):
        transmitter, receiver = await connect(bind=False), await connect(bind=False)
        await transmitter.bind(Command.BIND_TRANSMITTER)
        await receiver.bind(Command.BIND_RECEIVER)
        await transmitter.send(str(ORDINARY))
        await receiver.until(lambda: len(receiver.receipts) == 1)
        assert transmitter.receipts == []
        assert (smsc.stats().binds, smsc.stats().connections) == (2, 2)


@pytest.mark.parametrize(
    ("registered_delivery", "expected"), [(0, []), (1, ["DELIVERED", "UNDELIVERABLE"]), (2, ["UNDELIVERABLE"])]
)
async def test_only_the_receipts_that_were_asked_for_come(registered_delivery: int, expected: list[str]) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        numbers = (str(ORDINARY), NUMBER_OF["absent"])
        await esme.send(*numbers, registered_delivery=registered_delivery)
        await esme.until(lambda: len(esme.receipts) == len(expected))
        assert (esme.states(), smsc.stats().receipts_waiting) == (expected, 0)


async def test_ids_can_be_hex_in_the_answer_and_decimal_in_the_receipt() -> None:
    async with simulator(Script(answer_ids=IdForm.HEX)) as (_, connect):
        esme = await connect()
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 1)
        number = int(esme.answers[str(ORDINARY)].message_id, 16)
        assert esme.receipts[0].short_message.startswith(b"id:%d " % number)


async def test_answers_can_be_delayed_past_the_receipt() -> None:
    async with simulator(Script(answer_delay=0.05)) as (_, connect):
        esme = await connect()
        await esme.send(str(ORDINARY))
        assert esme.log == ["receipt", "answer"]


async def test_receipts_with_jitter_and_reordering_all_arrive_in_another_order() -> None:
    numbers = [str(ORDINARY + i) for i in range(200)]
    async with simulator(Script(jitter=0.03, reorder=True)) as (_, connect):
        esme = await connect()
        await esme.send(*numbers)
        await esme.until(lambda: len(esme.receipts) == 200)
        order = [receipt.source for receipt in esme.receipts]
        assert sorted(order) == numbers
        assert order != numbers
        assert list(esme.answers) != numbers


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [("acme", "wrong", Status.ESME_RINVPASWD), ("other", "right", Status.ESME_RINVSYSID), ("acme", "right", 0)],
)
async def test_wrong_credentials_are_refused_where_some_are_given(system_id: str, password: str, status: int) -> None:
    async with simulator(Script(system_id="acme", password="right")) as (smsc, connect):
        esme = await connect(bind=False)
        await esme.bind(system_id=system_id, password=password)
        refused = [event.status for event in esme.events if isinstance(event, BindRefused)]
        assert refused == ([status] if status else [])
        assert (smsc.stats().binds, smsc.stats().binds_refused) == ((0, 1) if status else (1, 0))


async def test_a_message_before_the_bind_is_refused() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect(bind=False)
        body = submit_body(submit_template(source="ACME"), str(ORDINARY).encode(), b"hello")
        answer = await raw(esme, encode_pdu(Command.SUBMIT_SM, 0, 7, body))
        assert (answer.command, answer.status, answer.sequence) == (
            Command.SUBMIT_SM_RESP,
            Status.ESME_RINVBNDSTS,
            7,
        )
        assert smsc.stats().messages == 0


async def raw(esme: Esme, octets: bytes) -> object:
    """Send octets past the session; the next PDU that comes back."""
    read = bytearray()

    def keep(data: bytes) -> None:
        read.extend(data)
        esme.happened.set()

    esme.data_received = keep
    esme.transport.write(octets)
    await esme.until(lambda: len(read) >= 16 or esme.gone)
    data, frames, _ = FrameBuffer().feed(bytes(read))
    return decode(data, frames[0])


async def test_unbind_is_answered_and_the_connection_closed() -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        answer = await raw(esme, encode_pdu(Command.UNBIND, 0, 9))
        assert answer == Signal(Command.UNBIND_RESP, 0, 9)
        await esme.until(lambda: esme.gone)
        assert smsc.stats().hang_ups == 0


async def test_enquire_link_is_answered() -> None:
    async with simulator(Script()) as (_, connect):
        answer = await raw(await connect(), encode_pdu(Command.ENQUIRE_LINK, 0, 11))
        assert answer == Signal(Command.ENQUIRE_LINK_RESP, 0, 11)


async def test_an_unknown_command_is_refused_and_garbage_ends_the_connection_but_not_the_simulator() -> None:
    async with simulator(Script()) as (smsc, connect):
        answer = await raw(await connect(), encode_pdu(0x0103, 0, 3))
        assert answer == Signal(Command.GENERIC_NACK, Status.ESME_RINVCMDID, 3)
        garbled = await connect()
        await raw(garbled, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await garbled.until(lambda: garbled.gone)
        esme = await connect()
        await esme.send(str(ORDINARY))
        assert smsc.stats().messages == 1


@pytest.mark.parametrize("number", ["", "90530abc", "1" * 20])
async def test_a_recipient_that_is_no_number_is_refused(number: str) -> None:
    async with simulator(Script()) as (smsc, connect):
        esme = await connect()
        await esme.send(number)
        assert esme.answers[number].status == Status.ESME_RINVDSTADR
        assert smsc.stats().messages == 0


async def test_a_peer_that_does_not_read_gets_everything_once_it_does() -> None:
    numbers = [str(ORDINARY + i) for i in range(6_000)]
    async with simulator(Script(receipt_window=10_000)) as (smsc, connect):
        esme = await connect()
        esme.transport.pause_reading()
        esme.submit(*numbers)
        other = await connect(bind=False)
        await other.bind(system_id="other")
        await other.send(str(ORDINARY))
        esme.transport.resume_reading()
        await esme.until(lambda: len(esme.receipts) == 6_000 and len(esme.answers) == 6_000)
        assert smsc.stats().messages == 6_000


async def test_the_texts_can_be_read_as_the_telephones_show_them() -> None:
    async with simulator(Script(keep_texts=2)) as (smsc, connect):
        esme = await connect()
        for text in (b"forgotten", b"one", b"two"):
            await esme.send(str(ORDINARY), text=text)
        assert [(text.sender, text.recipient, text.text) for text in smsc.texts()] == [
            ("ACME", str(ORDINARY), "one"),
            ("ACME", str(ORDINARY), "two"),
        ]
