"""What stands for a person or a secret never reaches a log."""

import pytest

from teslimat.telemetry import SECRET_NAMES, redact


@pytest.mark.parametrize(
    "value",
    ["905301234567", "to +905301234567 now", 905301234567, ["905301234567"], {"to": 905301234567}, 905301234567.0],
)
def test_a_phone_number_is_masked_wherever_it_stands(value: object) -> None:
    event = redact(None, "info", {"event": "sent", "what": value})
    assert "905301234567" not in str(event["what"])
    assert event["event"] == "sent"


@pytest.mark.parametrize("name", sorted(SECRET_NAMES))
def test_what_is_named_like_a_secret_is_dropped(name: str) -> None:
    assert redact(None, "info", {name: "anything"}) == {name: "[redacted]"}


def test_what_an_operator_needs_is_left_as_it_is() -> None:
    event = {"order_id": 1_000_000_000, "messages": 200_000, "carrier": "acme", "error": None, "late": True}
    assert redact(None, "info", dict(event)) == event
