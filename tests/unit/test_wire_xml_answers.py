from array import array

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec import Struct

from teslimat.api.v1 import xml as wire
from teslimat.api.v1.answers import DONE, balance_of, report_of, senders_of, sent
from teslimat.core import errors
from teslimat.core.states import State
from teslimat.flows.report import ReportPage
from tests.unit.test_wire_json import ROWS, account, order, packed

PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
SUCCESS = (
    f"{PROLOG}\n<response>\n  <status>\n    <code>200</code>\n    <message>İşlem başarılı</message>\n  </status>\n"
)


def written(reply: Struct) -> str:
    return wire.render(reply).decode()


def test_the_recorded_refusals_are_written_byte_for_byte() -> None:
    unknown = wire.refusal(errors.Refused(errors.NO_SUCH_ORDER))
    nobody = wire.refusal(errors.Refused(errors.NO_RECIPIENT))
    assert (len(unknown), len(nobody)) == (150, 156)
    assert unknown.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<response>\n"
        "  <status>\n"
        "    <code>455</code>\n"
        "    <message>Sipariş bulunamadı</message>\n"
        "  </status>\n"
        "</response>\n"
    )


def test_a_refusal_of_values_tells_them_by_name() -> None:
    wrong = {"start": "start Y-m-d H:i:s biçimi ile eşleşmiyor.", "list.3.status": "a < b"}
    document_ = wire.refusal(errors.Refused(errors.INVALID_FIELDS, errors=wrong)).decode()
    assert document_.endswith(
        "  </status>\n"
        "  <errors>\n"
        "    <start>start Y-m-d H:i:s biçimi ile eşleşmiyor.</start>\n"
        "    <list.3.status>a &lt; b</list.3.status>\n"
        "  </errors>\n"
        "</response>\n"
    )


def test_answers_are_written_one_element_per_line() -> None:
    assert written(DONE) == f"{SUCCESS}</response>\n"
    assert written(sent(51502516)) == f"{SUCCESS}  <order>\n    <id>51502516</id>\n  </order>\n</response>\n"
    assert written(balance_of(account())) == (
        f"{SUCCESS}  <balance>\n    <amount>0</amount>\n    <sms>67</sms>\n  </balance>\n</response>\n"
    )
    assert written(balance_of(account(in_lira=True, balance=105_840, unit_price=372))) == (
        f"{SUCCESS}  <balance>\n    <amount>10.584</amount>\n    <sms>284</sms>\n  </balance>\n</response>\n"
    )
    assert written(senders_of(account())) == (
        f"{SUCCESS}  <senders>\n    <sender>eMarka Test</sender>\n"
        "    <sender>ACME</sender>\n  </senders>\n</response>\n"
    )
    assert written(senders_of(account(senders=()))) == f"{SUCCESS}  <senders></senders>\n</response>\n"


REPORT_HEAD = f"""{SUCCESS}  <order>
    <id>312891245</id>
    <status>114</status>
    <total>1</total>
    <delivered>1</delivered>
    <undelivered>0</undelivered>
    <waiting>0</waiting>
    <submitAt>2026-04-29 04:32:24</submitAt>
    <sendAt>2026-04-29 04:32:24</sendAt>
    <sender>eMarka Test</sender>
    <price>1</price>
"""
REPORT_END = "  </order>\n</response>\n"


def test_a_report_has_an_element_for_each_recipient() -> None:
    numbers = packed([905333128320, 0, 4915112345678])
    states = bytes([State.DELIVERED, State.UNDELIVERED, State.SUBMITTED])
    page = ReportPage(order(), numbers, {1: "<12>"}, states)
    rows = [("+905333128320", 111), ("&lt;12&gt;", 112), ("+4915112345678", 110)]
    assert (
        wire.render(report_of(account(), page)).decode()
        == REPORT_HEAD
        + "".join(
            f"    <message>\n      <number>{number}</number>\n      <status>{status}</status>\n    </message>\n"
            for number, status in rows
        )
        + REPORT_END
    )


def test_a_page_past_the_end_has_no_recipients() -> None:
    assert wire.render(report_of(account(), ReportPage(order(), b"", {}, b""))).decode() == REPORT_HEAD + REPORT_END


@given(ROWS)
def test_rows_read_back_as_what_was_stored(rows: list[tuple[int, State, str | None]]) -> None:
    odd = {position: text for position, (_, _, text) in enumerate(rows) if text is not None}
    numbers = array("Q", [number if text is None else 0 for number, _, text in rows]).tobytes()
    page = ReportPage(order(), numbers, odd, bytes(state for _, state, _ in rows))
    root = etree.fromstring(wire.render(report_of(account(), page)))
    statuses = {State.DELIVERED: "111", State.UNDELIVERED: "112"}
    assert [(row.findtext("number"), row.findtext("status")) for row in root.iterfind("order/message")] == [
        (f"+{number}" if text is None else held(text), statuses.get(state, "110")) for number, state, text in rows
    ]


def held(text: str) -> str:
    """What XML can hold of a text."""
    return "".join(character if is_held(ord(character)) else "\ufffd" for character in text)


def is_held(code: int) -> bool:
    """Extensible Markup Language 1.0, production 2."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def test_lists_of_the_address_book_have_an_element_around_them() -> None:
    contact = {"id": 7, "surname": "", "email": None, "custom_fields": [{"id": 1, "value": "x"}], "groups": [7, 8]}
    group = {"id": 1, "children": [{"id": 2, "name": "Alt"}]}
    document_ = wire.write("response", {"contacts": [contact, {"groups": []}], "groups": [group]}).decode()
    assert [line.strip() for line in document_.splitlines()[2:-1]] == [
        "<contacts>",
        "<contact>",
        "<id>7</id>",
        "<surname></surname>",
        "<custom_fields>",
        "<custom_field>",
        "<id>1</id>",
        "<value>x</value>",
        "</custom_field>",
        "</custom_fields>",
        "<groups>",
        "<id>7</id>",
        "<id>8</id>",
        "</groups>",
        "</contact>",
        "<contact>",
        "<groups></groups>",
        "</contact>",
        "</contacts>",
        "<groups>",
        "<group>",
        "<id>1</id>",
        "<children>",
        "<child>",
        "<id>2</id>",
        "<name>Alt</name>",
        "</child>",
        "</children>",
        "</group>",
        "</groups>",
    ]


NAMES = st.from_regex(r"[a-zA-Z_ğş][a-zA-Z0-9_ğş.-]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("groups", "children", "contacts", "custom_fields")
)
TREES = st.recursive(
    st.text(), lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, max_size=3), max_size=4), max_leaves=30
)


def normal(value: object) -> object:
    """What XML can tell of a tree: nothing is an empty text, as are blanks, and a list of one is that one."""
    if isinstance(value, str):
        return "" if held(value).isspace() else held(value)
    assert isinstance(value, dict)
    tree: dict[str, object] = {}
    for name, item in value.items():
        several = [normal(one) for one in item] if isinstance(item, list) else [normal(item)]
        if several:
            tree[name] = several if len(several) > 1 else several[0]
    return tree or ""


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_is_written_reads_back_the_same(tree: dict[str, object]) -> None:
    document_ = wire.write("request", tree)
    assert wire.read(document_) == (normal(tree) or {})
    lines = document_.decode().split("\n")
    assert lines[-1] == ""
    assert all(line.strip(" ").startswith("<") and line.endswith(">") for line in lines[:-1])
