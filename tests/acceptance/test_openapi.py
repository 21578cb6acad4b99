"""The OpenAPI document is true: its examples work, and no request gets an answer that it does not describe."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from teslimat.api.operations import Readiness, operations_handlers
from teslimat.api.v1.openapi.document import document, name_of
from teslimat.api.v1.openapi.endpoints import ENDPOINTS, OF_ALL
from teslimat.api.v1.openapi.examples import WHO
from teslimat.api.v1.openapi.schemas import EXACT, NOT_NEEDED
from teslimat.api.v1.routes import ENDPOINTS as SERVED
from teslimat.flows.accounts import Credentials
from teslimat.flows.contacts import add_field
from tests.acceptance.gateway import Gateway
from tests.conformance.asking import ask, send
from tests.conformance.codes import BY_GET, WAYS
from tests.conformance.consents import BRAND, SAID, create
from tests.conformance.stage import Stage, open_stage
from tests.conformance.steps import asked, option
from tests.test_docs import table_of

DOCUMENT: dict[str, Any] = json.loads(document())
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""What this wire contradicts is not among them: it reads more than is documented (negative_data_rejection), refuses
what no schema can tell, such as a sender that is not approved (positive_data_acceptance), answers 404 to a wrong method
(unsupported_method, allow_header_conformance), and has its credentials in the body, so nothing that is about headers,
cookies or ids made by one operation for another applies."""

EXAMPLES_OF_EACH = 12
"""Requests to one operation in one mode; 43 operations, two modes."""


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        _, _, kind, name = schema["$ref"].split("/")
        schema = DOCUMENT["components"][kind][name]
    return schema


def media_of(path: str, method: str, status: int) -> dict[str, Any]:
    """How the document describes this answer: its schema and an example."""
    (media,) = resolved(DOCUMENT["paths"][path][method]["responses"][str(status)])["content"].values()
    return dict(media)


def conforms(schema: dict[str, Any], tree: object) -> bool:
    whole = {**schema, "components": DOCUMENT["components"]}
    return bool(jsonschema_rs.Draft202012Validator(whole).is_valid(tree))


def tree_of(element: ET.Element, schema: dict[str, Any]) -> object:
    """An element as the tree that its schema describes: lists and numbers are only known by it."""
    for choice in [resolved(schema), *map(resolved, resolved(schema).get("anyOf", ()))]:
        match choice.get("type"):
            case "object":
                return object_of(element, choice)
            case "array":
                return [tree_of(child, choice["items"]) for child in element]
            case "integer" | "number" if (element.text or "").lstrip("-").replace(".", "", 1).isdigit():
                return json.loads(element.text or "")
            case _:
                pass
    return element.text or ""


def object_of(element: ET.Element, schema: dict[str, Any]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for child in element:
        described = resolved(schema.get("properties", {}).get(child.tag, schema.get("additionalProperties") or {}))
        if described.get("type") == "array" and not described.get("xml", {}).get("wrapped"):
            several = tree.setdefault(child.tag, [])
            assert isinstance(several, list)
            several.append(tree_of(child, described["items"]))
        else:
            tree[child.tag] = tree_of(child, described)
    for name, described in schema.get("properties", {}).items():
        if resolved(described).get("type") == "array" and name in schema["required"]:
            tree.setdefault(name, [])  # nothing is how XML writes an empty list
    return tree


def read(content: bytes, path: str, method: str, status: int) -> object:
    schema = media_of(path, method, status)["schema"]
    if content.startswith(b"<?xml"):
        return tree_of(ET.fromstring(content), schema)  # noqa: S314 - our own answer
    return json.loads(content)


@schemathesis.deserializer("text/xml")
def read_xml(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> object:
    operation = context.operation
    return read(response.content, operation.path, operation.method, response.status_code)


def with_document(v1: ASGIApp) -> ASGIApp:
    """What a gateway serves: the v1 API and, beside it, its document."""

    async def readiness() -> Readiness:
        return Readiness(ready=True, parts={})

    async def metrics() -> bytes:
        return b""

    operations = Litestar(route_handlers=operations_handlers(readiness, metrics), openapi_config=None)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (operations if scope["path"] == "/openapi.json" else v1)(scope, receive, send)

    return application


in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def documented(stage: Stage, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that serves its document, with an account for which the examples are true."""
    async with stage.gateway(tmp_path / "teslimat.db") as gateway:
        assert stage.shown is not None
        stage.shown = with_document(stage.shown)
        await option(contacts=True, iys_code=str(BRAND))(gateway)
        await add_field(gateway.house.store, gateway.house.account_id, "Şehir")
        for call in (
            send(text="now"),
            send(text="tomorrow", sendDateTime="22/09/2026 09:00"),
            ask("add-group", group={"name": "Müşteriler"}),
            ask("add-contact", contact={"name": "Ayşe", "surname": "Kaya", "groups": {"id": 1}}),
            ask("add-blacklist", blacklist={"number": "05551234567"}),
            create(SAID),
        ):
            await asked(call)(gateway)
        yield gateway


@in_one_loop
async def test_the_document_is_served(documented: Gateway) -> None:
    answer = await documented.http.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.content == document()


def test_every_endpoint_is_described_and_no_other() -> None:
    assert {name_of(path) for _, path in SERVED} == set(ENDPOINTS)
    assert {(method.upper(), path.removesuffix("/")) for path, method in OPERATIONS} == set(SERVED)


def test_the_codes_of_each_endpoint_are_those_that_it_was_brought_to() -> None:
    of_all = {verdict.code for verdict in OF_ALL}
    for path, method in OPERATIONS:
        codes = {int(status) for status in DOCUMENT["paths"][path][method]["responses"]}
        brought_to = BY_GET if method == "get" else WAYS[name_of(path)]
        assert codes == {200, *of_all, *brought_to}, path


def test_operations_have_names_of_their_own() -> None:
    names = [DOCUMENT["paths"][path][method]["operationId"] for path, method in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_endpoint_has_a_summary_of_its_own() -> None:
    summaries = {(name_of(path.rstrip("/")), DOCUMENT["paths"][path][method]["summary"]) for path, method in OPERATIONS}
    assert len(summaries) == len({summary for _, summary in summaries}) == len(ENDPOINTS)


def test_a_client_can_show_either_kind_of_credentials() -> None:
    order = DOCUMENT["paths"]["/v1/get-balance/json"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for shown, enough in (
        ({"key": WHO.key, "hash": WHO.hash}, True),
        ({"username": "5301234567", "password": "pw-1234"}, True),
        ({"key": WHO.key, "password": "pw-1234"}, False),
        ({}, False),
    ):
        assert conforms(order, {"request": {"authentication": shown}}) == enough, shown


def test_what_webhooks_are_told_has_the_described_shape() -> None:
    (told,) = (post["post"] for post in DOCUMENT["webhooks"].values())
    (media,) = told["requestBody"]["content"].values()
    assert conforms(media["schema"], media["example"])
    assert not conforms(media["schema"], {"report": {**media["example"]["report"], "status": "waiting"}})
    assert [header["name"] for header in told["parameters"]] == [
        row[0] for row in table_of("docs/webhooks.md", "header")
    ]


def test_schemas_are_valid_and_what_is_said_of_fields_is_said_of_fields_that_there_are() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)
    for name, field in EXACT:
        assert field in schemas[name]["properties"]
    for name, fields in NOT_NEEDED.items():
        assert set(fields) <= set(schemas[name]["properties"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_examples_of_answers_have_the_described_shape(path: str, method: str) -> None:
    for status in DOCUMENT["paths"][path][method]["responses"]:
        media = media_of(path, method, int(status))
        example = media["example"]
        tree = read(example.encode(), path, method, int(status)) if isinstance(example, str) else example
        assert conforms(media["schema"], tree), (path, status)


def with_real_credentials(text: str, who: Credentials) -> str:
    return text.replace(WHO.key, who.key).replace(WHO.hash, who.hash)


@in_one_loop
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_examples_of_requests_get_an_answer_of_the_described_shape(
    documented: Gateway, path: str, method: str
) -> None:
    operation = DOCUMENT["paths"][path][method]
    if method == "get":
        query = {one["name"]: one["example"] for one in operation["parameters"] if "example" in one}
        asked_with = {"params": json.loads(with_real_credentials(json.dumps(query), documented.house.credentials))}
    else:
        ((media, described),) = operation["requestBody"]["content"].items()
        example = described["example"]
        assert isinstance(example, str) or conforms(described["schema"], example)
        body = example if isinstance(example, str) else json.dumps(example)
        asked_with = {"content": with_real_credentials(body, documented.house.credentials)}
        asked_with["headers"] = {"content-type": media}
    answer = await documented.http.request(method, path, **asked_with)
    assert answer.status_code == 200, answer.text
    assert conforms(media_of(path, method, 200)["schema"], read(answer.content, path, method, 200)), answer.text


LIKELY: dict[str, object] = {
    "sender": "ACME",
    "sendDateTime": "",
    "iys": "0",
    "number": "05321234567",
    "brandCode": str(BRAND),
    "recipient": SAID["recipient"],
}
"""What there is in the gateway, by the names under which it is asked for. Ids are small numbers, or those of orders."""


def likely(name: str, value: object) -> object:
    """The same request, about what there is."""
    match value:
        case dict():
            return {inner: likely(inner, content) for inner, content in value.items()}
        case list():
            return [likely(name, item) for item in value]
        case str() if name == "id":
            return "300000000"
        case int() if name == "id":
            return 1
        case _:
            return LIKELY.get(name, value)


def let_in(case: Case, who: Credentials) -> None:
    """Put real credentials into a request, where it has a place for them."""
    shown = {"key": who.key, "hash": who.hash}
    if case.method == "GET":
        case.query = {**(case.query or {}), **shown}
    elif isinstance(case.body, dict):
        request = case.body.get("request") if case.media_type == "application/json" else case.body
        if isinstance(request, dict):
            request["authentication"] = shown


def attack(url: str, who: Credentials) -> Counter[int]:
    """Send requests of both kinds to every operation, most with real credentials; how often each status came."""
    statuses: Counter[int] = Counter()
    found = [result.ok() for result in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations()]
    for operation in sorted(found, key=lambda operation: "delete" in operation.path):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES_OF_EACH, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
            )
            @given(operation.as_strategy(generation_mode=mode), st.sampled_from(["likely", "known", "stranger"]))
            def ask_and_look(case: Case, asked_by: str) -> None:
                if asked_by == "likely":
                    case.query, case.body = likely("", case.query), likely("", case.body)
                if asked_by != "stranger":
                    let_in(case, who)
                answer = case.call(base_url=url)
                statuses[answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            ask_and_look()
    return statuses


@in_one_loop
async def test_no_request_gets_an_answer_that_is_not_described(documented: Gateway) -> None:
    who = documented.house.credentials
    statuses = await asyncio.to_thread(attack, str(documented.http.base_url), who)
    assert statuses[200] > 100, statuses
    assert len(statuses) > 15, statuses
