import time
import tracemalloc
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from teslimat.api.v1 import xml as wire
from teslimat.api.v1.values import Tree
from teslimat.core import errors
from teslimat.flows.accounts import Presented, body_limit

MOST_BYTES = body_limit(0, 50_000)
WHO = "<authentication><key>K</key><hash>H</hash></authentication>"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'


def document(inner: str = "") -> str:
    return f"<request>{WHO}{inner}</request>"


def opened(body: str | bytes) -> tuple[Presented, Tree]:
    found = wire.open_body(body.encode() if isinstance(body, str) else body, MOST_BYTES)
    return found.presented, found.read()


def verdict_on(body: bytes) -> errors.Verdict:
    try:
        wire.open_body(body, MOST_BYTES).read()
    except errors.Refused as refused:
        return refused.verdict
    return errors.OK


PLAIN = document("<order><sender>Ş &amp; Ç</sender><page></page></order>")
SPELLINGS = {
    "raw": PLAIN,
    "prolog": PROLOG + PLAIN,
    "prolog after blanks": f" \r\n\t{PROLOG}\n{PLAIN}\n",
    "byte order mark": f"\ufeff{PROLOG}{PLAIN}",
    "byte order mark after blanks": f"\n\ufeff\n{PLAIN}",
    "another encoding claimed": f'<?xml version="1.0" encoding="ISO-8859-9"?>{PLAIN}',
    "an encoding claimed that it cannot be": f'<?xml version="1.0" encoding="UTF-16"?>{PLAIN}',
    "single quotes": f"<?xml version='1.0'?>{PLAIN}",
    "CDATA": PLAIN.replace("Ş &amp; Ç", "<![CDATA[Ş & Ç]]>"),
    "CDATA in pieces": PLAIN.replace("Ş &amp; Ç", "Ş<![CDATA[ &]]> Ç"),
    "character references": PLAIN.replace("Ş &amp; Ç", "&#350; &#x26; &#199;"),
    "self-closed": PLAIN.replace("<page></page>", "<page/>"),
    "indented": PLAIN.replace("><", ">\n    <").replace("<page>\n    </page>", "<page></page>"),
    "text beside elements": PLAIN.replace("<order>", "here: <order>and "),
    "comments": PLAIN.replace("<order>", "<!-- <!DOCTYPE x> --><order><!-- -->").replace("Ş &", "Ş<!-- --> &"),
    "processing instructions": PLAIN.replace("<order>", "<?php ?><order>"),
    "attributes": PLAIN.replace("<order>", '<order type="sms" a:b="c">'),
    "a namespace": PLAIN.replace("<request>", '<request xmlns="https://example.com/v1">'),
    "a prefix": PLAIN.replace("<request>", '<r:request xmlns:r="urn:x">').replace("</request>", "</r:request>"),
    "a prefix of no namespace": PLAIN.replace("order>", "im:order>"),
    "form": "data=" + quote(PLAIN),
    "form with plus for blank": "data=" + quote_plus(f" {PROLOG}\n{PLAIN}"),
    "form with everything encoded": "data=" + "".join(f"%{octet:02x}" for octet in PLAIN.encode()),
    "form with another field": "data=" + quote(PLAIN) + "&submit=Send",
    "form after blanks": "\r\ndata=" + quote(PLAIN) + "\r\n",
    "form that was never encoded": "data=" + PLAIN,
}


@pytest.mark.parametrize("body", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_a_request_is_the_same_request(body: str) -> None:
    presented, tree = opened(body)
    assert presented == Presented("K", "H")
    assert tree["order"] == {"sender": "Ş & Ç", "page": ""}


def test_the_text_of_a_leaf_is_kept_as_it_is() -> None:
    text = "  İlk satır\n\tikinci  "
    assert opened(document(f"<text>{text}</text>"))[1]["text"] == text


def test_elements_that_repeat_are_a_list_wherever_they_stand() -> None:
    inner = "<number>1</number><text>x</text><number>2</number><number><a>3</a></number>"
    assert opened(document(f"<to>{inner}</to>"))[1]["to"] == {"number": ["1", "2", {"a": "3"}], "text": "x"}


def test_a_document_type_in_a_text_is_text() -> None:
    text = "<![CDATA[<!DOCTYPE html>]]>"
    assert opened(document(f"<text>{text}</text>"))[1]["text"] == "<!DOCTYPE html>"


def test_a_document_may_mention_what_it_is_about() -> None:
    assert opened(f"<request>{WHO}<request><id>1</id></request></request>")[1]["request"] == {"id": "1"}


def test_fifty_thousand_personal_messages_are_no_bomb() -> None:
    message = "<message><text><![CDATA[Kod {0}]]></text><receipents><number>53{0:08}</number></receipents></message>"
    tree = opened(document(f"<order>{''.join(map(message.format, range(50_000)))}</order>"))[1]
    assert isinstance(tree["order"], dict)
    assert tree["order"]["message"][-1] == {"text": "Kod 49999", "receipents": {"number": "5300049999"}}


@pytest.mark.parametrize(
    ("authentication", "presented"),
    [
        ("<username>5321234567</username><password>P&lt;</password>", Presented(username="5321234567", password="P<")),
        ("<hash></hash><key/>", Presented("", "")),
        ("<key><a>K</a></key><hash>H</hash><hash>H</hash>", Presented()),
        ("<other/>", Presented()),
    ],
)
def test_credentials_are_what_the_elements_say(authentication: str, presented: Presented) -> None:
    body = f"<request><order/><authentication>{authentication}</authentication></request>"
    assert opened(body)[0] == presented


def shown(count: int) -> str:
    return f"<authentication>{'<key>K</key>' * count}</authentication>"


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "x",
        "<authentication/>",
        "<authentication>K</authentication>",
        "<key>K</key>",
        f"<order>{WHO}</order>",
        f"<order></order><order><note></note>{WHO}</order>",
        shown(17),
        shown(17) + WHO,
        "<authentication>" + "<a>" * 17 + "</a>" * 17 + "</authentication>",
    ],
)
def test_a_request_without_credentials_has_wrong_credentials(inner: str) -> None:
    assert verdict_on(f"<request>{inner}</request>".encode()) == errors.UNAUTHORIZED


def test_what_is_in_another_element_is_not_taken_for_the_credentials() -> None:
    decoy = WHO.replace("K", "X").replace("H", "Y")
    for body in (f"<request><note>{decoy}</note>{WHO}</request>", f"<request>{WHO}<note>{decoy}</note></request>"):
        assert opened(body)[0] == Presented("K", "H")


def test_sixteen_elements_may_stand_among_the_credentials() -> None:
    filler = "<x></x>" * 14
    body = f"<request>{WHO.replace('<key>', filler + '<key>')}</request>"
    assert opened(body)[0] == Presented("K", "H")
    assert verdict_on(f"<request>{shown(17)}</order>".encode()) == errors.UNREADABLE


def bomb(definitions: str, use: str) -> str:
    return f"<!DOCTYPE request [{definitions}]>" + document(f"<text>{use}</text>")


def attributes(equals: str, count: int) -> str:
    return " ".join(f"a{i}{equals}''" for i in range(count))


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
UNREADABLE: dict[str, str | bytes] = {
    "nothing": "",
    "blanks": " \n",
    "text": "x",
    "JSON": '{"request":{}}',
    "an empty form": "data=",
    "another form": "x=" + quote(PLAIN),
    "a form with half an escape": "data=%3Crequest%3E%3C/request%3",
    "a form with an escape of no digits": "data=%zz",
    "a form that is no UTF-8": "data=%3Crequest%3E%FF%3C/request%3E",
    "another root": "<response></response>",
    "a root in capitals": PLAIN.replace("request", "REQUEST"),
    "two roots": PLAIN * 2,
    "text behind": PLAIN + "x",
    "not closed": PLAIN[:-1],
    "closed by another": document("<order></sender>"),
    "overlapping": document("<a><b></a></b>"),
    "a bare ampersand": document("<text>A & B</text>"),
    "a bare angle": document("<text>1 < 2</text>"),
    "an open CDATA": document("<text><![CDATA[x</text>"),
    "an unknown entity": document("<text>&nbsp;</text>"),
    "an attribute twice": document('<a b="1" b="2"/>'),
    "an attribute without quotes": document("<a b=1/>"),
    "a prolog in the middle": document(PROLOG),
    "two prologs": PROLOG * 2 + PLAIN,
    "Latin-5": PLAIN.encode("iso-8859-9"),
    "half a character": PLAIN.encode().replace(b"\xc5\x9e", b"\xc5"),
    "a surrogate": PLAIN.encode().replace(b"\xc5\x9e", b"\xed\xa0\x80"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-be"),
    "UTF-16, announced": (PROLOG.replace("8", "16") + PLAIN).encode("utf-16-le"),
    "UTF-32": PLAIN.encode("utf-32"),
    "a NUL": PLAIN.replace("Ş", "\0"),
    "NULs": b"\0" * 1_000_000,
    "a NUL by reference": document("<text>&#0;</text>"),
    "a control character": PLAIN.replace("Ş", "\x1b"),
    "no character": PLAIN.replace("Ş", "\uffff"),
    "a document type": "<!DOCTYPE request>" + PLAIN,
    "a document type after comments": f"{PROLOG}<!-- x --><?x ?>\n<!DOCTYPE request>{PLAIN}",
    "a document type inside": document("<!DOCTYPE request>"),
    "a remote document type": '<!DOCTYPE request SYSTEM "http://127.0.0.1:9/x.dtd">' + PLAIN,
    "a public document type": '<!DOCTYPE request PUBLIC "-//X" "file:///etc/passwd">' + PLAIN,
    "billion laughs": bomb(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;"),
    "quadratic blow-up": bomb(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000),
    "an entity of itself": bomb('<!ENTITY a "&a;">', "&a;"),
    "an external entity": bomb('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "a remote entity": bomb('<!ENTITY a SYSTEM "http://127.0.0.1:9/">', "&a;"),
    "a parameter entity": bomb('<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;', ""),
    "a default attribute": bomb(f'<!ATTLIST text a CDATA "{"x" * 100_000}">', ""),
    "a bomb in a form": "data=" + quote(bomb(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;")),
    "deep nesting": document("<a>" * 33 + "</a>" * 33),
    "very deep nesting": document("<a>" * 250_000 + "</a>" * 250_000),
    "deep nesting that is never closed": document("<a>" * 500_000),
    "more elements than any order needs": document("<a/>" * 250_000),
    "more pairs of tags than any order needs": document("<a></a>" * 250_000),
    "more names than any request has": document("".join(f"<a{i}/>" for i in range(1_001))),
    "more names than any request has, before the credentials": "<request>"
    + "".join(f"<a{i}/>" for i in range(250_000))
    + f"{WHO}</request>",
    "nothing but elements": document("<a/>" * 2_000_000),
    "more attributes than any order needs": document(f"<a {attributes('=', 100_001)}/>"),
    "attributes with blanks in them": document(f"<a {attributes(' = ', 100_001)}/>"),
    "more comments than any order needs": document("<!---->" * 500_000),
}
HARMLESS: dict[str, str] = {
    "a huge text": "<a>" + "x\n" * 3_900_000 + "</a>",
    "a huge text in pieces": "<a>" + "&#65;" * 1_500_000 + "</a>",
    "a huge attribute": f'<a b="{"x" * 8_000_000}"/>',
    "a huge comment": f"<!--{'x' * 8_000_000}-->",
    "a huge name": f"<{'x' * 4_000_000}/>",
    "a huge processing instruction": f"<?x {'x' * 8_000_000}?>",
    "many elements": "<a/>" * 249_980,
    "many pieces of text": "<a>" + "x<!---->" * 499_970 + "</a>",
    "many comments": "<!---->" * 499_970,
    "many processing instructions": "<?a?>" * 499_970,
    "many pieces of CDATA": "<a>" + "<![CDATA[]]>" * 499_970 + "</a>",
    "many attributes": '<a b=""/>' * 100_000,
    "many names": "".join(f"<a{i}/>" for i in range(980)),
}


def within_bounds(work: Callable[[], object]) -> bool:
    """Whether something takes less than 200 MiB and, slowed down by the measuring as it is, a few seconds."""
    tracemalloc.start()
    started = time.process_time()
    try:
        work()
        return time.process_time() - started < 10 and tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_request_is_unreadable_and_costs_little(body: str | bytes) -> None:
    octets = body.encode() if isinstance(body, str) else body
    verdicts: list[errors.Verdict] = []
    assert within_bounds(lambda: verdicts.append(verdict_on(octets)))
    assert verdicts == [errors.UNREADABLE]


@pytest.mark.parametrize("ballast", HARMLESS.values(), ids=HARMLESS)
def test_whatever_an_order_does_not_need_is_passed_over_and_costs_little(ballast: str) -> None:
    octets = document(ballast + "<order><id>1</id></order>").encode()
    assert len(octets) < MOST_BYTES
    trees: list[Tree] = []
    assert within_bounds(lambda: trees.append(opened(octets)[1]))
    assert trees[0]["order"] == {"id": "1"}


def test_names_that_were_made_up_are_forgotten() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for turn in range(100):
            assert opened(document("".join(f"<a{turn}-{i}/>" for i in range(900))))
        assert tracemalloc.get_traced_memory()[0] - before < 2**20
    finally:
        tracemalloc.stop()


def test_the_larger_a_body_may_be_the_more_it_may_hold() -> None:
    for body, bytes_each in ((document("<a/>" * 1_000), 40), (document('<a b="x"/>' * 1_000), 100)):
        with pytest.raises(errors.Refused):
            wire.open_body(body.encode(), 1_000 * bytes_each - 20)
        assert wire.open_body(body.encode(), 1_000 * bytes_each + 200).presented == Presented("K", "H")


@given(st.binary() | st.binary().map(lambda some: document(f"<a>{PLAIN}</a>").encode().replace(b"K", some)))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert verdict_on(body) in (errors.OK, errors.UNREADABLE, errors.UNAUTHORIZED)


SNIPPETS = st.sampled_from(
    [
        "<a>",
        "</a>",
        "<b/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#13;",
        "&x;",
        "x",
        " ",
        "\r\n",
        "<?p ",
        "?>",
        "ş",
    ]
)


@given(st.lists(SNIPPETS, max_size=12).map("".join))
def test_another_parser_reads_the_same(inner: str) -> None:
    body = f"<request>{WHO}<in>{inner}</in></request>".encode()
    try:
        root = etree.fromstring(body, etree.XMLParser(remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError:
        assert verdict_on(body) == errors.UNREADABLE
        return
    assert opened(body)[1]["in"] == seen(root[1])


def seen(element: etree._Element) -> object:
    if not len(element):
        return "" if (element.text or "").isspace() else element.text or ""
    tree: dict[str, object] = {}
    for child in element:
        others = [seen(other) for other in element if other.tag == child.tag]
        tree[str(child.tag)] = others if len(others) > 1 else others[0]
    return tree
