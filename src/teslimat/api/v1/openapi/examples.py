"""A request and an answer of each endpoint. They tell one story: what is asked for later was made before."""

from typing import Final, NamedTuple

from msgspec import Struct

from teslimat.api.v1.answers import DONE
from teslimat_client import contract
from teslimat_client.contract import blacklist, consents, contacts, webhooks


class Example(NamedTuple):
    """What somebody asks, and what is answered."""

    request: Struct
    answer: Struct


WHO: Final = contract.Credentials(key="507c2f1e8a4b96d03e75c1fa2b6d8e90", hash="8d0f6c3a" * 8)
"""Nobody's."""

_WHEN: Final = "2026-04-29 04:32:24"
_STATUS: Final = DONE.status
_PHONE, _OTHER = "+905301234567", "+905321234567"
_NEW_GROUP: Final = contacts.NewGroup(name="Müşteriler")
_AYSE: Final = contacts.Contact(
    id=1,
    name="Ayşe",
    surname="Kaya",
    email="ayse@example.com",
    gsm=_PHONE,
    custom_fields=[contacts.FieldValue(1, "İzmir")],
    groups=[1],
)

SEND_SMS: Final = Example(
    contract.SendSms(
        WHO,
        contract.NewOrder(
            sender="ACME",
            send_date_time="",
            iys="0",
            message=[contract.Message("Siparişiniz yola çıktı.", contract.Recipients([_PHONE, "0532 123 45 67"]))],
        ),
    ),
    contract.SmsSent(_STATUS, contract.PlacedOrder("300000000")),
)
GET_REPORT: Final = Example(
    contract.GetReport(WHO, contract.ReportQuery("300000000", 1, 1000)),
    contract.ReportRead(
        _STATUS,
        contract.OrderReport(
            id="300000000",
            status=114,
            total=2,
            delivered=1,
            undelivered=1,
            waiting=0,
            submit_at=_WHEN,
            send_at=_WHEN,
            sender="ACME",
            price=1,
            message=[contract.RecipientReport(_PHONE, 111), contract.RecipientReport(_OTHER, 112)],
        ),
    ),
)
GET_REPORTS: Final = Example(
    contract.GetReports(WHO, contract.DateFilter("2026-04-25", "2026-04-30", 1)),
    contract.OrderList(_STATUS, 1, [contract.OrderSummary(300_000_000, 114, 2, 1, 1, 0, _WHEN, _WHEN, "ACME")]),
)
CANCEL_ORDER: Final = Example(contract.CancelOrder(WHO, contract.OrderName("300000001")), DONE)
GET_BALANCE: Final = Example(
    contract.GetAccount(WHO), contract.BalanceRead(_STATUS, contract.Balance(amount=0, sms=99_999))
)
GET_SENDER: Final = Example(contract.GetAccount(WHO), contract.SendersRead(_STATUS, contract.Senders(["ACME"])))

TOLD: Final = webhooks.Webhook(
    webhooks.Report(1_599_558_518, 300_000_000, "delivered", _PHONE, "Siparişiniz yola çıktı.")
)
"""What a webhook is told."""

ADD_BLACKLIST: Final = Example(blacklist.AddBlacklist(WHO, blacklist.BlacklistedNumber("05551234567")), DONE)
GET_BLACKLIST: Final = Example(
    blacklist.GetBlacklist(WHO, blacklist.BlacklistQuery(1, 1000, blacklist.AddedBetween(start="2026-04-01 00:00:00"))),
    blacklist.BlacklistRead(_STATUS, blacklist.Blacklist(1, ["+905551234567"])),
)
DELETE_BLACKLIST: Final = Example(blacklist.DeleteBlacklist(WHO, blacklist.BlacklistedNumber("05551234567")), DONE)

CREATE_CONSENTS: Final = Example(
    consents.CreateConsents(
        WHO,
        consents.NewConsents(
            "681294", [consents.NewConsent(_PHONE, "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", "2026-04-28 09:00:00")]
        ),
    ),
    DONE,
)
SHOW_CONSENT: Final = Example(
    consents.ShowConsent(WHO, consents.ConsentQuery("681294", _PHONE, "BIREYSEL", "MESAJ")),
    consents.ConsentShown(
        _STATUS, consents.Consent(681294, _PHONE, "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", "2026-04-28 09:00:00")
    ),
)

ADD_GROUP: Final = Example(
    contacts.AddGroup(WHO, _NEW_GROUP), contacts.GroupSaved(_STATUS, contacts.NamedGroup(1, "Müşteriler"))
)
EDIT_GROUP: Final = Example(
    contacts.EditGroup(WHO, contacts.GroupChange(1, "Müşteriler", "")),
    contacts.GroupSaved(_STATUS, contacts.NamedGroup(1, "Müşteriler")),
)
DELETE_GROUP: Final = Example(contacts.DeleteGroup(WHO, contacts.GroupName(1)), DONE)
GET_GROUPS: Final = Example(
    contacts.GetGroups(WHO),
    contacts.GroupList(_STATUS, [contacts.GroupTree(1, "Müşteriler", 1, [contacts.GroupTree(2, "Bayiler", 0)])]),
)
GET_GROUP: Final = Example(
    contacts.GetGroup(WHO, contacts.GroupName(1)),
    contacts.GroupRead(_STATUS, contacts.GroupDetail(1, "Müşteriler", 1, [contacts.CountedGroup(2, "Bayiler", 0)])),
)
GET_GROUP_CONTACTS: Final = Example(
    contacts.GetGroupContacts(WHO, contacts.GroupPage(1)), contacts.ContactList(_STATUS, [_AYSE])
)
ADD_CONTACT: Final = Example(
    contacts.AddContact(
        WHO,
        contacts.NewContact(
            name="Ayşe",
            surname="Kaya",
            email="ayse@example.com",
            gsm="0530 123 45 67",
            custom_fields=contacts.FieldValues([contacts.FieldValue(1, "İzmir")]),
            groups=contacts.GroupIds([1]),
        ),
    ),
    contacts.ContactRead(_STATUS, _AYSE),
)
EDIT_CONTACT: Final = Example(
    contacts.EditContact(WHO, contacts.ContactChange(1, surname="Kaya")), contacts.ContactRead(_STATUS, _AYSE)
)
DELETE_CONTACT: Final = Example(contacts.DeleteContact(WHO, contacts.ContactName(1)), DONE)
GET_CONTACT: Final = Example(contacts.GetContact(WHO, contacts.ContactName(1)), contacts.ContactRead(_STATUS, _AYSE))
SEARCH_CONTACTS: Final = Example(
    contacts.SearchContacts(WHO, contacts.Search("Kaya")), contacts.ContactList(_STATUS, [_AYSE])
)
