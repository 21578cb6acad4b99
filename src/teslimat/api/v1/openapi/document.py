"""The document itself: one operation for each address that is served."""

from functools import cache
from importlib.metadata import version
from typing import Final

import msgspec
from msgspec import Struct

from teslimat.api.v1 import xml
from teslimat.api.v1.json import JSON
from teslimat.api.v1.openapi.endpoints import ENDPOINTS, OF_ALL, TAGS, Documented
from teslimat.api.v1.openapi.examples import TOLD
from teslimat.api.v1.openapi.schemas import Schema, components
from teslimat.api.v1.query import QUERY
from teslimat.api.v1.routes import ENDPOINTS as SERVED
from teslimat.core.errors import BAD_SEND_DATE, INVALID_FIELDS, UNAVAILABLE, Verdict
from teslimat_client import contract
from teslimat_client.contract.webhooks import Webhook

_ABOUT: Final = """\
The iletiMerkezi v1 SMS API as Teslimat serves it, in its three variants: JSON, XML, and one address for GET.

The HTTP status is the code of the answer, also from 450 on. Answers have exactly the shapes that are described.
Requests may have others: an id, a page or a count may be a number or text, null and empty mean nothing, one thing may
stand where a list is described, unknown members are ignored, and the content type does not matter. XML may also come
percent-encoded in the form field `data`. A wrong method answers 404, never 405, and has no `Allow` header.

Credentials stand in the request. Accounts may also have a `username` and a `password`, which old clients show in place
of `key` and `hash`.

Accounts may have webhooks, to which the gateway posts each change of a message's state.
"""

_JSON_TYPE, _XML_TYPE = "application/json", "text/xml"
_VARIANTS: Final = {JSON: "json", xml.XML: "xml", QUERY: "get"}

_PARAMETERS: Final = (
    ("key", "The account's API key.", False),
    ("hash", "The API hash that was issued with the key.", False),
    ("username", "In place of the key, for accounts that have one.", False),
    ("password", "In place of the hash.", False),
    ("sender", "A sender that is approved for the account.", True),
    ("text", "The text.", True),
    ("receipents", "Numbers, with commas between them.", True),
    ("iys", "`1` for commercial texts, `0` for the rest; missing means `0` unless the account wants it there.", False),
    ("iysList", "`BIREYSEL` or `TACIR`; needed if iys is `1`.", False),
)
"""Of the address for GET: name, meaning, whether there is no order without it."""

_HEADERS: Final = (
    ("webhook-id", "The event; the same whenever it is told.", "300000000-0-delivered"),
    ("webhook-timestamp", "When it was posted, in seconds since 1970.", "1795512600"),
    ("webhook-signature", "`v1,` and the signature of id, timestamp and body; one for each valid secret.", None),
    ("webhook-event-time", "When it happened, in UTC.", "2026-11-24T09:30:00.123Z"),
)
"""Of what is posted to webhooks: name, meaning, example."""


@cache
def document() -> bytes:
    """The document, as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Teslimat v1", "version": version("teslimat"), "description": _ABOUT},
            "servers": [{"url": "/", "description": "The gateway that serves this document."}],
            "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
            "paths": _paths(),
            "webhooks": {"report": {"post": _told()}},
            "components": {"schemas": _schemas(), "responses": _refusals()},
        }
    )


def name_of(path: str) -> str:
    """The endpoint that an address belongs to."""
    return path.removeprefix("/v1/").removesuffix("/json").removesuffix("/get")


def _paths() -> dict[str, dict[str, object]]:
    return {
        _documented_path(path): {method.lower(): _operation(name_of(path), _VARIANTS[endpoint.format])}
        for (method, path), endpoint in SERVED.items()
    }


def _documented_path(path: str) -> str:
    """The one address that was always documented with a slash at its end; all are served with and without."""
    return f"{path}/" if path.endswith("/get") else path


def _operation(name: str, variant: str) -> dict[str, object]:
    documented = ENDPOINTS[name]
    media = _JSON_TYPE if variant == "json" else _XML_TYPE
    refusals = [verdict for verdict in documented.refusals if (variant, verdict) != ("get", BAD_SEND_DATE)]
    operation: dict[str, object] = {
        "operationId": f"{name}-{variant}".replace("/", "-").replace("-", "_"),
        "summary": documented.summary or _first_line(documented.request),
        "tags": [documented.tag],
        "responses": {
            "200": {"description": _first_line(documented.answer), "content": {media: _answer(documented, media)}},
            **{
                str(verdict.code): {"$ref": f"#/components/responses/{_refusal_name(verdict, media)}"}
                for verdict in sorted((*OF_ALL, *refusals))
            },
        },
    }
    if variant == "get":
        operation["parameters"] = _parameters(documented)
    else:
        operation["requestBody"] = {"required": True, "content": {media: _request(documented, media)}}
    return operation


def _first_line(struct: type[Struct]) -> str:
    return (struct.__doc__ or "").partition("\n")[0]


def _request(documented: Documented, media: str) -> dict[str, object]:
    return _described(documented.request, documented.example.request, "request", media)


def _answer(documented: Documented, media: str) -> dict[str, object]:
    return _described(documented.answer, documented.example.answer, "response", media)


def _described(struct: type[Struct], example: Struct, root: str, media: str) -> dict[str, object]:
    """A body. XML has the envelope's one member as its root; JSON has an object around that."""
    reference: Schema = {"$ref": f"#/components/schemas/{struct.__name__}"}
    tree = msgspec.to_builtins(example)
    if media == _XML_TYPE:
        return {"schema": reference, "example": xml.write(root, tree).decode()}
    return {
        "schema": {"type": "object", "properties": {root: reference}, "required": [root]},
        "example": {root: tree},
    }


def _parameters(documented: Documented) -> list[dict[str, object]]:
    request = msgspec.to_builtins(documented.example.request)
    message = request["order"]["message"][0]
    known = {**request["authentication"], "sender": request["order"]["sender"], "iys": "0", "text": message["text"]}
    known["receipents"] = ",".join(message["receipents"]["number"])
    return [
        {
            "name": name,
            "in": "query",
            "description": text,
            "required": required,
            "schema": {"type": "string"},
            **({"example": known[name]} if name in known else {}),
        }
        for name, text, required in _PARAMETERS
    ]


def _schemas() -> dict[str, Schema]:
    every = ENDPOINTS.values()
    answers: list[type[Struct]] = [contract.Outcome, *(one.answer for one in every)]
    return components([one.request for one in every], answers, [Webhook])


def _told() -> dict[str, object]:
    """What is posted to the webhooks of an account, and what is expected of them."""
    return {
        "operationId": "report_webhook",
        "summary": "A message changed its state.",
        "parameters": [
            {
                "name": name,
                "in": "header",
                "description": text,
                "required": True,
                "schema": {"type": "string"},
                **({"example": example} if example else {}),
            }
            for name, text, example in _HEADERS
        ],
        "requestBody": {
            "required": True,
            "content": {
                _JSON_TYPE: {
                    "schema": {"$ref": f"#/components/schemas/{Webhook.__name__}"},
                    "example": msgspec.to_builtins(TOLD),
                }
            },
        },
        "responses": {"2XX": {"description": "It was taken. After anything else it is posted again, for two days."}},
    }


def _refusals() -> dict[str, object]:
    """What is answered beside 200, once for each code and form."""
    verdicts = {verdict.code: verdict for one in ENDPOINTS.values() for verdict in (*OF_ALL, *one.refusals)}
    return {
        _refusal_name(verdict, media): {
            "description": f"{verdict.message}: {verdict.english}",
            **({"headers": _RETRY_AFTER} if verdict == UNAVAILABLE else {}),
            "content": {media: _refusal(verdict, media)},
        }
        for verdict in verdicts.values()
        for media in (_JSON_TYPE, _XML_TYPE)
    }


_RETRY_AFTER: Final = {
    "Retry-After": {"description": "Seconds after which the same request may pass.", "schema": {"type": "integer"}}
}


def _refusal_name(verdict: Verdict, media: str) -> str:
    return f"Refused{verdict.code}{'Json' if media == _JSON_TYPE else 'Xml'}"


def _refusal(verdict: Verdict, media: str) -> dict[str, object]:
    tree = msgspec.to_builtins(contract.Outcome(contract.Status(verdict.code, verdict.message)))
    code: Schema = {"type": "integer", "const": verdict.code}
    properties: Schema = {"status": _closed({"code": code, "message": {"type": "string"}})}
    if verdict == INVALID_FIELDS:
        properties["errors"] = {"type": "object", "additionalProperties": {"type": "string"}}
    body = {**_closed(properties), "required": ["status"]}
    if media == _XML_TYPE:
        return {"schema": {**body, "xml": {"name": "response"}}, "example": xml.write("response", tree).decode()}
    return {"schema": _closed({"response": body}), "example": {"response": tree}}


def _closed(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
