from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.gateway import Gateway, running


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running(tmp_path / "teslimat.db") as gateway:
        yield gateway
