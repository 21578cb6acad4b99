"""A stranger's first minutes: the demo, and the sandbox that keeps its database up."""

import asyncio
import re
import signal
import socket
from pathlib import Path

import httpx

from tests.acceptance.processes import HOST, PATIENCE_S, command, teslimat

RECIPIENTS = 200


async def test_the_demo_sends_an_order_and_the_sandbox_answers_the_line_that_it_prints(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    settings = {"port": port}
    demo = await command("demo", f"--recipients={RECIPIENTS}", cwd=tmp_path, settings=settings)
    async with asyncio.timeout(PATIENCE_S):
        out, error = await demo.communicate()
    shown = out.decode()
    assert demo.returncode == 0, error.decode()
    assert f"{RECIPIENTS} recipients accepted as order 300000000" in shown
    assert (tmp_path / "teslimat-demo.db").exists()
    counted = re.search(r"300000000\W+114\W+200\W+(\d+)\W+(\d+)\W+0\W+(\d+)", shown)
    assert counted, shown
    delivered, undelivered, price = map(int, counted.groups())
    assert (delivered + undelivered, price) == (RECIPIENTS, delivered)

    line = re.search(r"curl -s (\S+) -d '(.*)'", shown)
    assert line, shown
    url, body = line.groups()
    sandbox = await command("sandbox", cwd=tmp_path, settings=settings)
    assert sandbox.stdout
    async with asyncio.timeout(PATIENCE_S):
        assert f"http://{HOST}:{port}" in (await sandbox.stdout.readline()).decode()
        named = (await sandbox.stdout.readline()).decode()
    assert named == "account demo, sender TESLIMAT, database sqlite:///teslimat-demo.db\n"
    _, shown_too, _ = await teslimat("--database", named.split()[-1], "account", "show", "demo", cwd=tmp_path)
    assert "TESLIMAT" in shown_too
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, content=body)
    assert answer.status_code == 200
    order = answer.json()["response"]["order"]
    assert (order["id"], order["total"]) == ("300000000", RECIPIENTS)
    assert (order["delivered"], order["undelivered"], order["waiting"]) == (delivered, undelivered, 0)
    assert [row["number"] for row in order["message"]] == [f"+90530000000{i}" for i in range(5)]

    # Another demo would take the sandbox's carrier away; it leaves everything as it is.
    code, out_again, error_again = await teslimat("demo", cwd=tmp_path)
    assert (code, out_again) == (1, "")
    assert re.fullmatch(r"teslimat: another teslimat is serving .*: stop it first\n", error_again)
    sandbox.send_signal(signal.SIGTERM)
    # The simulator has the same standard error: this ends only once that process has ended too.
    async with asyncio.timeout(PATIENCE_S):
        await sandbox.communicate()
    assert sandbox.returncode == 0


async def test_a_sandbox_without_a_folder_for_its_database_says_so(tmp_path: Path) -> None:
    code, out, error = await teslimat("--database", f"sqlite:///{tmp_path}/no/where.db", "sandbox")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"teslimat: .*no/where\.db.*\n", error)


async def test_a_database_with_carriers_of_its_own_is_no_sandbox(tmp_path: Path) -> None:
    own = ("--database", f"sqlite:///{tmp_path}/own.db")
    await teslimat(*own, "db", "migrate")
    at = ("--host", HOST, "--port", "2775", "--system-id", "acme", "--password", "secret")
    await teslimat(*own, "carrier", "add", "operator", *at)
    for asked in ("demo", "sandbox"):
        code, _, error = await teslimat(*own, asked)
        assert code == 1
        assert error == "teslimat: this database has accounts or carriers of its own: a sandbox needs one for itself\n"
    _, listed, _ = await teslimat(*own, "account", "list")
    assert "demo" not in listed
