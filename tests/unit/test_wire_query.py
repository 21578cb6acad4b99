from urllib.parse import quote, quote_plus, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.api.v1.envelope import read_sms
from teslimat.api.v1.fields import decode
from teslimat.api.v1.query import open_query
from teslimat.api.v1.values import Tree
from teslimat.core import errors
from teslimat.core.numbers import parse
from teslimat.flows.accounts import Presented

NOW = 1_790_000_000_000


def order_in(query: str | bytes) -> Tree:
    order = open_query(query.encode() if isinstance(query, str) else query).read()["order"]
    assert isinstance(order, dict)
    return order


def numbers_in(query: str) -> list[object]:
    return read_sms(open_query(query.encode()).read(), NOW, 1).order.messages[0].numbers


def test_an_address_holds_an_order() -> None:
    query = "key=K&hash=H&text=G%C3%BCnayd%C4%B1n&receipents=5301234567,5321234567&sender=ACME&iys=1&iysList=TACIR"
    assert open_query(query.encode()).presented == Presented("K", "H")
    assert order_in(query) == {
        "sender": "ACME",
        "iys": "1",
        "iysList": "TACIR",
        "message": {"text": "Günaydın", "receipents": {"number": ["5301234567", "5321234567"]}},
    }


def test_a_username_and_a_password_are_found() -> None:
    assert open_query(b"username=5321234567&password=a%26b").presented == Presented(
        username="5321234567", password="a&b"
    )


@pytest.mark.parametrize("query", [b"", b"&", b"key", b"key=", b"key=K", b"x=y"])
def test_who_shows_nothing_shows_no_credentials(query: bytes) -> None:
    presented = open_query(query).presented
    assert not (presented.key and presented.hash)


@pytest.mark.parametrize("text", ["İki kelime", "İki+kelime", "%C4%B0ki%20kelime", "%c4%b0ki+kelime"])
def test_a_blank_is_written_in_any_way(text: str) -> None:
    assert read_sms(open_query(f"text={text}".encode()).read(), NOW, 1).order.messages[0].text == "İki kelime"


@pytest.mark.parametrize(
    "recipients",
    [
        "receipents=5301234567,905321234567",
        "receipents=5301234567%2C905321234567",
        "receipents=5301234567,+905321234567",
        "receipents=5301234567,%2B905321234567,",
        "receipents=,5301234567,,+0532+123+45+67",
        "receipents=5301234567&receipents=905321234567",
        "receipents[]=5301234567&receipents%5B%5D=905321234567",
    ],
)
def test_recipients_are_read_in_any_spelling(recipients: str) -> None:
    assert [parse(number) for number in numbers_in(recipients)] == [905301234567, 905321234567]


def test_an_order_without_recipients_has_none() -> None:
    assert numbers_in("text=x") == numbers_in("text=x&receipents=") == numbers_in("recipients=5301234567") == []


def test_an_order_in_an_address_leaves_at_once() -> None:
    sms = read_sms(open_query(b"text=x&sendDateTime=nonsense").read(), NOW, 1)
    assert (sms.order.send_at, sms.order.sender, sms.order.commercial) == (None, None, False)


def test_of_a_repeated_parameter_the_last_one_counts() -> None:
    assert order_in("sender=A&sender=B")["sender"] == "B"


@pytest.mark.parametrize(
    "query", ["text=100%", "text=%", "text=%4", "text=%G0", "%=x", "x=%zz", "text=%FF", "text=%C4", "text=%ED%A0%80"]
)
def test_what_is_not_percent_encoded_text_is_unreadable(query: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        open_query(query.encode())
    assert refused.value.verdict == errors.UNREADABLE


def test_raw_letters_are_read_if_they_are_utf_8() -> None:
    assert order_in("sender=Ş".encode())["sender"] == "Ş"
    with pytest.raises(errors.Refused):
        open_query("sender=Ş".encode("iso-8859-9"))


@given(st.dictionaries(st.sampled_from(["key", "hash", "text", "sender", "iys"]), st.text()), st.booleans())
def test_what_a_client_encodes_reads_back_the_same(values: dict[str, str], plus: bool) -> None:
    query = urlencode(values, quote_via=quote_plus if plus else quote)
    opened, order = open_query(query.encode()), order_in(query)
    message = order["message"]
    assert isinstance(message, dict)
    assert (opened.presented.key, opened.presented.hash) == (values.get("key"), values.get("hash"))
    assert (message["text"], order["sender"], order["iys"]) == tuple(map(values.get, ("text", "sender", "iys")))


@given(
    st.binary() | st.lists(st.sampled_from([b"%", b"%4", b"=", b"4", b"+", b"\r\n", b"_", b" ", b"."])).map(b"".join)
)
def test_any_octets_decode_as_the_standard_library_decodes_them_or_are_refused(encoded: bytes) -> None:
    try:
        decoded = decode(encoded)
    except ValueError:
        assert b"%" in encoded
        return
    assert decoded == unquote_to_bytes(encoded.replace(b"+", b" "))


@given(st.binary())
def test_any_query_is_read_or_refused(query: bytes) -> None:
    assert verdict_on(query) in (errors.OK, errors.UNREADABLE, errors.IYS_MISSING, errors.IYS_LIST_MISSING)


def verdict_on(query: bytes) -> errors.Verdict:
    try:
        read_sms(open_query(query).read(), NOW, 1)
    except errors.Refused as refused:
        return refused.verdict
    return errors.OK
