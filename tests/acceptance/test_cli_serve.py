"""`teslimat serve` as its operator meets it: how it fails to start, what changes while it runs, and what it tells."""

import asyncio
import json
import re
import socket
from pathlib import Path

import httpx
import pytest

from teslimat.carriers.simulator.script import Script
from teslimat.cli.main import app
from teslimat_client.client import ApiError
from tests.acceptance.processes import (
    CREDITS,
    HOST,
    Carrying,
    Installation,
    Serve,
    installed,
    recipients,
    served,
    teslimat,
)

UNAUTHORIZED = 401


async def operator(installation: Installation, *arguments: str) -> None:
    """Run a command against the database that is being served."""
    await asyncio.to_thread(app, ["--database", installation.database, *arguments], standalone_mode=False)


async def refuses(serve: Serve) -> bool:
    """Whether it refuses the account's requests."""
    try:
        await serve.balance()
    except ApiError as refusal:
        return refusal.code == UNAUTHORIZED
    return False


def anything_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_second_serve_on_one_file_is_refused(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        serve = await installation.start()
        code, out, error = await teslimat("--database", installation.database, "serve", "--port=0")
        assert (code, out) == (1, "")
        assert re.fullmatch(r"teslimat: another teslimat is serving .*: stop it first\n", error)
        assert (await serve.ready())["status"] == "ready"
        await serve.kill()
        assert (await (await installation.start()).ready())["status"] == "ready"


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        async with installed(tmp_path) as installation:
            code, out, error = await teslimat("--database", installation.database, "serve", f"--port={port}")
        assert (code, out) == (1, "")
        assert re.fullmatch(rf"teslimat: cannot listen on {HOST} port {port}: .*\n", error)
        code, out, error = await teslimat("simulator", f"--port={port}")
        assert (code, out) == (1, "")
        assert re.fullmatch(rf"teslimat: cannot listen on {HOST} port {port}: .*\n", error)


@pytest.mark.parametrize("where", ["no.db", "no/where.db"])
async def test_without_a_database_nothing_is_served_and_nothing_is_left(tmp_path: Path, where: str) -> None:
    code, out, error = await teslimat("--database", f"sqlite:///{tmp_path}/{where}", "serve", "--port=0")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"teslimat: there is no database at .*: run 'teslimat db migrate' first\n", error)
    assert not anything_in(tmp_path)


async def test_a_file_that_is_no_database_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_bytes(b"Dear Sir or Madam, " * 500)
    code, out, error = await teslimat("--database", f"sqlite:///{tmp_path}/letter.db", "serve", "--port=0")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"teslimat: .*letter\.db cannot be used as a database: .*\n", error)


async def test_what_is_changed_of_an_account_holds_in_a_running_gateway(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        serve = await installation.start()
        assert await serve.balance() == CREDITS
        change = ("account", "set", "acme")
        await operator(installation, *change, "--api-access=off")
        assert await refuses(serve)
        await operator(installation, *change, "--api-access=on", "--allow-ip=127.0.0.0/8")
        assert not await refuses(serve)
        await operator(installation, *change, "--allow-ip=10.0.0.0/8")
        assert await refuses(serve)
        await operator(installation, *change, "--allow-ip=any", "--credits=+25")
        assert not await refuses(serve)
        assert await serve.balance() == CREDITS + 25
        await operator(installation, *change, "--max-recipients=10")
        with pytest.raises(ApiError, match="453"):
            await serve.send(recipients(11))
        await serve.send(recipients(10))


async def test_what_is_changed_of_a_carrier_holds_in_a_running_gateway(tmp_path: Path) -> None:
    numbers = recipients(200)
    async with Carrying(Script()) as north, Carrying(Script()) as south, installed(tmp_path) as installation:
        serve = await installation.start()
        order_id = await serve.send(numbers)
        address = (f"--host={HOST}", f"--port={north.port}", "--system-id=house", "--password=pw-1234")
        await operator(installation, "carrier", "add", "main", *address)
        await north.until(lambda seen: seen.receipts_acknowledged == len(numbers))
        assert (await serve.report(order_id)).delivered == len(numbers)

        await operator(installation, "carrier", "set", "main", "--binds=3")
        await north.until(lambda seen: seen.connections == 3 and seen.binds == 4)

        await operator(installation, "carrier", "set", "main", f"--port={south.port}", "--binds=1")
        await south.until(lambda seen: seen.binds == 1)
        await north.until(lambda seen: seen.connections == 0)
        await serve.send(numbers, "Yine merhaba")
        await south.until(lambda seen: seen.receipts_acknowledged == len(numbers))

        await operator(installation, "carrier", "remove", "main")
        await south.until(lambda seen: seen.connections == 0)
        order_id = await serve.send(numbers, "Hoşça kal")
        assert (await serve.report(order_id)).waiting == len(numbers)
        await operator(installation, "carrier", "add", "main", *address)
        await north.until(lambda seen: seen.receipts_acknowledged == 2 * len(numbers))
        assert (await serve.report(order_id)).delivered == len(numbers)


async def test_a_carrier_that_refuses_the_bind_is_told_of_until_it_is_put_right(tmp_path: Path) -> None:
    async with served(tmp_path, Script(password="right")) as (installation, carrier):
        serve = await installation.start()
        order_id = await serve.send(recipients(10))
        await carrier.until(lambda seen: seen.binds_refused >= 2)
        assert (await serve.ready())["carrier simulator"].endswith("the carrier refused the bind: ESME_RINVPASWD")
        await operator(installation, "carrier", "set", "simulator", "--password=right")
        await carrier.until(lambda seen: seen.receipts_acknowledged == 10)
        assert (await serve.report(order_id)).delivered == 10


async def test_it_tells_whether_it_is_alive_and_ready_and_what_it_has_counted(tmp_path: Path) -> None:
    script = Script(undelivered=0.2, shares={"two-receipts": 0.1})
    async with served(tmp_path, script) as (installation, carrier):
        serve = await installation.start()
        assert (await serve.http.get("/healthz")).json() == {"status": "alive"}
        numbers = recipients(500)
        order_id = await serve.send(numbers)
        counts = await carrier.until(
            lambda seen: (
                seen.receipts_acknowledged >= 500 + seen.outcomes.get("two-receipts", 0) and seen.messages == 500
            )
        )
        ready = await serve.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"], ready.json()["store"]) == (200, "ready", "available")
        report = await serve.report(order_id)
        page = (await serve.http.get("/metrics")).text
        assert f'teslimat_recipients_total{{state="delivered"}} {report.delivered:.1f}' in page
        assert f'teslimat_recipients_total{{state="undelivered"}} {report.undelivered:.1f}' in page
        duplicates = counts.outcomes["two-receipts"]
        assert f'teslimat_receipts_without_effect_total{{kind="duplicate"}} {duplicates:.1f}' in page
        assert 'teslimat_carrier_binds{carrier="simulator"} 1.0' in page
        assert 'teslimat_requests_total{address="/v1/send-sms/json",code="200"} 1.0' in page
        assert (await serve.http.post("/v1/no-such-thing")).status_code == 404
        page = (await serve.http.get("/metrics")).text
        assert 'teslimat_requests_total{address="none",code="404"} 1.0' in page


async def test_the_log_says_nothing_of_texts_people_and_secrets(tmp_path: Path) -> None:
    text, more = "Gizli şifreniz hazır", "Sabah görüşelim"
    script = Script(undelivered=0.2, shares={"two-receipts": 0.1, "submit-failed": 0.1}, disconnect_every=400)
    async with served(tmp_path, script, binds=2) as (installation, carrier):
        await operator(installation, "carrier", "set", "simulator", "--password=pw-1234")
        serve = await installation.start(log_level="debug", uncertain_grace_seconds=0)
        numbers = [*recipients(990), "+9055", "not a number 905321112233"]
        order_id = await serve.send(numbers, text)
        key, hash_ = installation.credentials.key, installation.credentials.hash
        for body in (b"{", b'{"request": 1}', json.dumps({"request": {"authentication": {"key": key}}}).encode()):
            assert (await serve.http.post("/v1/send-sms/json", content=body)).status_code in {400, 401}
        with pytest.raises(ApiError):
            await serve.send(["nobody"], more)
        await carrier.until(lambda seen: seen.hang_ups >= 2)
        await serve.completed(order_id)
        await serve.kill()
        serve = await installation.start(log_level="debug", uncertain_grace_seconds=0)
        assert await serve.stop() == 0
        logs = "".join(serve.log.read_text() for serve in installation.serves)
        events = [event for serve in installation.serves for event in serve.events()]
    assert {"carrier lost", "carrier bound"} <= {str(event["event"]) for event in events}
    assert not re.search(r"5\d{9}", logs)
    for secret in (text, more, "Gizli", key, hash_, installation.credentials.secret, "pw-1234", "+9055"):
        assert secret not in logs


async def test_a_client_that_leaves_in_the_middle_of_a_request_does_no_harm(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        serve = await installation.start()
        port = int(serve.url.rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"POST /v1/send-sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        await writer.drain()
        writer.transport.abort()
        assert (await serve.ready())["status"] == "ready"
        assert await serve.stop() == 0
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient() as client:
                await client.get(serve.url + "/healthz")
