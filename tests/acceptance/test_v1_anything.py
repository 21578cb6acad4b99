"""Whatever is sent, the answer is one of the catalogue."""

import asyncio
import json
from pathlib import Path

import httpx
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.errors import CATALOGUE
from tests.acceptance.gateway import application
from tests.simulation.house import House

DOCUMENTED = {(verdict.code, verdict.message) for verdict in CATALOGUE if verdict.code != 503}
ENDPOINTS = ["send-sms", "get-report", "get-reports", "cancel-order", "get-balance", "get-sender"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "0", "1", "5301234567", "300000001", "21/09/2026 10:00", "2026-09-21", "BIREYSEL", "ACME"])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """An object with any of these, and now and then something else in its place."""
    return st.one_of(st.fixed_dictionaries({}, optional=fields), st.fixed_dictionaries(fields), ANYTHING)


MESSAGE = some(text=ANYTHING | st.just("x"), receipents=some(number=ANYTHING))
REQUEST = some(
    order=some(
        sender=ANYTHING | st.just("ACME"),
        sendDateTime=ANYTHING,
        iys=ANYTHING | st.sampled_from(["0", 1]),
        iysList=ANYTHING,
        message=MESSAGE | st.lists(MESSAGE, max_size=3),
        id=ANYTHING,
        page=ANYTHING,
        rowCount=ANYTHING,
    ),
    filter=some(start=ANYTHING, end=ANYTHING, page=ANYTHING),
    page=ANYTHING,
)


def test_any_request_gets_an_answer_of_the_catalogue(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        house = runner.run(House(tmp_path / "teslimat.db").open())
        asgi = httpx.ASGITransport(application(house))  # type: ignore[arg-type] # both speak ASGI, in types of their own
        http = httpx.AsyncClient(transport=asgi, base_url="http://gateway")
        who = {"key": house.credentials.key, "hash": house.credentials.hash}

        @given(st.sampled_from(ENDPOINTS), REQUEST)
        def ask(endpoint: str, request: object) -> None:
            asked = {**request, "authentication": who} if isinstance(request, dict) else request
            body = json.dumps({"request": asked}).encode()
            answer = runner.run(http.post(f"/v1/{endpoint}/json", content=body))
            status = answer.json()["response"]["status"]
            assert status["code"] == answer.status_code
            assert (status["code"], status["message"]) in DOCUMENTED

        ask()
        runner.run(http.aclose())
        runner.run(house.close())
