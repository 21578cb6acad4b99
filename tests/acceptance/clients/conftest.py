import pytest

from tests.acceptance.clients.scene import Scene
from tests.acceptance.gateway import Gateway


@pytest.fixture
async def scene(gateway: Gateway) -> Scene:
    scene = Scene(gateway)
    await scene.live_through()
    return scene
