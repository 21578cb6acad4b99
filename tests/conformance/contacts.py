"""The address book."""

from teslimat.flows.contacts import add_field
from tests.acceptance.gateway import Gateway
from tests.conformance.asking import AUTH, ask, ok, refused
from tests.conformance.facts import (
    BOTH,
    JSON,
    XML,
    Answer,
    Call,
    Fact,
    NotCovered,
    Raw,
    Row,
    Source,
    Step,
    Variant,
    fact,
)
from tests.conformance.steps import asked, option
from tests.conformance.writing import Tree, json_of, xml_of

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

OPEN = option(contacts=True)

GROUP = ask("add-group", group={"name": "Müşteriler", "parent": ""})
CHILD = ask("add-group", group={"name": "İzmir", "parent": "1"})
AYSE: Tree = {"name": "Ayşe", "surname": "Kaya", "email": "ayse@example.com", "gsm": "5301234567"}


async def has_a_field(gateway: Gateway) -> None:
    """The operator has defined a field for contacts."""
    await add_field(gateway.house.store, gateway.house.account_id, "Şehir")


def kept(
    number: int,
    source: Source,
    says: str,
    asked_: Call | Raw,
    answer: Answer,
    *given: Step,
    variants: tuple[Variant, ...] = BOTH,
) -> Fact:
    """Something that an account with an address book asks."""
    return fact(f"5.11-{number:02}", source, says, asked_, answer, OPEN, *given, variants=variants)


def contact(**fields: object) -> Call:
    """Add a contact."""
    return ask("add-contact", contact=fields)


def shown(contact_id: int = 1, **changes: object) -> Tree:
    """A contact in JSON."""
    known: Tree = {"id": contact_id, **AYSE, "gsm": "+905301234567", "custom_fields": [], "groups": []}
    return {**known, **changes}


MADE = ok(group={"id": 1, "name": "Müşteriler"})
MAKE, MAKE_CHILD = asked(GROUP), asked(CHILD)
NAMED = Raw("/v1/add-group/json", json_of({"request": {"authentication": AUTH, "group": {"name": "VIP", "parent": 0}}}))

GROUPS: list[Row] = [
    fact("5.11-01", DOCS, "the address book is closed unless an account is given it", ask("get-groups"), refused(404)),
    fact("5.11-02", DOCS, "also to whoever would add a contact", contact(**AYSE), refused(404)),
    kept(3, DOCS, "a group is made, and its id is a number", GROUP, MADE),
    kept(4, DOCS, "0 for a parent is none", NAMED, ok(group={"id": 1, "name": "VIP"}), variants=JSON),
    kept(5, DOCS, "a group under another", CHILD, ok(group={"id": 2, "name": "İzmir"}), MAKE),
    kept(6, DOCS, "a group needs a name", ask("add-group", group={"name": ""}), refused(461)),
    kept(7, DOCS, "no name at all", ask("add-group", group={"parent": ""}), refused(461)),
    kept(8, DOCS, "a parent that is none", ask("add-group", group={"name": "VIP", "parent": "9"}), refused(463)),
    kept(9, OURS, "no group in the request", ask("add-group"), refused(400)),
    kept(
        10,
        DOCS,
        "a group gets another name",
        ask("edit-group", group={"id": "1", "name": "VIP", "parent": ""}),
        ok(group={"id": 1, "name": "VIP"}),
        MAKE,
    ),
    kept(11, DOCS, "it keeps having one", ask("edit-group", group={"id": 1, "name": ""}), refused(461), MAKE),
    kept(12, DOCS, "which group is not said", ask("edit-group", group={"id": "", "name": "VIP"}), refused(462), MAKE),
    kept(
        13,
        DOCS,
        "a group that is not the account's",
        ask("edit-group", group={"id": 9, "name": "VIP"}),
        refused(462),
        MAKE,
    ),
    kept(
        14,
        DOCS,
        "a parent that is none",
        ask("edit-group", group={"id": 1, "name": "VIP", "parent": 9}),
        refused(463),
        MAKE,
    ),
    kept(15, DOCS, "a group is removed", ask("delete-group", group={"id": 1}), ok(), MAKE),
    kept(16, DOCS, "a group that is not there", ask("delete-group", group={"id": 1}), refused(463)),
    kept(18, DOCS, "no groups", ask("get-groups"), ok(groups=[]), variants=JSON),
    kept(
        19,
        DOCS,
        "groups with those under them; the key is missing where there are none",
        ask("get-groups"),
        ok(groups=[{"id": 1, "name": "Müşteriler", "count": 0, "children": [{"id": 2, "name": "İzmir", "count": 0}]}]),
        MAKE,
        MAKE_CHILD,
        variants=JSON,
    ),
    kept(
        20,
        DOCS,
        "in XML, group within groups and child within children",
        ask("get-groups"),
        ok(
            groups={
                "group": {
                    "id": 1,
                    "name": "Müşteriler",
                    "count": 0,
                    "children": {"child": {"id": 2, "name": "İzmir", "count": 0}},
                }
            }
        ),
        MAKE,
        MAKE_CHILD,
        variants=XML,
    ),
    kept(
        21,
        DOCS,
        "one group, with those right under it",
        ask("get-group", group={"id": 1}),
        ok(group={"id": 1, "name": "Müşteriler", "count": 0, "children": [{"id": 2, "name": "İzmir", "count": 0}]}),
        MAKE,
        MAKE_CHILD,
        variants=JSON,
    ),
    kept(22, DOCS, "a group that is not there", ask("get-group", group={"id": 1}), refused(463), variants=JSON),
    kept(
        23,
        DOCS,
        "contacts are counted",
        ask("get-group", group={"id": 1}),
        ok(group={"id": 1, "name": "Müşteriler", "count": 1, "children": []}),
        MAKE,
        asked(contact(**AYSE, groups={"id": [1]})),
        variants=JSON,
    ),
]

KNOWN = asked(contact(**AYSE))
IN_GROUP = asked(contact(**AYSE, groups={"id": [1]}))


def grouped(number: int, says: str, source: Source, groups: object) -> Fact:
    """A way to say in which groups a contact is."""
    return kept(
        number, source, says, contact(**AYSE, groups=groups), ok(contact=shown(groups=[1])), MAKE, variants=JSON
    )


def xml_contact(**changes: object) -> Answer:
    """A contact in XML."""
    return ok(contact=shown(**{"custom_fields": "", "groups": "", **changes}))


ADD_IN_XML = xml_of(
    {
        "request": {
            "authentication": AUTH,
            "contact": {**AYSE, "custom_fields": {"custom_field": {"id": 1, "value": "İzmir"}}, "groups": {"id": 1}},
        }
    }
)

CONTACTS: list[Row] = [
    kept(30, DOCS, "a contact is added", contact(**AYSE), ok(contact=shown()), variants=JSON),
    kept(31, DOCS, "and in XML", contact(**AYSE), xml_contact(), variants=XML),
    kept(
        32,
        DOCS,
        "in XML, its fields and groups have the form of the request",
        Raw("/v1/add-contact", ADD_IN_XML),
        xml_contact(custom_fields={"custom_field": {"id": 1, "value": "İzmir"}}, groups={"id": 1}),
        MAKE,
        has_a_field,
        variants=XML,
    ),
    kept(
        33,
        DOCS,
        "a custom field",
        contact(**AYSE, custom_fields={"custom_field": [{"id": "1", "value": "İzmir"}]}),
        ok(contact=shown(custom_fields=[{"id": 1, "value": "İzmir"}])),
        has_a_field,
        variants=JSON,
    ),
    kept(
        34,
        DOCS,
        "a custom field that is none",
        contact(**AYSE, custom_fields={"custom_field": [{"id": 9, "value": "x"}]}),
        refused(473),
    ),
    kept(35, DOCS, "a contact of nothing", contact(name="", surname="", email="", gsm=""), refused(472)),
    kept(
        36,
        DOCS,
        "a name is enough",
        contact(name="Ayşe"),
        ok(contact=shown(surname="", email="", gsm="")),
        variants=JSON,
    ),
    kept(
        37,
        DOCS,
        "a number is enough",
        contact(gsm="5301234567"),
        ok(contact=shown(name="", surname="", email="")),
        variants=JSON,
    ),
    grouped(38, "groups.group.id", DOCS, {"group": {"id": 1}}),
    grouped(39, "groups.id as a list", DOCS, {"id": [1]}),
    grouped(40, "groups.id", OURS, {"id": "1"}),
    grouped(41, "groups as a list of ids", OURS, [1]),
    grouped(42, "groups.group as a list", OURS, {"group": [{"id": 1}]}),
    kept(43, DOCS, "a group that is none", contact(**AYSE, groups={"id": 9}), refused(463)),
    kept(44, OURS, "no contact in the request", ask("add-contact"), refused(400)),
    kept(
        45,
        DOCS,
        "a contact is changed",
        ask("edit-contact", contact={"id": 1, "name": "Fatma"}),
        ok(contact=shown(name="Fatma")),
        KNOWN,
        variants=JSON,
    ),
    kept(
        46,
        DOCS,
        "into groups that are none",
        ask("edit-contact", contact={"id": 1, "groups": {"id": [9]}}),
        refused(463),
        KNOWN,
    ),
    kept(
        63,
        DOCS,
        "a contact is put into groups, out of all others",
        ask("edit-contact", contact={"id": 1, "groups": {"id": [2]}}),
        ok(contact=shown(groups=[2])),
        MAKE,
        MAKE_CHILD,
        IN_GROUP,
        variants=JSON,
    ),
    kept(47, DOCS, "a contact is removed", ask("delete-contact", contact={"id": 1}), ok(), KNOWN),
    kept(48, DOCS, "a contact that is not there", ask("delete-contact", contact={"id": 1}), refused(465)),
    kept(49, DOCS, "one contact", ask("get-contact", contact={"id": "1"}), ok(contact=shown()), KNOWN, variants=JSON),
    kept(50, DOCS, "a contact that is not there", ask("get-contact", contact={"id": 1}), refused(465)),
    kept(
        51,
        DOCS,
        "contacts of a group",
        ask("get-group-contacts", group={"id": 1}),
        ok(contacts=[shown(groups=[1])]),
        MAKE,
        IN_GROUP,
        variants=JSON,
    ),
    kept(
        52,
        DOCS,
        "and in XML, contact within contacts",
        ask("get-group-contacts", group={"id": 1}),
        ok(contacts={"contact": shown(custom_fields="", groups={"id": 1})}),
        MAKE,
        IN_GROUP,
        variants=XML,
    ),
    kept(53, DOCS, "a group without contacts", ask("get-group-contacts", group={"id": 1}), refused(465), MAKE),
    kept(54, DOCS, "contacts of no group", ask("get-group-contacts", group={"id": 1}), refused(463)),
    kept(55, OURS, "page 0", ask("get-group-contacts", group={"id": 1, "page": 0}), refused(464), MAKE),
    kept(
        56,
        DOCS,
        "a search",
        ask("search-contacts", search={"key": "Kaya"}),
        ok(contacts=[shown()]),
        KNOWN,
        variants=JSON,
    ),
    kept(
        57,
        DOCS,
        "a search for a part of a number",
        ask("search-contacts", search={"key": "1234"}),
        ok(contacts=[shown()]),
        KNOWN,
        variants=JSON,
    ),
    kept(58, DOCS, "a search for two letters", ask("search-contacts", search={"key": "Ka"}), refused(471), KNOWN),
    kept(59, DOCS, "a search that finds nobody", ask("search-contacts", search={"key": "Demir"}), refused(465), KNOWN),
    kept(60, DOCS, "a search for nothing", ask("search-contacts", search={"key": ""}), refused(471)),
    NotCovered("5.11-62", DOCS, "the endpoints are a beta and may change", "a promise of the service, not an answer"),
]

ROWS: list[Row] = [*GROUPS, *CONTACTS]
