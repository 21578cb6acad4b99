"""What we sign, the Standard Webhooks library of others verifies, and nothing else does."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from teslimat.core.clock import SystemClock
from teslimat.core.webhooks import Secret, valid_secrets
from teslimat.webhooks.signing import format_secret, new_secret, sign

KEYS = st.binary(min_size=24, max_size=64)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40)
BODIES = st.text(max_size=200).map(str.encode)


def verify(key: bytes, event_id: str, at_s: int, signature: str, body: bytes) -> None:
    headers = {"webhook-id": event_id, "webhook-timestamp": str(at_s), "webhook-signature": signature}
    Webhook(format_secret(key)).verify(body, headers, json_parse=False)


def now_s() -> int:
    return SystemClock().now() // 1000


@given(st.lists(KEYS, min_size=1, max_size=3, unique=True), IDS, BODIES)
def test_a_receiver_verifies_with_any_of_the_secrets_that_sign(keys: list[bytes], event_id: str, body: bytes) -> None:
    at_s = now_s()
    signature = sign(keys, event_id, at_s, body)
    for key in keys:
        verify(key, event_id, at_s, signature, body)


@given(KEYS, KEYS, BODIES)
def test_a_secret_that_did_not_sign_verifies_nothing(key: bytes, other: bytes, body: bytes) -> None:
    at_s = now_s()
    signature = sign([key] if key != other else [], "evt_1", at_s, body)
    with pytest.raises(WebhookVerificationError):
        verify(other, "evt_1", at_s, signature, body)


@given(KEYS, BODIES, BODIES)
def test_a_changed_body_id_or_time_does_not_verify(key: bytes, body: bytes, other: bytes) -> None:
    at_s = now_s()
    signature = sign([key], "evt_1", at_s, body)
    changed = [("evt_2", at_s, body), ("evt_1", at_s + 1, body)]
    changed += [("evt_1", at_s, other)] if other != body else []
    for event_id, time_s, sent in changed:
        with pytest.raises(WebhookVerificationError):
            verify(key, event_id, time_s, signature, sent)


def test_a_secret_is_32_bytes_of_randomness_written_as_receivers_expect_it() -> None:
    assert len(new_secret(secrets.token_bytes)) == 32
    assert format_secret(b"\xff" * 24) == "whsec_" + "/" * 32


def test_a_secret_signs_until_its_time_is_over() -> None:
    replaced, lasting = Secret(b"old", 1000), Secret(b"new", 0)
    assert valid_secrets((lasting, replaced), 999) == [b"new", b"old"]
    assert valid_secrets((lasting, replaced), 1000) == [b"new"]


def test_a_secret_that_is_printed_does_not_tell_itself() -> None:
    assert "hush" not in repr(Secret(b"hush", 7))
