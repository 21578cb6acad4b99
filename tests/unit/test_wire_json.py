import json
from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.api.v1 import json as wire
from teslimat.api.v1.answers import DONE, balance_of, list_of, report_of, senders_of, sent
from teslimat.api.v1.formats import Opened
from teslimat.core import errors
from teslimat.core.model import Account, Order
from teslimat.core.states import State
from teslimat.flows.accounts import Presented, body_limit
from teslimat.flows.report import ReportPage

SEED_REPORT = (
    '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"order":{"id":"312891245","status":114,"total":1,'
    '"delivered":1,"undelivered":0,"waiting":0,"submitAt":"2026-04-29 04:32:24","sendAt":"2026-04-29 04:32:24",'
    '"sender":"eMarka Test","price":1,"message":[{"number":"+905333128320","status":111}]}}}'
).encode()


MOST_BYTES = body_limit(0, 50_000)


def open_body(body: bytes) -> Opened:
    return wire.open_body(body, MOST_BYTES)


def order(**changes: object) -> Order:
    given_: dict[str, object] = {
        "id": 312_891_245,
        "account_id": 1,
        "sender": "eMarka Test",
        "suffix": " B186",
        "texts": (),
        "recipient_price": 1,
        "resend_uncertain": True,
        "scheduled": False,
        "submit_at": 1_777_426_344_000,
        "send_at": 1_777_426_344_000,
        "expires_at": 1_777_599_144_000,
        "first_message_id": 1,
        "total": 1,
        "delivered": 1,
        "undelivered": 0,
        "waiting": 0,
        "price": 1,
        "queue_rows": 1,
        "reached_carrier": True,
        "cancelled_at": None,
        "uncertain": 0,
        "revision": 1,
    }
    return Order(**{**given_, **changes})  # type: ignore[arg-type]  # by name, with the types of the fields above


def account(**changes: object) -> Account:
    given_: dict[str, object] = {
        "id": 1,
        "name": "acme",
        "key": "k",
        "hash_digest": b"",
        "balance": 67,
        "credited": 100,
        "api_access": True,
        "allow_ips": (),
        "max_recipients": 50_000,
        "iys_code": None,
        "senders": ("eMarka Test", "ACME"),
    }
    return Account(**{**given_, **changes})  # type: ignore[arg-type]  # by name, with the types of the fields above


def packed(numbers: list[int]) -> bytes:
    return array("Q", numbers).tobytes()


def test_a_report_is_the_seeds_byte_for_byte() -> None:
    page = ReportPage(order(), packed([905333128320]), {}, bytes([State.DELIVERED]))
    assert wire.render(report_of(account(), page)) == SEED_REPORT


def test_a_page_past_the_end_has_the_same_counters_and_no_recipients() -> None:
    rendered = wire.render(report_of(account(), ReportPage(order(), b"", {}, b"")))
    assert rendered == SEED_REPORT.replace(b'{"number":"+905333128320","status":111}', b"")


@pytest.mark.parametrize(
    ("waiting", "reached", "status"),
    [(1, False, 113), (1, True, 113), (0, True, 114), (0, False, 115)],
)
def test_the_order_status_follows_from_what_waits_and_what_ever_left(waiting: int, reached: bool, status: int) -> None:
    page = ReportPage(order(waiting=waiting, reached_carrier=reached), b"", {}, b"")
    assert json.loads(wire.render(report_of(account(), page)))["response"]["order"]["status"] == status


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.QUEUED, 110),
        (State.SUBMITTING, 110),
        (State.SUBMITTED, 110),
        (State.DELIVERED, 111),
        (State.UNDELIVERED, 112),
    ],
)
def test_every_state_has_its_status(state: State, status: int) -> None:
    assert wire.render_rows(packed([905333128320]), {}, bytes([state])) == (
        b'{"number":"+905333128320","status":%d}' % status
    )


# Mostly Turkish numbers, as it is, but numbers of any length must come out as they are.
NUMBERS = st.one_of(st.integers(905_000_000_000, 905_699_999_999), st.integers(1, 999_999_999_999_999))
ROWS = st.lists(
    st.tuples(NUMBERS, st.sampled_from(State), st.one_of(st.none(), st.none(), st.text(max_size=32))), max_size=60
)


@given(ROWS)
def test_rows_read_back_as_what_was_stored(rows: list[tuple[int, State, str | None]]) -> None:
    rendered = wire.render_rows(
        packed([0 if odd is not None else number for number, _, odd in rows]),
        {position: odd for position, (_, _, odd) in enumerate(rows) if odd is not None},
        bytes(state for _, state, _ in rows),
    )
    statuses = {State.DELIVERED: 111, State.UNDELIVERED: 112}
    assert json.loads(b"[%b]" % rendered) == [
        {"number": f"+{number}" if odd is None else odd, "status": statuses.get(state, 110)}
        for number, state, odd in rows
    ]


@given(ROWS)
def test_rows_are_compact_and_in_key_order(rows: list[tuple[int, State, str | None]]) -> None:
    rendered = wire.render_rows(packed([number for number, _, _ in rows]), {}, bytes(state for _, state, _ in rows))
    parsed = json.loads(b"[%b]" % rendered)
    assert rendered == json.dumps(parsed, separators=(",", ":"))[1:-1].encode()


def test_two_lengths_that_even_out_are_not_taken_for_one() -> None:
    rendered = wire.render_rows(packed([12345678901, 1234567890123]), {}, bytes(2))
    assert [row["number"] for row in json.loads(b"[%b]" % rendered)] == ["+12345678901", "+1234567890123"]


def test_an_accepted_order_answers_its_id_as_text() -> None:
    assert wire.render(sent(312891245)) == (
        '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"order":{"id":"312891245"}}}'.encode()
    )


def test_a_cancelled_order_answers_only_a_status() -> None:
    assert wire.render(DONE) == '{"response":{"status":{"code":200,"message":"İşlem başarılı"}}}'.encode()


def test_a_balance_is_two_numbers() -> None:
    assert wire.render(balance_of(account())) == (
        '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"balance":{"amount":0,"sms":67}}}'.encode()
    )


def test_senders_are_a_list_also_if_there_are_none() -> None:
    head = '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"senders":{"sender":'.encode()
    assert wire.render(senders_of(account())) == head + b'["eMarka Test","ACME"]}}}'
    assert wire.render(senders_of(account(senders=()))) == head + b"[]}}}"


def test_a_list_of_orders_has_ids_as_numbers_and_no_price() -> None:
    assert wire.render(list_of(31, [order()])) == (
        '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"count":31,"orders":[{"id":312891245,'
        '"status":114,"total":1,"delivered":1,"undelivered":0,"waiting":0,"submitAt":"2026-04-29 04:32:24",'
        '"sendAt":"2026-04-29 04:32:24","sender":"eMarka Test"}]}}'.encode()
    )


@pytest.mark.parametrize("verdict", errors.CATALOGUE)
def test_a_refusal_is_a_status_and_nothing_else(verdict: errors.Verdict) -> None:
    assert wire.refusal(errors.Refused(verdict)) == (
        f'{{"response":{{"status":{{"code":{verdict.code},"message":"{verdict.message}"}}}}}}'.encode()
    )


def test_escapes_and_raw_text_are_the_same() -> None:
    raw = '{"request":{"order":{"sender":"Şirket","sendDateTime":"27/09/2030 10:00"}}}'.encode()
    escaped = rb'{"request":{"order":{"sender":"\u015eirket","sendDateTime":"27\/09\/2030 10:00"}}}'
    assert wire.read(raw) == wire.read(escaped)


def test_a_byte_order_mark_in_front_is_passed_over() -> None:
    opened = open_body(b'\xef\xbb\xbf{"request":{"authentication":{"key":"K"},"order":{"id":1}}}')
    assert opened.presented == Presented("K")
    assert opened.read()["order"] == {"id": 1}


@pytest.mark.parametrize("nothing", [b"[]", b"{}", b'"{"'])
def test_the_larger_a_body_may_be_the_more_it_may_hold(nothing: bytes) -> None:
    body = b'{"request":{"authentication":{},"x":[%b1]}}' % ((nothing + b",") * 1_000)
    assert verdict_on(lambda body: wire.open_body(body, 20_000), body) == errors.UNREADABLE
    assert verdict_on(lambda body: wire.open_body(body, 20_200), body) == errors.OK


def test_fifty_thousand_personal_messages_have_room() -> None:
    messages = b",".join(
        [b'{"text":"{%05d} [x] [y]","receipents":{"number":["53000%05d"]}}' % (i, i) for i in range(50_000)]
    )
    body = b'{"request":{"authentication":{},"order":{"message":[%b]}}}' % messages
    assert len(body) < MOST_BYTES
    assert verdict_on(open_body, body) == errors.OK


UNREADABLE = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"<request></request>",
    b'{"request":null}',
    b'{"request":[]}',
    b'{"request":"x"}',
    b'{"request":{}',
    b'{"request":{}} {}',
    b'[{"request":{}}]',
    b'{"Request":{}}',
    b'{"request":{"order":NaN}}',
    b'{"request":{"order":-Infinity}}',
    b'{"request":{"order":01}}',
    b"{'request':{}}",
    b"[" * 1_000_000,
    b'{"request":' * 200_000,
    b'{"request":{"order":' + b"[" * 200_000 + b"]" * 200_000 + b"}}",
]


@pytest.mark.parametrize("body", UNREADABLE, ids=lambda body: body[:30].decode())
def test_a_body_that_is_no_request_is_unreadable(body: bytes) -> None:
    for read in (wire.read, open_body):
        with pytest.raises(errors.Refused) as refused:
            read(body)
        assert refused.value.verdict == errors.UNREADABLE


@pytest.mark.parametrize(
    "value", [b'"\xff"', b'"\xed\xa0\x80"', rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud800x"', b"1e999", b"9" * 10_000]
)
def test_a_value_that_cannot_be_decoded_makes_the_request_unreadable(value: bytes) -> None:
    with pytest.raises(errors.Refused) as refused:
        wire.read(b'{"request":{"order":%b}}' % value)
    assert refused.value.verdict == errors.UNREADABLE


def test_credentials_are_found_among_other_things() -> None:
    body = b'{"request":{"order":{"message":[{}]},"authentication":{"hash":"H","key":"K","username":1}}}'
    assert open_body(body).presented == Presented("K", "H")


def test_a_username_and_a_password_are_found_as_well() -> None:
    body = b'{"request":{"authentication":{"username":"5321234567","password":"P"}}}'
    assert open_body(body).presented == Presented(username="5321234567", password="P")


@pytest.mark.parametrize(
    "authentication",
    [
        "null",
        "[]",
        '"K"',
        '{"key":["K"],"hash":"H"}',
        '{"key":"K","hash":{}}',
    ],
)
def test_credentials_of_the_wrong_kind_are_wrong_credentials(authentication: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        open_body(b'{"request":{"authentication":%b}}' % authentication.encode())
    assert refused.value.verdict == errors.UNAUTHORIZED


def test_what_is_no_text_shows_nothing() -> None:
    body = b'{"request":{"authentication":{"key":1,"hash":null,"username":true,"password":1.5}}}'
    assert open_body(body).presented == Presented()


def test_a_request_without_credentials_has_wrong_credentials() -> None:
    with pytest.raises(errors.Refused) as refused:
        open_body(b'{"request":{}}')
    assert refused.value.verdict == errors.UNAUTHORIZED


def verdict_on(read: Callable[[bytes], object], body: bytes) -> errors.Verdict:
    try:
        read(body)
    except errors.Refused as refused:
        return refused.verdict
    return errors.OK


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert verdict_on(wire.read, body) in (errors.OK, errors.UNREADABLE)
    assert verdict_on(open_body, body) in (errors.OK, errors.UNREADABLE, errors.UNAUTHORIZED)
