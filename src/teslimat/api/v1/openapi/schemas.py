"""The structs of the contract as JSON Schema, as exact as the documentation is."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any, Final

import msgspec
from msgspec import Struct

from teslimat.api.v1.xml import INNER_NAMES

Schema = dict[str, Any]

_DIGITS: Final[Schema] = {"type": "string", "pattern": "^[0-9]+$"}
_MOMENT: Final[Schema] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"}
_PHONE: Final[Schema] = {"type": "string", "pattern": r"^\+90\d{10}$"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_ORDER_STATUS: Final[Schema] = {"type": "integer", "enum": [113, 114, 115]}
_DAY: Final[Schema] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_RECIPIENT_TYPE: Final[Schema] = {"type": "string", "enum": ["BIREYSEL", "TACIR"]}
_CHANNEL: Final[Schema] = {"type": "string", "enum": ["MESAJ", "EPOSTA", "ARAMA"]}
_CONSENT: Final[Schema] = {"type": "string", "enum": ["ONAY", "RET"]}
_CODE: Final[Schema] = {"anyOf": [_DIGITS, {"type": "integer"}]}

EXACT: Final[Mapping[tuple[str, str], Schema]] = {
    ("NewOrder", "sender"): {"type": "string", "maxLength": 11},
    ("NewOrder", "sendDateTime"): {"type": "string", "pattern": r"^(\d{2}/\d{2}/\d{4} \d{2}:\d{2})?$"},
    ("NewOrder", "iys"): {"type": "string", "enum": ["0", "1"]},
    ("NewOrder", "iysList"): _RECIPIENT_TYPE,
    ("ReportQuery", "id"): _DIGITS,
    ("ReportQuery", "page"): {"type": "integer", "minimum": 1},
    ("ReportQuery", "rowCount"): {"type": "integer", "minimum": 1, "maximum": 1000},
    ("OrderName", "id"): _DIGITS,
    ("DateFilter", "start"): _DAY,
    ("DateFilter", "end"): _DAY,
    ("DateFilter", "page"): {"type": "integer", "minimum": 1},
    ("BlacklistQuery", "page"): {"type": "integer", "minimum": 1},
    ("BlacklistQuery", "rowCount"): {"type": "integer", "minimum": 1, "maximum": 1000},
    ("NewConsents", "brandCode"): _CODE,
    ("NewConsent", "recipientType"): _RECIPIENT_TYPE,
    ("NewConsent", "type"): _CHANNEL,
    ("NewConsent", "status"): _CONSENT,
    ("NewConsent", "source"): {"type": "string", "pattern": "^HS_[A-Z0-9_]+$"},
    ("NewConsent", "consentDate"): _MOMENT,
    ("ConsentQuery", "brandCode"): _CODE,
    ("ConsentQuery", "recipientType"): _RECIPIENT_TYPE,
    ("ConsentQuery", "type"): _CHANNEL,
    ("PlacedOrder", "id"): _DIGITS,
    ("OrderReport", "id"): {"anyOf": [_DIGITS, {"type": "integer"}]},
    ("OrderReport", "status"): _ORDER_STATUS,
    ("OrderReport", "total"): _COUNT,
    ("OrderReport", "delivered"): _COUNT,
    ("OrderReport", "undelivered"): _COUNT,
    ("OrderReport", "waiting"): _COUNT,
    ("OrderReport", "submitAt"): _MOMENT,
    ("OrderReport", "sendAt"): _MOMENT,
    ("OrderReport", "price"): {"anyOf": [_COUNT, {"type": "string", "pattern": r"^\d+,\d{4}$"}]},
    ("RecipientReport", "number"): {"type": "string"},
    ("RecipientReport", "status"): {"type": "integer", "enum": [110, 111, 112]},
    ("OrderSummary", "id"): {"type": "integer"},
    ("OrderSummary", "status"): _ORDER_STATUS,
    ("OrderSummary", "submitAt"): _MOMENT,
    ("OrderSummary", "sendAt"): _MOMENT,
    ("OrderList", "orders"): {"type": "array", "items": {"$ref": "#/components/schemas/OrderSummary"}, "maxItems": 30},
    ("Consent", "recipientType"): _RECIPIENT_TYPE,
    ("Consent", "type"): _CHANNEL,
    ("Consent", "status"): _CONSENT,
    ("Consent", "consentDate"): _MOMENT,
    ("ConsentShown", "consent"): {
        "anyOf": [{"$ref": "#/components/schemas/Consent"}, {"type": "array", "maxItems": 0}]
    },
    ("Report", "id"): {"type": "integer", "minimum": 0, "maximum": 2_147_483_647},
    ("Report", "status"): {"type": "string", "enum": ["accepted", "delivered", "undelivered"]},
    ("Contact", "gsm"): {"anyOf": [_PHONE, {"type": "string", "const": ""}]},
}
"""Fields for which there are fewer ways to write them than their types allow."""

LOGIN: Final[Schema] = {
    "title": "Login",
    "description": "What old clients show in place of Credentials, for accounts whose operator has given them a login.",
    "type": "object",
    "properties": {"username": {"type": "string"}, "password": {"type": "string", "format": "password"}},
    "required": ["username", "password"],
}
_AUTHENTICATION: Final[Schema] = {
    "title": "Authentication",
    "description": "Who asks. Where there is a key with a hash, only those count.",
    "anyOf": [{"$ref": "#/components/schemas/Credentials"}, {"$ref": "#/components/schemas/Login"}],
}

NOT_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "NewOrder": ("sendDateTime", "iys"),
    "ReportQuery": ("page", "rowCount"),
    "DateFilter": ("page",),
    "BlacklistQuery": ("page", "rowCount"),
    "GetBlacklist": ("blacklist",),
}
"""Fields of requests that the contract always writes, and nobody has to."""


def components(
    requests: Iterable[type[Struct]], answers: Iterable[type[Struct]], told: Iterable[type[Struct]]
) -> dict[str, Schema]:
    """Schemas by the names of the structs; told are the bodies that are posted to webhooks.

    What this gateway writes has no other members than the documented ones. Requests and answers are roots in XML,
    and lists in answers say how it writes them.
    """
    requests, answers, told = list(dict.fromkeys(requests)), list(dict.fromkeys(answers)), list(told)
    every = [*requests, *answers, *told]
    _, schemas = msgspec.json.schema_components(every, ref_template="#/components/schemas/{name}")
    _, of_answers = msgspec.json.schema_components(answers)
    _, written = msgspec.json.schema_components([*answers, *told])
    for name in written:
        schemas[name]["additionalProperties"] = False
    for name in of_answers:
        for field, schema in schemas[name]["properties"].items():
            _say_how_xml_writes(field, schema)
    schemas |= {"Login": LOGIN, "Authentication": _AUTHENTICATION}
    for struct in requests:
        schemas[struct.__name__]["xml"] = {"name": "request"}
        schemas[struct.__name__]["properties"]["authentication"] = {"$ref": "#/components/schemas/Authentication"}
    for struct in answers:
        schemas[struct.__name__]["xml"] = {"name": "response"}
    for (name, field), exact in EXACT.items():
        schemas[name]["properties"][field] = dict(exact)
    for name, fields in NOT_NEEDED.items():
        schemas[name]["required"] = [field for field in schemas[name]["required"] if field not in fields]
    for module in {inspect.getmodule(struct) for struct in every}:
        if module is not None:
            _describe(schemas, module)
    return schemas


def _say_how_xml_writes(field: str, schema: Schema) -> None:
    items = schema.get("items")
    if field in INNER_NAMES and isinstance(items, dict):
        name = "id" if items.get("type") == "integer" else INNER_NAMES[field]
        schema["xml"] = {"wrapped": True}
        schema["items"] = {**items, "xml": {"name": name}}


def _describe(schemas: dict[str, Schema], module: ModuleType) -> None:
    """Put beside each field what its docstring says; only the source has those, and a bundle may come without."""
    try:
        source = inspect.getsource(module)
    except OSError:
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name in schemas:
            wire_names = {field.name: field.encode_name for field in msgspec.structs.fields(getattr(module, node.name))}
            properties = schemas[node.name]["properties"]
            for field, text in _field_docstrings(node).items():
                properties[wire_names[field]]["description"] = text


def _field_docstrings(node: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, after in pairwise(node.body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
