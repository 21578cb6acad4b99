"""The libraries for Go, Java and C#, and a queue consumer in Go, each call as it is sent."""

import json

import pytest

from tests.acceptance.clients.json_sdk import (
    DAYS,
    TIMES,
    Sdk,
    Takes,
    a_number,
    a_string,
    an_int32,
    compact,
    dotnet_json,
    go_json,
    gson,
    not_understood,
    several,
)
from tests.acceptance.clients.scene import (
    CAME,
    CAME_TOO,
    DONE,
    LATER,
    LOST,
    SCHEDULE,
    SEES,
    Client,
    Refusal,
    Replay,
    Report,
    Scene,
)
from tests.acceptance.clients.wire import connected

GO_HEAD = (
    "Host: HOST\nUser-Agent: Go-http-client/1.1\nContent-Length: LENGTH\nContent-Type: application/json\n"
    "Accept-Encoding: gzip"
)
GO_TAKES = Takes(
    by_body=False, report_id=not_understood, status=not_understood, counter=not_understood, amount=a_number
)
GO_SEES = SEES | {
    "report": Report(0, 0, (0, 0, 0, 0), "ACME", ((CAME, 0), (CAME_TOO, 0), (LOST, 0))),
    "balance": (0.0, 0),
}
GO = Sdk(Client("sdk-go", GO_HEAD, GO_TAKES.reads), go_json, iys="0")
GO_CALLS = [
    GO.sends("send"),
    GO.sends("send_commercial", iys="1"),
    GO.sends("send_later", sendDateTime=SCHEDULE),
    GO.sends("send_several", message=several()),
    GO.calls("cancel", "cancel-order", order={"id": str(LATER)}),
    GO.calls(
        "report",
        "get-report",
        "report of no rows",
        order={"id": DONE, "page": 1, "rowCount": 0},
        sees=GO_SEES["report"],
    ),
    GO.calls("orders", "get-report-summary", filter={**DAYS, "page": 1}, sees=(0, (0, 0))),
    GO.calls("orders", "get-report-summary", "orders of no days", filter={"page": 1}, sees=Refusal(458)),
    GO.calls(
        "blacklist",
        "get-blacklist",
        blacklist={"page": 1, "rowCount": 100, "filter": {"end": TIMES["end"]}},
        sees=(0, SEES["blacklist"][1]),
    ),
    *GO.common_calls(GO_SEES, rowCount=5000),
]

JAVA = Sdk(
    Client(
        "sdk-java",
        "Content-Type: application/json; charset=utf-8\nUser-Agent: IletiMerkezi-Java/1.0.0\nHost: HOST\n"
        "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\nConnection: keep-alive\nContent-Length: LENGTH",
        Takes(by_body=False, sent_id=a_string).reads,
    ),
    gson,
    iys="0",
)
JAVA_CALLS = [
    JAVA.sends("send"),
    JAVA.sends("send_commercial", iys="1"),
    JAVA.sends("send_later", sendDateTime=SCHEDULE),
    JAVA.calls("cancel", "cancel-order", order={"id": str(LATER)}),
    JAVA.calls("cancel", "cancel-order", "cancel what is over", order={"id": str(DONE)}, sees=Refusal(455)),
    JAVA.calls("orders", "get-reports", filter={**DAYS, "page": 1}),
    JAVA.calls("blacklist", "get-blacklist", blacklist={"page": 1, "rowCount": 1000, "filter": TIMES}),
    *JAVA.common_calls(),
]

CSHARP = Sdk(
    Client(
        "sdk-csharp",
        "Host: HOST\nUser-Agent: iletimerkezi-csharp/1.0.0\nContent-Type: application/json; charset=utf-8\n"
        "Content-Length: LENGTH",
        Takes(
            by_body=True,
            sent_id=a_string,
            report_id=an_int32,
            status=an_int32,
            counter=an_int32,
            amount=a_number,
        ).reads,
        {"int_order_ids": True},
    ),
    dotnet_json,
)
STREAMED = CSHARP.client.head.replace("Content-Length: LENGTH", "Transfer-Encoding: chunked")
CSHARP_STREAM = CSHARP._replace(client=CSHARP.client._replace(name="sdk-csharp (in chunks)", head=STREAMED))
CSHARP_CALLS = [
    CSHARP.sends("send"),
    CSHARP_STREAM.sends("send"),
    CSHARP.sends("send_commercial", iys=1),
    CSHARP.sends("send_later", sendDateTime=SCHEDULE),
    CSHARP.sends("send_several", message=several()),
    CSHARP.sends("send", "send of a null sender", sender=None, sees=Refusal(450)),
    CSHARP.calls("cancel", "cancel-order", order={"id": LATER}),
    CSHARP.calls("orders", "get-reports", filter={**DAYS, "page": 1}),
    CSHARP.calls("blacklist", "get-blacklist", blacklist={"filter": None, "page": 1, "rowCount": 1000}),
    CSHARP.calls(
        "blacklist",
        "get-blacklist",
        "blacklist from a day on",
        blacklist={"filter": {**TIMES, "end": None}, "page": 1, "rowCount": 1000},
    ),
    CSHARP.calls(
        "blacklist",
        "get-blacklist",
        "blacklist of a bad day",
        blacklist={"filter": DAYS, "page": 1, "rowCount": 1000},
        sees=Refusal(422),
    ),
    *CSHARP.common_calls(),
]

CONSUMER = Sdk(Client("amqp consumer", GO_HEAD, lambda _, answer: answer.status), compact, iys="0")
CONSUMER_CALLS = [
    CONSUMER.sends("send", sendDateTime=..., iysList="", sees=200),
    CONSUMER.sends("send_commercial", sendDateTime=..., iys="1", sees=200),
]

REPLAYS = [*GO_CALLS, *JAVA_CALLS, *CSHARP_CALLS, *CONSUMER_CALLS]


@pytest.mark.parametrize("replay", REPLAYS, ids=str)
async def test_a_compiled_language_is_served_as_it_needs(scene: Scene, replay: Replay) -> None:
    await scene.plays(replay)


async def test_go_asks_again_and_again_on_one_connection(scene: Scene) -> None:
    report, *_ = GO.common_calls(GO_SEES)
    async with connected(*scene.address) as line:
        for replay in (report, GO.sends("send"), report, GO.calls("senders", "get-sender")):
            answer = await line.ask(scene.bytes_of(replay))
            assert replay.client.reads(replay.operation, answer) == replay.sees


@pytest.mark.parametrize(
    ("sdk", "written"),
    [
        (GO, r"""{"a":"\u0026\u003c/é+'=","z":1}"""),
        (JAVA, r"""{"a":"\u0026\u003c/é+\u0027\u003d","z":1}"""),
        (CSHARP, r"""{"z":1,"a":"\u0026\u003C/\u00E9\u002B\u0027="}"""),
    ],
    ids=lambda given: given.client.name if isinstance(given, Sdk) else "",
)
def test_json_is_written_as_the_language_writes_it(sdk: Sdk, written: str) -> None:
    assert sdk.write({"z": 1, "a": "&</é+'="}) == written
    assert json.loads(written) == {"z": 1, "a": "&</é+'="}
