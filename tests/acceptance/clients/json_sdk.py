"""How clients that speak JSON write requests and read answers."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tests.acceptance.clients.scene import (
    BLOCKED,
    CAME,
    CAME_TOO,
    DONE,
    SECOND,
    SEES,
    TEXT,
    UNBLOCKED,
    Client,
    Refusal,
    Replay,
    Report,
    replay,
)
from tests.acceptance.clients.wire import Answer


def compact(tree: object) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def python_json(tree: object) -> str:
    return json.dumps(tree)


def php_json(tree: object) -> str:
    return json.dumps(tree, separators=(",", ":")).replace("/", "\\/")


def go_json(tree: object) -> str:
    """Maps are written by key, and HTML is escaped."""
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _escaped(text, "<>&", "{:04x}")


def gson(tree: object) -> str:
    """Maps are written as a Java HashMap of this size holds them, and HTML is escaped."""
    return _escaped(compact(_hash_order(tree)), "<>&='", "{:04x}")


def dotnet_json(tree: object) -> str:
    text = compact(tree).replace('\\"', "\\u0022")
    return _escaped(text, {c for c in text if not c.isascii()} | set("<>&+'`"), "{:04X}")


def _escaped(text: str, characters: Any, form: str) -> str:
    return text.translate({ord(c): "\\u" + form.format(ord(c)) for c in characters})


def _hash_order(tree: Any) -> Any:
    match tree:
        case dict():
            return {key: _hash_order(tree[key]) for key in sorted(tree, key=_bucket)}
        case list():
            return [_hash_order(item) for item in tree]
        case _:
            return tree


def _bucket(key: str) -> int:
    code = 0
    for character in key:
        code = (code * 31 + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) & 15


# Reading


def an_int32(value: object) -> int:
    assert type(value) is int
    assert -(2**31) <= value < 2**31
    return value


def a_number(value: object) -> float:
    assert type(value) in {int, float}
    return value  # type: ignore[return-value]  # asserted above


def a_string(value: object) -> str:
    assert type(value) is str
    return value


def an_array(value: object) -> list[Any]:
    assert type(value) is list
    return value


def not_understood(_: object) -> int:
    """What sdk-go makes of every integer: it asks a float for an int, and takes the 0."""
    return 0


class Takes(NamedTuple):
    """What a client makes of each kind of value; it raises where the client would fail.

    `int` takes numbers and digits alike, and nothing empty.
    """

    by_body: bool
    """Success is `status.code` being the number 200; otherwise it is the HTTP status."""
    sent_id: Callable[[Any], object] = int
    report_id: Callable[[Any], int] = int
    status: Callable[[Any], int] = int
    counter: Callable[[Any], int] = int
    amount: Callable[[Any], float] = float
    number: Callable[[Any], str] = a_string

    def reads(self, operation: str, answer: Answer) -> object:
        assert answer.headers["content-type"].startswith("application/json")
        response = json.loads(answer.text)["response"]
        code = response["status"]["code"]
        succeeded = type(code) is int and code == 200 if self.by_body else answer.status == 200
        if not succeeded:
            return Refusal(int(code))
        assert a_string(response["status"]["message"])
        return RESULTS[operation](self, response)


def _sent(takes: Takes, response: Any) -> object:
    return int(str(takes.sent_id(response["order"]["id"])))


def _done(_takes: Takes, _response: Any) -> object:
    return True


def _report(takes: Takes, response: Any) -> object:
    order = response["order"]
    counters = [takes.counter(order[name]) for name in ("total", "delivered", "undelivered", "waiting")]
    messages = [(takes.number(one["number"]), takes.status(one["status"])) for one in an_array(order["message"])]
    assert a_string(order["submitAt"])
    assert a_string(order["sendAt"])
    status = takes.status(order["status"])
    return Report(takes.report_id(order["id"]), status, tuple(counters), a_string(order["sender"]), tuple(messages))


def _orders(takes: Takes, response: Any) -> object:
    return takes.counter(response["count"]), tuple(takes.counter(one["id"]) for one in an_array(response["orders"]))


def _balance(takes: Takes, response: Any) -> object:
    return takes.amount(response["balance"]["amount"]), takes.counter(response["balance"]["sms"])


def _senders(_takes: Takes, response: Any) -> object:
    return tuple(a_string(one) for one in an_array(response["senders"]["sender"]))


def _blacklist(takes: Takes, response: Any) -> object:
    blacklist = response["blacklist"]
    return takes.counter(blacklist["count"]), tuple(takes.number(one) for one in an_array(blacklist["number"]))


RESULTS: Final[dict[str, Callable[[Takes, Any], object]]] = {
    **dict.fromkeys(["send", "send_later", "send_several", "send_commercial"], _sent),
    **dict.fromkeys(["cancel", "block", "unblock", "register"], _done),
    "report": _report,
    "orders": _orders,
    "balance": _balance,
    "senders": _senders,
    "blacklist": _blacklist,
}


# Writing

DAYS = {"start": "2026-09-20", "end": "2026-09-22"}
TIMES = {"start": "2026-09-20 00:00:00", "end": "2026-09-22 23:59:59"}


def message(text: str = TEXT, *numbers: object) -> dict[str, object]:
    return {"text": text, "receipents": {"number": list(numbers or (CAME, CAME_TOO))}}


def several(*numbers: object) -> list[object]:
    """Two texts, each for one number."""
    one, two = numbers or (CAME, CAME_TOO)
    return [message(TEXT, one), message(SECOND, two)]


class Sdk(NamedTuple):
    """A client, how its language writes JSON, and what it writes for transactional texts."""

    client: Client
    write: Callable[[object], str]
    iys: object = 0
    who: Mapping[str, str] = MappingProxyType({"key": "API_KEY", "hash": "API_HASH"})

    def calls(self, operation: str, endpoint: str, about: str = "", /, **request: Any) -> Replay:
        """A call; what is expected of it, if it is not the usual, is given as sees and leaves."""
        expected = {name: request.pop(name) for name in ("sees", "leaves") if name in request}
        body = self.write({"request": {"authentication": dict(self.who), **request}})
        return replay(self.client, operation, f"POST /v1/{endpoint}/json HTTP/1.1", body, about, **expected)

    def common_calls(self, sees: dict[str, Any] = SEES, **report: object) -> list[Replay]:
        """What all libraries write alike, or nearly so."""
        order = {"id": DONE, "page": 1, "rowCount": 1000, **report}
        stranger = self._replace(who={"key": "API_KEY", "hash": "wrong"})
        return [
            self.calls("report", "get-report", order=order, sees=sees["report"]),
            self.calls("balance", "get-balance", sees=sees["balance"]),
            stranger.calls("balance", "get-balance", "balance of a wrong hash", sees=Refusal(401)),
            self.calls("senders", "get-sender"),
            self.calls("block", "add-blacklist", blacklist={"number": UNBLOCKED}),
            self.calls("unblock", "delete-blacklist", blacklist={"number": BLOCKED}),
            self.calls("unblock", "delete-blacklist", "unblock nobody", blacklist={"number": ""}, sees=Refusal(466)),
        ]

    def sends(self, operation: str, about: str = "", /, **changes: Any) -> Replay:
        """A send-sms that differs from this client's usual one in these fields; a field that is `...` is left out."""
        usual = {"sender": "ACME", "sendDateTime": "", "iys": self.iys, "iysList": "BIREYSEL", "message": message()}
        expected = {name: changes.pop(name) for name in ("sees", "leaves") if name in changes}
        order = {name: value for name, value in {**usual, **changes}.items() if value is not ...}
        return self.calls(operation, "send-sms", about, order=order, **expected)
