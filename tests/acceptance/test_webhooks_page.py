"""The page about webhooks is true: its example verifies what the gateway signs, its tables name what is sent."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from threading import Thread
from typing import Any

import httpx
import msgspec
import pytest

from teslimat.core.news import Event
from teslimat.webhooks.signing import format_secret, sign
from teslimat_client.contract.webhooks import Report, Webhook
from tests.test_docs import blocks_of, table_of

PAGE = "docs/webhooks.md"
SECRET = bytes(range(32))


def block(language: str) -> str:
    (found,) = (each.content for each in blocks_of(PAGE) if each.language == language)
    return found


@contextmanager
def receiving() -> Iterator[int]:
    """The page's receiver, on any free port instead of its own."""
    program, _, last_line = block("python").strip().rpartition("\n")
    assert last_line == 'HTTPServer(("127.0.0.1", 9009), Receiver).serve_forever()'
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 - it is our own page
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def posted(port: int, body: bytes, signed: bytes) -> int:
    now = int(time.time())
    signature = sign([SECRET], "1-0-delivered", now, signed)
    headers = {"webhook-id": "1-0-delivered", "webhook-timestamp": str(now), "webhook-signature": signature}
    return httpx.post(f"http://127.0.0.1:{port}/", content=body, headers=headers).status_code


def test_the_example_takes_what_was_signed_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", format_secret(SECRET))
    body = block("json").strip().encode()
    report = msgspec.json.decode(body, type=Webhook).report
    with receiving() as port:
        assert posted(port, body, body) == 204
        assert posted(port, body, body + b" ") == 401
    assert capsys.readouterr().out == f"{report.packet_id} {report.to} {report.status}\n"


def test_the_example_s_body_is_written_as_ours_are() -> None:
    body = block("json").strip().encode()
    assert msgspec.json.encode(msgspec.json.decode(body, type=Webhook)) == body


def test_the_tables_name_what_there_is() -> None:
    assert [row[0] for row in table_of(PAGE, "field")] == list(Report.__struct_fields__)
    assert [row[0] for row in table_of(PAGE, "status")] == [event.word for event in Event]
