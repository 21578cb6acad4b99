"""Every row of the table, against a gateway."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conformance.__main__ import PAGE
from tests.conformance.exchange import CONTENT_TYPES, exchange, expected_body
from tests.conformance.facts import Fact, Variant
from tests.conformance.stage import Stage, open_stage
from tests.conformance.table import FACTS, ROWS, page

NEVER = {"www-authenticate", "location", "set-cookie"}
"""Headers that no answer has: they would set off what clients of this API are not made for."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


@pytest.mark.parametrize(
    ("row", "variant"),
    [pytest.param(row, variant, id=f"{row.id}-{variant}") for row in FACTS for variant in row.variants],
)
async def test_a_fact_shows_on_the_wire(stage: Stage, tmp_path: Path, row: Fact, variant: Variant) -> None:
    async with stage.gateway(tmp_path / "teslimat.db") as gateway:
        for step in row.given:
            await step(gateway)
        response = await exchange(gateway.http, row.asked, variant)
    assert (response.status_code, response.text) == (row.answer.code, expected_body(row.answer, variant))
    assert response.headers["content-type"] == CONTENT_TYPES[variant]
    for name, value in (row.answer.headers or {}).items():
        assert response.headers[name] == value
    assert NEVER.isdisjoint(response.headers)


async def test_every_row_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(row.id for row in ROWS).items() if count > 1] == []


async def test_the_page_tells_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.conformance"
