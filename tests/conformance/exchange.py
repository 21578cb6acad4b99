"""One request over HTTP, in the form of a variant, and the answer that has to come back."""

import httpx

from tests.conformance.asking import body_of
from tests.conformance.facts import Answer, Call, Raw, Variant
from tests.conformance.writing import json_of, query_of, xml_of

CONTENT_TYPES = {
    Variant.JSON: "application/json; charset=utf-8",
    Variant.XML: "text/xml; charset=utf-8",
    Variant.GET: "text/xml; charset=utf-8",
}


async def exchange(http: httpx.AsyncClient, asked: Call | Raw, variant: Variant) -> httpx.Response:
    """Ask."""
    raw = asked if isinstance(asked, Raw) else written(asked, variant)
    headers = {"content-type": raw.content_type} if raw.content_type else {}
    return await http.request(raw.method, raw.path, content=raw.body or None, headers=headers)


def written(call: Call, variant: Variant) -> Raw:
    """A request in the form of a variant, as a careful client would write it."""
    match variant:
        case Variant.JSON:
            body = json_of({"request": call.request})
            return Raw(f"/v1/{call.endpoint}/json", body, content_type="application/json")
        case Variant.XML:
            return Raw(f"/v1/{call.endpoint}", xml_of({"request": call.request}), content_type="text/xml")
        case Variant.GET:
            return Raw(f"/v1/{call.endpoint}/get/?{query_of(call.request)}", method="GET")


def expected_body(answer: Answer, variant: Variant) -> str:
    """The body that has to come back."""
    if answer.body is not None:
        return answer.body.decode()
    return (json_of if variant is Variant.JSON else xml_of)(body_of(answer)).decode()
