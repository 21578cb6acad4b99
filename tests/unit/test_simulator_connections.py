"""How the simulator treats connections, and the receipts that they carry, over real TCP."""

import asyncio

import pytest

from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.server import Simulator
from teslimat.core.clock import SystemClock
from teslimat.smpp.events import BindRefused
from teslimat.smpp.pdus import Command, Signal, encode_pdu, submit_body, submit_template
from teslimat.smpp.status import Status
from tests.unit.scripted_esme import HOST, ORDINARY, Esme, acknowledged, raw, simulator


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


async def test_a_receipt_that_nobody_acknowledges_comes_again_and_a_late_acknowledgement_does_not_count_twice() -> None:
    async with simulator(Script(acknowledge_within=0.01)) as (smsc, connect):
        esme = await connect(None)
        await esme.send(str(ORDINARY))
        await esme.until(lambda: len(esme.receipts) == 2)
        esme.session.acknowledge([receipt.sequence for receipt in esme.receipts])
        esme.write()
        await acknowledged(smsc, esme, 1)
        assert smsc.stats().receipts_waiting == 0


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
    ("system_id", "password", "status"),
    [("acme", "wrong", Status.ESME_RINVPASWD), ("other", "right", Status.ESME_RINVSYSID), ("acme", "right", 0)],
)
async def test_wrong_credentials_are_refused_and_the_connection_closed_where_some_are_given(
    system_id: str, password: str, status: int
) -> None:
    async with simulator(Script(system_id="acme", password="right")) as (smsc, connect):
        esme = await connect(bind=False)
        await esme.bind(system_id=system_id, password=password)
        refused = [event.status for event in esme.events if isinstance(event, BindRefused)]
        assert refused == ([status] if status else [])
        if status:
            await esme.until(lambda: esme.gone)
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


async def test_a_peer_that_does_not_read_is_not_read_and_gets_everything_once_it_reads() -> None:
    numbers = [str(ORDINARY + i) for i in range(40_000)]
    async with simulator(Script(receipt_window=100_000)) as (smsc, connect):
        esme = await connect()
        esme.transport.pause_reading()
        for start in range(0, len(numbers), 1_000):
            esme.submit(*numbers[start : start + 1_000])
        other = await connect(bind=False)
        await other.bind(system_id="other")
        await other.send(*numbers[:3_000])
        assert smsc.stats().messages < len(numbers)
        esme.transport.resume_reading()
        await esme.until(lambda: len(esme.receipts) == len(esme.answers) == len(numbers))
        assert (smsc.stats().messages, smsc.stats().copies) == (40_000, 3_000)
