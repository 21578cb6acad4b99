"""What every known client of the v1 API sends, replayed; each test is named by the client and its call."""

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in ("wire", "scene", "json_sdk", "xml_client")))
