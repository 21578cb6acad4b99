"""The page about webhooks is true: its example verifies what the gateway signs, its tables name what is sent."""

import time

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


def run_example(body: bytes, signed: bytes) -> object:
    now = int(time.time())
    headers = {
        "webhook-id": "1-0-delivered",
        "webhook-timestamp": str(now),
        "webhook-signature": sign([SECRET], "1-0-delivered", now, signed),
    }
    names: dict[str, object] = {"secret": format_secret(SECRET), "body": body.decode(), "headers": headers}
    exec(block("python"), names)  # noqa: S102 - it is our own page
    return names["report"]


def test_the_example_reads_what_was_signed_and_nothing_else() -> None:
    body = block("json").strip().encode()
    report = run_example(body, body)
    assert report == msgspec.to_builtins(msgspec.json.decode(body, type=Webhook).report)
    with pytest.raises(Exception, match="signature"):
        run_example(body, body + b" ")


def test_the_example_s_body_is_written_as_ours_are() -> None:
    body = block("json").strip().encode()
    assert msgspec.json.encode(msgspec.json.decode(body, type=Webhook)) == body


def test_the_tables_name_what_there_is() -> None:
    assert [row[0] for row in table_of(PAGE, "field")] == list(Report.__struct_fields__)
    assert [row[0] for row in table_of(PAGE, "status")] == [event.word for event in Event]
