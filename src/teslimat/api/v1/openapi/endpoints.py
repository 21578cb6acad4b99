"""What each endpoint is for, what it takes and gives, and the codes that it may answer."""

from typing import Final, NamedTuple

from msgspec import Struct

from teslimat.api.v1.openapi import examples
from teslimat.api.v1.openapi.examples import Example
from teslimat.core.errors import (
    BAD_DATE_RANGE,
    BAD_NUMBER,
    BAD_PAGE,
    BAD_SEND_DATE,
    DUPLICATE,
    EMPTY_CONTACT,
    INVALID_FIELDS,
    IYS_CODE_MISSING,
    IYS_LIST_MISSING,
    IYS_MISSING,
    NO_CREDIT,
    NO_GROUP_ID,
    NO_GROUP_NAME,
    NO_RECIPIENT,
    NO_SUBSCRIPTION,
    NO_SUCH_CONTACT,
    NO_SUCH_FIELD,
    NO_SUCH_GROUP,
    NO_SUCH_METHOD,
    NO_SUCH_ORDER,
    NO_TEXT,
    NOT_DUE,
    NOT_LIFTABLE,
    SEARCH_TOO_SHORT,
    SENDER_REFUSED,
    TOO_LARGE,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNREADABLE,
    Verdict,
)
from teslimat_client import contract
from teslimat_client.contract import blacklist, consents, contacts

OF_ALL: Final = (UNREADABLE, UNAUTHORIZED, NO_SUCH_METHOD, UNAVAILABLE)
"""What every endpoint may answer."""


class Documented(NamedTuple):
    """What is told of an endpoint."""

    tag: str
    request: type[Struct]
    """What stands under `request`; its docstring says what the endpoint is for."""
    answer: type[Struct]
    """What stands under `response` if the code is 200."""
    refusals: tuple[Verdict, ...]
    """Beside those of all."""
    example: Example
    summary: str = ""
    """What the endpoint is for, where its request does not say it."""


_ORDERS, _ACCOUNT, _BLACKLIST, _CONSENTS, _BOOK = "Orders", "Account", "Blacklist", "Consents", "Address book"

TAGS: Final = {
    _ORDERS: "Place orders, and follow what becomes of them.",
    _ACCOUNT: "What the account has.",
    _BLACKLIST: "Numbers that the account never texts.",
    _CONSENTS: "Who agreed to commercial messages of the account's brand.",
    _BOOK: "Contacts and groups. For accounts without an address book these addresses do not exist: 404.",
}

_LIST: Final = Documented(
    _ORDERS, contract.GetReports, contract.OrderList, (BAD_DATE_RANGE, BAD_PAGE), examples.GET_REPORTS
)

ENDPOINTS: Final[dict[str, Documented]] = {
    "send-sms": Documented(
        _ORDERS,
        contract.SendSms,
        contract.SmsSent,
        (
            *(NO_CREDIT, SENDER_REFUSED, DUPLICATE, NO_RECIPIENT, TOO_LARGE, NO_TEXT, BAD_SEND_DATE),
            *(IYS_MISSING, IYS_LIST_MISSING, IYS_CODE_MISSING),
        ),
        examples.SEND_SMS,
    ),
    "get-report": Documented(
        _ORDERS, contract.GetReport, contract.ReportRead, (NO_SUCH_ORDER, NOT_DUE, BAD_PAGE), examples.GET_REPORT
    ),
    "get-reports": _LIST,
    "get-report-summary": _LIST._replace(summary="Another name of get-reports."),
    "cancel-order": Documented(
        _ORDERS, contract.CancelOrder, contract.Outcome, (NO_SUCH_ORDER,), examples.CANCEL_ORDER
    ),
    "get-balance": Documented(
        _ACCOUNT, contract.GetAccount, contract.BalanceRead, (), examples.GET_BALANCE, "Ask what the account has left."
    ),
    "get-sender": Documented(
        *(_ACCOUNT, contract.GetAccount, contract.SendersRead, (), examples.GET_SENDER),
        "Ask which senders the account may use.",
    ),
    "get-blacklist": Documented(
        _BLACKLIST, blacklist.GetBlacklist, blacklist.BlacklistRead, (INVALID_FIELDS, BAD_PAGE), examples.GET_BLACKLIST
    ),
    "add-blacklist": Documented(
        _BLACKLIST, blacklist.AddBlacklist, contract.Outcome, (BAD_NUMBER,), examples.ADD_BLACKLIST
    ),
    "delete-blacklist": Documented(
        _BLACKLIST, blacklist.DeleteBlacklist, contract.Outcome, (BAD_NUMBER, NOT_LIFTABLE), examples.DELETE_BLACKLIST
    ),
    "consent/create": Documented(
        _CONSENTS,
        consents.CreateConsents,
        contract.Outcome,
        (NO_SUBSCRIPTION, INVALID_FIELDS),
        examples.CREATE_CONSENTS,
    ),
    "consent/show": Documented(
        _CONSENTS, consents.ShowConsent, consents.ConsentShown, (NO_SUBSCRIPTION, INVALID_FIELDS), examples.SHOW_CONSENT
    ),
    "add-group": Documented(
        _BOOK,
        contacts.AddGroup,
        contacts.GroupSaved,
        (INVALID_FIELDS, NO_GROUP_NAME, NO_SUCH_GROUP),
        examples.ADD_GROUP,
    ),
    "edit-group": Documented(
        _BOOK,
        contacts.EditGroup,
        contacts.GroupSaved,
        (INVALID_FIELDS, NO_GROUP_NAME, NO_GROUP_ID, NO_SUCH_GROUP),
        examples.EDIT_GROUP,
    ),
    "delete-group": Documented(_BOOK, contacts.DeleteGroup, contract.Outcome, (NO_SUCH_GROUP,), examples.DELETE_GROUP),
    "get-groups": Documented(_BOOK, contacts.GetGroups, contacts.GroupList, (), examples.GET_GROUPS),
    "get-group": Documented(_BOOK, contacts.GetGroup, contacts.GroupRead, (NO_SUCH_GROUP,), examples.GET_GROUP),
    "get-group-contacts": Documented(
        _BOOK,
        contacts.GetGroupContacts,
        contacts.ContactList,
        (NO_SUCH_GROUP, BAD_PAGE, NO_SUCH_CONTACT),
        examples.GET_GROUP_CONTACTS,
    ),
    "add-contact": Documented(
        _BOOK,
        contacts.AddContact,
        contacts.ContactRead,
        (INVALID_FIELDS, NO_SUCH_GROUP, EMPTY_CONTACT, NO_SUCH_FIELD),
        examples.ADD_CONTACT,
    ),
    "edit-contact": Documented(
        _BOOK,
        contacts.EditContact,
        contacts.ContactRead,
        (INVALID_FIELDS, NO_SUCH_GROUP, NO_SUCH_CONTACT, EMPTY_CONTACT, NO_SUCH_FIELD),
        examples.EDIT_CONTACT,
    ),
    "delete-contact": Documented(
        _BOOK, contacts.DeleteContact, contract.Outcome, (NO_SUCH_CONTACT,), examples.DELETE_CONTACT
    ),
    "get-contact": Documented(
        _BOOK, contacts.GetContact, contacts.ContactRead, (NO_SUCH_CONTACT,), examples.GET_CONTACT
    ),
    "search-contacts": Documented(
        _BOOK,
        contacts.SearchContacts,
        contacts.ContactList,
        (BAD_PAGE, NO_SUCH_CONTACT, SEARCH_TOO_SHORT),
        examples.SEARCH_CONTACTS,
    ),
}
"""By name: what stands in an address between `/v1/` and the format."""
