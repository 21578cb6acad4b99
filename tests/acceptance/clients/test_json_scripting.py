"""The libraries for Python, Node.js, PHP, Laravel and Ruby, and the MCP server, each call as it is sent."""

import pytest

from tests.acceptance.clients.json_sdk import (
    DAYS,
    TIMES,
    Sdk,
    Takes,
    an_int32,
    compact,
    message,
    php_json,
    python_json,
    several,
)
from tests.acceptance.clients.scene import (
    CAME,
    CAME_TOO,
    LATER,
    SCHEDULE,
    TEXT,
    TO_BOTH,
    Client,
    Left,
    Placed,
    Refusal,
    Replay,
    Scene,
)

SHORT, SHORT_TOO = CAME[3:], CAME_TOO[3:]

PYTHON = Sdk(
    Client(
        "sdk-python",
        "Accept-Encoding: identity\nContent-Length: LENGTH\nHost: HOST\nUser-Agent: Python-urllib/3.11\n"
        "Content-Type: application/json\nAccept: application/json\nConnection: close",
        Takes(by_body=True, status=an_int32).reads,
    ),
    python_json,
    iys="0",
)
PYTHON_CALLS = [
    PYTHON.sends("send"),
    PYTHON.sends("send_commercial", iys="1"),
    PYTHON.sends("send_later", sendDateTime=SCHEDULE),
    PYTHON.sends("send_several", message=several()),
    PYTHON.calls("report", "get-report", "report not due", order={"id": LATER, "page": 1}, sees=Refusal(456)),
    PYTHON.calls("orders", "get-reports", filter=DAYS, page=1),
    PYTHON.calls("blacklist", "get-blacklist", blacklist={"page": 1, "rowCount": 1000}),
    PYTHON.calls(
        "blacklist", "get-blacklist", "blacklist of days", blacklist={"page": 1, "rowCount": 1000, "filter": TIMES}
    ),
    *PYTHON.common_calls(),
]

NODE = Sdk(
    Client(
        "sdk-node",
        "Accept: application/json, text/plain, */*\nContent-Type: application/json\n"
        "User-Agent: IletiMerkezi-Node/1.0.1\nContent-Length: LENGTH\nAccept-Encoding: gzip, compress, deflate, br\n"
        "Host: HOST\nConnection: close",
        Takes(by_body=False).reads,
    ),
    compact,
)
NODE_CALLS = [
    NODE.sends("send"),
    NODE.sends("send_commercial", iys=1),
    NODE.sends("send_later", sendDateTime=SCHEDULE),
    NODE.sends("send", "send with seconds", sendDateTime=f"{SCHEDULE}:00"),
    NODE.sends("send_several", message=several()),
    NODE.sends("send", "send of no sender", sender=..., sees=Refusal(450)),
    NODE.calls("orders", "get-reports", filter={**DAYS, "page": 1}),
    NODE.calls(
        "blacklist",
        "get-blacklist",
        "blacklist from a day on",
        blacklist={"filter": {"start": TIMES["start"]}, "page": 1, "rowCount": 1000},
    ),
    *NODE.common_calls(),
]

PHP_TAKES = Takes(by_body=False)
PHP = Sdk(
    Client(
        "sdk-php (curl)",
        "Host: HOST\nUser-Agent: IletiMerkezi-PHP/iletimerkezi-php/v1.0.0\nContent-Type: application/json\n"
        "Accept: application/json\nContent-Length: LENGTH",
        PHP_TAKES.reads,
    ),
    php_json,
)
OLD_PHP = PHP._replace(
    client=PHP.client._replace(name="sdk-php (old curl)", head=f"{PHP.client.head}\nExpect: 100-continue")
)
GUZZLE = Sdk(
    Client(
        "sdk-php (Guzzle)",
        "Host: HOST\nUser-Agent: IletiMerkezi-PHP/iletimerkezi-php/v1.0.0\nContent-Type: application/json\n"
        "Content-Length: LENGTH",
        PHP_TAKES.reads,
    ),
    php_json,
)
MANY = [f"+90530444{i:04d}" for i in range(80)]
PHP_CALLS = [
    PHP.sends("send_commercial", iys="1"),
    PHP.sends("send"),
    PHP.sends("send_later", sendDateTime=SCHEDULE, iysList="TACIR"),
    PHP.sends("send_several", "send_several to keys of a map", message=several(int(SHORT), int(SHORT_TOO))),
    PHP.sends("send", "send of a null sender", sender=None, sees=Refusal(450)),
    OLD_PHP.sends(
        "send",
        "send to many",
        message=message(TEXT, *MANY),
        leaves=Left((Placed(tuple((TEXT, number) for number in MANY)),)),
    ),
    PHP.calls("cancel", "cancel-order", order={"id": str(LATER)}),
    PHP.calls("orders", "get-reports", filter=DAYS, page=1),
    PHP.calls(
        "blacklist",
        "get-blacklist",
        "blacklist up to a day",
        blacklist={"filter": {"start": None, "end": TIMES["end"]}, "page": 1, "rowCount": 1000},
    ),
    GUZZLE.sends("send"),
    GUZZLE.calls("cancel", "cancel-order", "cancel of a stranger", order={"id": "1"}, sees=Refusal(455)),
    *PHP.common_calls(),
]

LARAVEL = PHP._replace(client=PHP.client._replace(name="sdk-laravel"))
LARAVEL_CALLS = [
    LARAVEL.sends("send"),
    LARAVEL.sends("send_later", sendDateTime=SCHEDULE),
    LARAVEL.sends(
        "send", "send to a route that is a list", message={"text": TEXT, "receipents": {"number": [[SHORT, SHORT_TOO]]}}
    ),
    LARAVEL.sends(
        "send", "send to no route", message={"text": TEXT, "receipents": {"number": [None]}}, sees=Refusal(452)
    ),
]

RUBY = Sdk(
    Client(
        "sdk-ruby-new",
        "Content-Type: application/json\nAccept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\nAccept: */*\n"
        "User-Agent: Ruby\nHost: HOST\nContent-Length: LENGTH\nConnection: close",
        Takes(by_body=False).reads,
    ),
    compact,
    iys="0",
)
RUBY_CALLS = [
    RUBY.sends("send"),
    RUBY.sends("send_commercial", iys="1"),
    RUBY.sends(
        "send", "send to merchants", iys="1", iysList="TACIR", leaves=Left((Placed(TO_BOTH, registry_list="TACIR"),))
    ),
    RUBY.sends("send_several", message=several()),
    RUBY.calls("orders", "get-reports", filter=DAYS, page=1),
    RUBY.calls("blacklist", "get-blacklist", blacklist={"page": 1, "rowCount": 1000}),
    *RUBY.common_calls(),
]

REPLAYS = [*PYTHON_CALLS, *NODE_CALLS, *PHP_CALLS, *LARAVEL_CALLS, *RUBY_CALLS]


@pytest.mark.parametrize("replay", REPLAYS, ids=str)
async def test_a_scripting_language_is_served_as_it_needs(scene: Scene, replay: Replay) -> None:
    await scene.plays(replay)
