"""The programs of docs/migrating.md, run against a gateway, each where its language is installed."""

import asyncio
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.clients.scene import NEXT, Left, Placed, Scene

PAGE: Final = Path(__file__).parents[3] / "docs" / "migrating.md"
PROGRAMS: Final = {
    "python": (sys.executable, "send.py"),
    "javascript": ("node", "send.mjs"),
    "php": ("php", "send.php"),
    "go": ("go", "run", "send.go"),
    "java": ("java", "Send.java"),
    "ruby": ("ruby", "send.rb"),
}
PATIENCE_S: Final = 60.0


def blocks() -> dict[str, str]:
    """The last block of each language on the page."""
    return dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("language", PROGRAMS)
async def test_a_program_of_the_guide_sends(scene: Scene, tmp_path: Path, language: str) -> None:
    *command, file = PROGRAMS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    who, (host, port) = scene.gateway.house.credentials, scene.address
    order = blocks()["json"].replace("API_KEY", who.key).replace("API_HASH", who.hash)
    (tmp_path / "order.json").write_text(order, encoding="utf-8")
    program = blocks()[language].replace("https://", "http://").replace("HTTPSConnection", "HTTPConnection")
    (tmp_path / file).write_text(program.replace("sms.example.net", f"{host}:{port}"), encoding="utf-8")

    process = await asyncio.create_subprocess_exec(*command, file, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(PATIENCE_S):
        printed, _ = await process.communicate()

    assert printed.startswith(b"200 ")
    assert f'"id":"{NEXT}"'.encode() in printed
    assert await scene.left() == Left((Placed((("Merhaba", "+905301234567"),)),))
