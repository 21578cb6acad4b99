from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.api.v1 import envelope
from teslimat.api.v1.dates import DAY
from teslimat.api.v1.envelope import ListRequest, ReportRequest, read_list_query, read_order_id, read_sms
from teslimat.api.v1.values import Tree
from teslimat.core import errors
from teslimat.core.errors import Refused, Verdict
from teslimat.flows.place import MessageRequest

NOW = int(datetime(2026, 4, 29, 1, 32, 24, tzinfo=UTC).timestamp() * 1000)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)
MISSING = object()
MOST = 3


def repr_shortly(value: object) -> str:
    """A name for a test of a value, however long."""
    return repr(value)[:12] if isinstance(value, str) else type(value).__name__


def tree(**fields: object) -> Tree:
    """A good order, but for these fields of it."""
    order: Tree = {
        "sender": "ACME",
        "iys": "0",
        "message": {"text": "Merhaba", "receipents": {"number": ["5301234567"]}},
        **fields,
    }
    return {"order": {name: value for name, value in order.items() if value is not MISSING}}


def verdict_on(request: Tree) -> Verdict:
    try:
        read_sms(request, NOW, MOST)
    except Refused as refused:
        return refused.verdict
    return errors.OK


def numbers_of(number: object) -> list[object]:
    message = {"text": "x", "receipents": {"number": number}}
    return read_sms(tree(message=message), NOW, MOST).order.messages[0].numbers


class TestMessages:
    def test_one_message_and_a_list_of_one_are_the_same(self) -> None:
        message = {"text": "A", "receipents": {"number": ["5301234567"]}}
        one, many = read_sms(tree(message=message), NOW, MOST), read_sms(tree(message=[message]), NOW, MOST)
        assert one == many
        assert one.order.messages == [MessageRequest("A", ["5301234567"])]

    def test_several_messages_keep_their_order(self) -> None:
        messages = [{"text": text, "receipents": {"number": [text]}} for text in "ABC"]
        placed = read_sms(tree(message=messages), NOW, MOST).order
        assert [message.text for message in placed.messages] == ["A", "B", "C"]

    @pytest.mark.parametrize("message", [MISSING, None, "x", 1, [], [None], ["x"], [[{}]], [{"text": "x"}, None]])
    def test_no_message_or_something_else_in_its_place_is_unreadable(self, message: object) -> None:
        assert verdict_on(tree(message=message)) == errors.UNREADABLE

    def test_of_more_messages_than_recipients_one_too_many_is_read(self) -> None:
        message = {"text": "x", "receipents": {"number": ["5301234567"]}}
        several = [message] * (MOST + 1)
        for rest in ([], [message], ["x"], [{}] * 1_000_000):
            assert len(read_sms(tree(message=several + rest), NOW, MOST).order.messages) == MOST + 1
        assert verdict_on(tree(message=[*several[1:], "x"])) == errors.UNREADABLE

    @pytest.mark.parametrize("number", ["5301234567", 5301234567, ["5301234567", None], [[1], [[2]]]])
    def test_of_more_numbers_than_recipients_one_too_many_is_read(self, number: object) -> None:
        message = {"text": "x", "receipents": {"number": [number] * 1_000}}
        assert len(read_sms(tree(message=message), NOW, MOST).order.messages[0].numbers) == MOST + 1

    @pytest.mark.parametrize("order", [None, [], "", "x", 1, [{}]])
    def test_no_order_or_something_else_in_its_place_is_unreadable(self, order: object) -> None:
        assert verdict_on({"order": order}) == errors.UNREADABLE
        assert verdict_on({}) == errors.UNREADABLE

    @pytest.mark.parametrize("text", [None, 1, True, ["x"], {"x": 1}, 1.5])
    def test_a_text_that_is_no_text_is_left_to_be_refused_as_missing(self, text: object) -> None:
        placed = read_sms(tree(message={"text": text, "receipents": {"number": ["5301234567"]}}), NOW, MOST).order
        assert placed.messages[0].text is None

    @pytest.mark.parametrize("sender", [MISSING, None, 1, ["ACME"], {}])
    def test_a_sender_that_is_no_text_is_left_to_be_refused(self, sender: object) -> None:
        assert read_sms(tree(sender=sender), NOW, MOST).order.sender is None

    def test_sender_and_text_are_taken_as_they_are(self) -> None:
        placed = read_sms(tree(sender=" ACME ", message={"text": " x\n"}), NOW, MOST).order
        assert (placed.sender, placed.messages[0].text) == (" ACME ", " x\n")


class TestRecipients:
    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            (["5301234567", "905321234567"], ["5301234567", "905321234567"]),
            ("5301234567", ["5301234567"]),
            (5301234567, [5301234567]),
            ([5301234567, "5321234567"], [5301234567, "5321234567"]),
            ([["5301234567"]], ["5301234567"]),
            ([["1", ["2"]], "3", [[["4"]]], []], ["1", "2", "3", "4"]),
            ([None], []),
            ([None, "", "5301234567", None], ["5301234567"]),
            (None, []),
            ("", []),
            ([], []),
            ([5301234567.0], [5301234567.0]),
            ([True, {"a": 1}], [True, {"a": 1}]),
            ({"0": "5301234567"}, [{"0": "5301234567"}]),
        ],
    )
    def test_numbers_are_found_in_every_shape_that_clients_send(self, number: object, expected: list[object]) -> None:
        assert numbers_of(number) == expected

    @pytest.mark.parametrize("recipients", [MISSING, None, "", [], {}, {"numbers": ["5301234567"]}, {"number": []}])
    def test_missing_recipients_are_none(self, recipients: object) -> None:
        message = {"text": "x", "receipents": recipients}
        if recipients is MISSING:
            del message["receipents"]
        assert read_sms(tree(message=message), NOW, MOST).order.messages[0].numbers == []

    def test_the_correct_spelling_is_not_the_wires(self) -> None:
        message = {"text": "x", "recipients": {"number": ["5301234567"]}}
        assert read_sms(tree(message=message), NOW, MOST).order.messages[0].numbers == []

    def test_recipients_outside_of_the_message_are_not_looked_for(self) -> None:
        placed = read_sms(tree(message={"text": "x"}, receipents={"number": ["5301234567"]}), NOW, MOST).order
        assert placed.messages[0].numbers == []

    @pytest.mark.parametrize("recipients", [["5301234567"], [[]], "5301234567", 5301234567, True])
    def test_something_else_in_place_of_recipients_is_unreadable(self, recipients: object) -> None:
        assert verdict_on(tree(message={"text": "x", "receipents": recipients})) == errors.UNREADABLE

    @given(ANYTHING)
    def test_no_list_nor_anything_empty_is_left_among_the_numbers(self, number: object) -> None:
        assert not [number for number in numbers_of(number) if number is None or number == "" or type(number) is list]


class TestSendDate:
    @pytest.mark.parametrize("value", [MISSING, None, "", "  ", [], [""], [None], [" "]])
    def test_every_form_of_nothing_is_now(self, value: object) -> None:
        sms = read_sms(tree(sendDateTime=value), NOW, MOST)
        assert sms.order.send_at is None
        assert not sms.seconds_given

    @pytest.mark.parametrize("value", ["29/04/2026 10:00", ["29/04/2026 10:00"], [" 29/04/2026 10:00 ", "x"]])
    def test_a_date_alone_and_in_a_list_are_the_same(self, value: object) -> None:
        assert read_sms(tree(sendDateTime=value), NOW, MOST).order.send_at == NOW - NOW % DAY + 7 * 3_600_000

    def test_a_past_date_is_accepted(self) -> None:
        assert verdict_on(tree(sendDateTime="01/05/2013 10:00")) == errors.OK

    def test_with_seconds_the_schedule_is_ignored_and_that_is_noted(self) -> None:
        sms = read_sms(tree(sendDateTime="31/12/2026 10:00:00"), NOW, MOST)
        assert sms.order.send_at is None
        assert sms.seconds_given

    def test_a_strict_account_may_give_no_seconds(self) -> None:
        with pytest.raises(Refused) as refused:
            read_sms(tree(sendDateTime="31/12/2026 10:00:00"), NOW, MOST, strict_seconds=True)
        assert refused.value.verdict == errors.BAD_SEND_DATE
        assert read_sms(tree(sendDateTime="31/12/2026 10:00"), NOW, MOST, strict_seconds=True).order.send_at

    @pytest.mark.parametrize(
        "value",
        ["2026-12-31 10:00", "31/02/2027 10:00", "31/02/2027 10:00:00", "yarın", 1, 1.5, True, {}, [[]], [1], ["x"]],
    )
    def test_any_other_form_is_a_bad_date(self, value: object) -> None:
        assert verdict_on(tree(sendDateTime=value)) == errors.BAD_SEND_DATE

    def test_a_year_ahead_is_the_furthest(self) -> None:
        assert verdict_on(tree(sendDateTime="29/04/2027 10:00")) == errors.OK
        assert verdict_on(tree(sendDateTime="01/05/2027 10:00")) == errors.BAD_SEND_DATE


class TestConsent:
    @pytest.mark.parametrize("value", ["1", 1, True, " 1 "])
    def test_yes_in_every_form(self, value: object) -> None:
        assert read_sms(tree(iys=value, iysList="TACIR"), NOW, MOST).order.registry_list == "TACIR"

    @pytest.mark.parametrize("value", ["0", 0, False, "", None, MISSING])
    def test_no_and_nothing_in_every_form(self, value: object) -> None:
        assert read_sms(tree(iys=value, iysList="nonsense"), NOW, MOST).order.registry_list is None

    @pytest.mark.parametrize("value", ["2", 2, -1, "yes", "true", "01", 1.0, 0.0, [], ["1"], {}])
    def test_anything_else_is_no_answer(self, value: object) -> None:
        assert verdict_on(tree(iys=value)) == errors.IYS_MISSING

    @pytest.mark.parametrize("value", [MISSING, None, "", "bireysel", "BİREYSEL", "TACIR ", 1, ["BIREYSEL"], {}])
    def test_commercial_texts_need_a_list_by_its_exact_name(self, value: object) -> None:
        assert verdict_on(tree(iys="1", iysList=value)) == errors.IYS_LIST_MISSING

    @pytest.mark.parametrize("value", ["", " ", None, MISSING])
    def test_a_strict_account_has_to_say(self, value: object) -> None:
        with pytest.raises(Refused) as refused:
            read_sms(tree(iys=value), NOW, MOST, strict_iys=True)
        assert refused.value.verdict == errors.IYS_MISSING
        assert not read_sms(tree(iys="0"), NOW, MOST, strict_iys=True).order.commercial

    def test_the_date_is_judged_before_consent_and_the_structure_before_the_date(self) -> None:
        assert verdict_on(tree(sendDateTime="x", iys="x")) == errors.BAD_SEND_DATE
        assert verdict_on(tree(sendDateTime="x", message=None)) == errors.UNREADABLE


class TestOrderId:
    @pytest.mark.parametrize("value", ["428", 428, "00428", " 428 ", "0" * 1_000_000 + "428"], ids=repr_shortly)
    def test_text_and_number_are_the_same(self, value: object) -> None:
        assert read_order_id({"order": {"id": value}}) == 428

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "x",
            "4 2",
            "-1",
            "--1",
            "-",
            -1,
            428.0,
            True,
            [428],
            {},
            2**63,
            str(2**63),
            "9" * 100_000,
            10**400,
            "٤٢٨",
            "0" * 1_000_000 + "x",
            "-" * 1_000_000,
        ],
        ids=repr_shortly,
    )
    def test_what_can_be_no_id_is_no_order(self, value: object) -> None:
        with pytest.raises(Refused) as refused:
            read_order_id({"order": {"id": value}})
        assert refused.value.verdict == errors.NO_SUCH_ORDER

    def test_without_an_order_the_request_is_unreadable(self) -> None:
        with pytest.raises(Refused) as refused:
            read_order_id({"id": "428"})
        assert refused.value.verdict == errors.UNREADABLE


class TestReportQuery:
    @pytest.mark.parametrize("value", [MISSING, None, "", "x", 1, "1", "001", 1.5, True, [], {}])
    def test_the_first_page_is_meant_unless_another_is_named(self, value: object) -> None:
        assert self.read(page=value) == ReportRequest(428, 1, 1000)

    @pytest.mark.parametrize("value", [7, "7", " 07 "])
    def test_a_page_may_be_text_or_a_number(self, value: object) -> None:
        assert self.read(page=value).page == 7

    @pytest.mark.parametrize("value", [0, "0", -1, "-1", "000", -(10**400), "-" + "9" * 5000])
    def test_pages_start_at_one(self, value: object) -> None:
        with pytest.raises(Refused) as refused:
            self.read(page=value)
        assert refused.value.verdict == errors.BAD_PAGE

    @pytest.mark.parametrize("value", [10**400, "9" * 100_000, 2**63])
    def test_a_page_beyond_all_pages_is_some_page_past_the_end(self, value: object) -> None:
        assert 10**8 < self.read(page=value).page * 1000 < 2**63

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("1", 1), (250, 250), ("01000", 1000), (5000, 1000), (0, 1000), (-5, 1000), ("", 1000), ("x", 1000)],
    )
    def test_a_page_has_at_most_a_thousand_rows_and_a_thousand_unless_told(self, value: object, expected: int) -> None:
        assert self.read(rowCount=value).row_count == expected

    def test_another_spelling_of_row_count_is_ignored(self) -> None:
        assert self.read(row_count=10).row_count == 1000

    @staticmethod
    def read(**fields: object) -> ReportRequest:
        order = {"id": "428", **{name: value for name, value in fields.items() if value is not MISSING}}
        return envelope.read_report_query({"order": order})


class TestListQuery:
    @staticmethod
    def verdict_on(request: Tree) -> Verdict:
        try:
            read_list_query(request)
        except Refused as refused:
            return refused.verdict
        return errors.OK

    @staticmethod
    def dates(start: object = "2026-04-01", end: object = "2026-04-02", **more: object) -> Tree:
        return {"filter": {"start": start, "end": end, **more}}

    def test_days_are_turkeys_and_the_last_is_included(self) -> None:
        start = int(datetime(2026, 3, 31, 21, tzinfo=UTC).timestamp() * 1000)
        assert read_list_query(self.dates()) == ListRequest(start, start + 2 * DAY, 1)

    def test_a_page_inside_the_filter_and_beside_it_are_the_same(self) -> None:
        inside = read_list_query(self.dates(page=3))
        assert inside == read_list_query({**self.dates(), "page": "3"})
        assert inside.page == 3

    def test_the_page_inside_the_filter_wins_unless_it_is_empty(self) -> None:
        assert read_list_query({**self.dates(page=3), "page": 4}).page == 3
        assert read_list_query({**self.dates(page=None), "page": 4}).page == 4
        assert read_list_query({**self.dates(page=""), "page": 4}).page == 4

    def test_ten_days_are_the_longest_range(self) -> None:
        assert self.verdict_on(self.dates(end="2026-04-11")) == errors.OK
        assert self.verdict_on(self.dates(end="2026-04-12")) == errors.BAD_DATE_RANGE

    @pytest.mark.parametrize("value", [None, "", "2026-02-30", "01/04/2026", 20260401, [], {}, True])
    def test_a_date_of_another_form_is_a_bad_range(self, value: object) -> None:
        assert self.verdict_on(self.dates(start=value)) == errors.BAD_DATE_RANGE
        assert self.verdict_on(self.dates(end=value)) == errors.BAD_DATE_RANGE

    def test_an_end_before_the_start_is_a_bad_range(self) -> None:
        assert self.verdict_on(self.dates(end="2026-03-31")) == errors.BAD_DATE_RANGE

    def test_pages_start_at_one(self) -> None:
        assert self.verdict_on(self.dates(page=0)) == errors.BAD_PAGE

    @pytest.mark.parametrize("request_", [{}, {"filter": None}, {"filter": []}, {"filter": ""}, {"filter": {}}])
    def test_without_a_filter_there_are_no_dates(self, request_: Tree) -> None:
        assert self.verdict_on(request_) == errors.BAD_DATE_RANGE

    @pytest.mark.parametrize("filter_", [[{}], "x", 1])
    def test_something_else_in_place_of_the_filter_is_unreadable(self, filter_: object) -> None:
        assert self.verdict_on({"filter": filter_}) == errors.UNREADABLE

    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(("start", "end", "page"), ANYTHING)) | ANYTHING)
    def test_anything_is_read_or_refused(self, filter_: object) -> None:
        assert self.verdict_on({"filter": filter_}) in errors.CATALOGUE


def somewhere(names: tuple[str, ...], inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Objects with some of these members, or anything else at all in their place."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, inner)) | ANYTHING


MESSAGES = somewhere(("text", "receipents"), somewhere(("number",), ANYTHING))
ORDERS = st.fixed_dictionaries(
    {"message": MESSAGES | st.lists(MESSAGES, max_size=3)},
    optional=dict.fromkeys(("sender", "sendDateTime", "iys", "iysList", "id", "page", "rowCount"), ANYTHING),
)


@given(ORDERS | ANYTHING)
def test_any_order_is_read_or_refused(order: object) -> None:
    assert verdict_on({"order": order}) in errors.CATALOGUE
    for read in (read_order_id, envelope.read_report_query):
        try:
            read({"order": order})
        except Refused as refused:
            verdict = refused.verdict
        else:
            verdict = errors.OK
        assert verdict in errors.CATALOGUE
