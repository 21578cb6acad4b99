"""The MCP server, what automation tools put into an address, and snippets found in the wild."""

from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.acceptance.clients.json_sdk import DAYS, Sdk, Takes, compact, php_json
from tests.acceptance.clients.scene import (
    CAME,
    CAME_TOO,
    DONE,
    LATER,
    LOGIN_ALLOWED,
    SEES,
    TEXT,
    Client,
    Refusal,
    Replay,
    Scene,
    replay,
)
from tests.acceptance.clients.xml_client import by_document, by_http_success

MCP = Sdk(
    Client(
        "mcp server",
        "host: HOST\nconnection: keep-alive\nContent-Type: application/json\nAccept: application/json\n"
        "accept-language: *\nsec-fetch-mode: cors\nuser-agent: node\naccept-encoding: gzip, deflate\n"
        "content-length: LENGTH",
        Takes(by_body=True).reads,
    ),
    compact,
    iys="0",
)
CONSENT = {"recipient": CAME, "recipientType": "BIREYSEL", "type": "MESAJ"}
GIVEN = {**CONSENT, "status": "ONAY", "source": "HS_WEB", "consentDate": "2026-09-21 10:00:00"}
MCP_CALLS = [
    MCP.sends("send"),
    MCP.sends("send_commercial", iys="1"),
    MCP.calls("cancel", "cancel-order", order={"id": str(LATER)}),
    MCP.calls("report", "get-report", "report of an id alone", order={"id": str(DONE)}, sees=SEES["report"]),
    MCP.calls("orders", "get-reports", filter={**DAYS, "page": 1}),
    MCP.calls("blacklist", "get-blacklist", "blacklist of nothing but credentials"),
    MCP.calls(
        "register", "consent/create", "register a consent", consent={"brandCode": "681294", "list": [GIVEN]}, sees=True
    ),
    MCP.calls("check", "consent/show", "check a consent", consent={"brandCode": 681294, **CONSENT}, sees=Refusal(422)),
    *MCP.common_calls(),
]


def asked_by_get(client: Client, about: str, who: str, text: str, more: str = "", **expected: Any) -> Replay:
    path, operation = expected.pop("path", "/v1/send-sms/get/"), expected.pop("operation", "send")
    query = f"{who}&text={text}&receipents={CAME[3:]},{CAME_TOO[3:]}&sender=ACME{more}"
    return replay(client, operation, f"GET {path}?{query} HTTP/1.1", "", about, **expected)


AXIOS = (
    "Accept: application/json, text/plain, */*\nUser-Agent: axios/1.7.4\n"
    "Accept-Encoding: gzip, compress, deflate, br\nHost: HOST\nConnection: close"
)
REQUESTS = (
    "Host: HOST\nUser-Agent: python-requests/2.31.0\nAccept-Encoding: gzip, deflate\nAccept: */*\n"
    "Connection: keep-alive"
)
N8N = Client("n8n node", AXIOS, by_http_success, LOGIN_ALLOWED)
GETTER = Client("a snippet that gets", REQUESTS, by_document)
LOGIN, KEY, COMMERCIAL = "username=LOGIN&password=PASSWORD", "key=API_KEY&hash=API_HASH", "&iys=1&iysList=BIREYSEL"
GET_CALLS = [
    asked_by_get(N8N, "send", LOGIN, quote(TEXT), sees=True),
    asked_by_get(N8N, "send without the last slash", LOGIN, quote(TEXT), sees=True, path="/v1/send-sms/get"),
    asked_by_get(N8N, "send with a wrong password", f"{LOGIN}x", quote(TEXT), sees=Refusal(401)),
    asked_by_get(GETTER, "send", KEY, quote_plus(TEXT), "&iys=0"),
    asked_by_get(GETTER, "send_commercial", KEY, quote_plus(TEXT), COMMERCIAL, operation="send_commercial"),
    asked_by_get(GETTER, "send of no text", KEY, "", "&iys=0", sees=Refusal(454)),
]

SNIPPET = Sdk(
    Client(
        "a snippet",
        "Host: HOST\nAccept: */*\nContent-Type: application/json\nContent-Length: LENGTH",
        Takes(by_body=True).reads,
    ),
    php_json,
)
UNTYPED = Sdk(
    Client("a snippet without a type", "Host: HOST\nContent-Length: LENGTH", Takes(by_body=True).reads), compact
)
BY_LOGIN = SNIPPET._replace(
    client=SNIPPET.client._replace(settings=LOGIN_ALLOWED), who={"username": "LOGIN", "password": "PASSWORD"}
)
SNIPPET_CALLS = [
    SNIPPET.sends("send", "send of no list", iysList=...),
    SNIPPET.sends("send", "send of no iys", iys=..., iysList=..., sendDateTime=...),
    SNIPPET.sends("send", "send of no date in a list", sendDateTime=[]),
    UNTYPED.sends("send"),
    SNIPPET.sends(
        "send",
        "send of the right spelling",
        message={"text": TEXT, "recipients": {"number": [CAME]}},
        sees=Refusal(452),
    ),
    BY_LOGIN.sends("send", "send with a login"),
]

UPGRADERS = [
    Client(
        "Java's own client",
        "Connection: Upgrade, HTTP2-Settings\nContent-Length: LENGTH\nHost: HOST\n"
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\nUpgrade: h2c\nUser-Agent: Java-http-client/17.0.9\n"
        "Content-Type: application/json",
        Takes(by_body=True).reads,
    ),
    Client(
        "curl --http2",
        "Host: HOST\nUser-Agent: curl/7.88.1\nAccept: */*\nConnection: Upgrade, HTTP2-Settings\nupgrade: h2c\n"
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\nContent-Type: application/json\nContent-Length: LENGTH",
        Takes(by_body=True).reads,
    ),
]
UPGRADE_CALLS = [Sdk(client, compact).sends("send") for client in UPGRADERS]

REPLAYS = [*MCP_CALLS, *GET_CALLS, *SNIPPET_CALLS, *UPGRADE_CALLS]


@pytest.mark.parametrize("replay", REPLAYS, ids=str)
async def test_another_client_is_served_as_it_needs(scene: Scene, replay: Replay) -> None:
    await scene.plays(replay)
