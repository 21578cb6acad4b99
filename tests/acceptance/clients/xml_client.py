"""How clients that speak XML write requests and read answers."""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from tests.acceptance.clients.scene import CAME, CAME_TOO, SECOND, TEXT, Client, Refusal, Replay, Report, replay
from tests.acceptance.clients.wire import Answer

PROLOG: Final = '<?xml version="1.0" encoding="UTF-8"?>'
LOGIN: Final = "<username>LOGIN</username><password>PASSWORD</password>"
KEY: Final = "<key>API_KEY</key><hash>API_HASH</hash>"
COMPUTED: Final = "<key>API_KEY</key><hash>COMPUTED_HASH</hash>"
NOW: Final = "21/09/2026 17:13"
"""The minute in which replays are played."""


# Writing


def cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def message(text: str, *numbers: str) -> str:
    listed = "".join(f"<number>{number}</number>" for number in numbers)
    return f"<message><text>{text}</text><receipents>{listed}</receipents></message>"


def order(*messages: str, date: str = "", more: str = "") -> str:
    return f"<order><sender>ACME</sender><sendDateTime>{date}</sendDateTime>{more}{''.join(messages)}</order>"


def indented(xml: str) -> str:
    """The same as a programmer writes it into a program: on many lines, with blanks before the first tag."""
    return "\n" + re.sub(r"(?<=>)(?<!]]>)(?=<(?!!))", "\n            ", f"            {xml}")


class XmlClient(NamedTuple):
    """A client, who it says it is, and how it writes texts and documents."""

    client: Client
    who: str
    text: Callable[[str], str] = cdata
    document: Callable[[str], str] = PROLOG.__add__
    spelling: Callable[[str], str] = str
    """Turns `+90…` into the client's way to write numbers."""
    version: str = "1.1"

    def calls(self, operation: str, endpoint: str, inner: str = "", about: str = "", **expected: Any) -> Replay:
        line = f"POST /v1/{endpoint} HTTP/{self.version}"
        body = f"<request><authentication>{self.who}</authentication>{inner}</request>"
        return replay(self.client, operation, line, self.document(body), about, **expected)

    def sends(self, operation: str, date: str = "", about: str = "", *, more: str = "", **expected: Any) -> Replay:
        came, came_too = self.spelling(CAME), self.spelling(CAME_TOO)
        messages = [message(self.text(TEXT), came, came_too)]
        if operation == "send_several":
            messages = [message(self.text(TEXT), came), message(self.text(SECOND), came_too)]
        return self.calls(operation, "send-sms", order(*messages, date=date, more=more), about, **expected)


def plain(xml: str) -> str:
    return xml


def national(number: str) -> str:
    return number.removeprefix("+90")


def with_zero(number: str) -> str:
    return number.removeprefix("+9")


# Reading


def _read_tree(operation: str, response: ET.Element) -> object:
    def text(path: str) -> str:
        found = response.findtext(path)
        assert found is not None, path
        return found

    match operation:
        case "send" | "send_later" | "send_several" | "send_commercial":
            return int(text("order/id"))
        case "report":
            counters = [int(text(f"order/{name}") or 0) for name in ("total", "delivered", "undelivered", "waiting")]
            rows = response.findall("order/message")
            messages = tuple((row.findtext("number") or "", int(row.findtext("status") or 0)) for row in rows)
            return Report(
                int(text("order/id")), int(text("order/status")), tuple(counters), text("order/sender"), messages
            )
        case "balance":
            return float(text("balance/amount")), int(text("balance/sms"))
        case "senders":
            return tuple(sender.text for sender in response.findall("senders/sender"))
        case _:
            return True


def by_document(operation: str, answer: Answer) -> object:
    """A client that parses the document, and takes the code from it."""
    response = ET.fromstring(answer.body)  # noqa: S314 - it is our own
    assert response.tag == "response"
    code = int(response.findtext("status/code") or 0)
    assert response.findtext("status/message")
    return _read_tree(operation, response) if code == 200 else Refusal(code)


def by_http_status(operation: str, answer: Answer) -> object:
    """A client that takes the HTTP status for the code, and parses the document only after a 200."""
    return by_document(operation, answer) if answer.status == 200 else Refusal(answer.status)


def by_http_success(_: str, answer: Answer) -> object:
    """A client that asks for no more than a 2xx."""
    return 200 <= answer.status < 300 or Refusal(answer.status)


def by_lines(operation: str, answer: Answer) -> object:
    """A client whose greedy patterns find a value only where an element has a line of its own."""

    def values(name: str) -> list[str]:
        return re.findall(rf"<{name}>(.*)</{name}>", answer.text)

    code = int(values("code")[0])
    if code != 200:
        return Refusal(code)
    match operation:
        case "send":
            return int(values("id")[0])
        case "report":
            return int(values("total")[0])
        case "balance":
            return int(values("sms")[0])
        case _:
            return tuple(values("sender"))


def by_first_code(_: str, answer: Answer) -> object:
    """A client that compares the text of the first code with what success looks like."""
    first = answer.text.index("<code>")
    end = answer.text.index("</code>") + len("</code>")
    return answer.text[first:end] == "<code>200</code>" or Refusal(int(answer.text[first + 6 : end - 7]))


def by_sequence(operation: str, answer: Answer) -> object:
    """A client that takes the code first, and then what it wants of the order that follows."""
    found = re.search(r"<status>\s*<code>(\d+)</code>.*?</status>(.*)", answer.text, re.DOTALL)
    assert found
    code, rest = found.groups()
    if code != "200":
        return Refusal(int(code))
    wanted = re.search(rf"<order>.*?<{'status' if operation == 'report' else 'id'}>(\d+)<", rest, re.DOTALL)
    assert wanted
    return int(wanted[1])
