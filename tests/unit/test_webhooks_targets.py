"""How the secrets of a webhook change over."""

from teslimat.core.webhooks import Secret, Target, valid_secrets
from teslimat.flows.targets import rotated

NOW = 1_790_000_000_000
HOUR = 3_600_000
FIRST = Target(1, 1, "https://receiver.example/", (Secret(b"first", 0),), 8, 0, enabled=True)


def test_the_old_secret_signs_beside_the_new_one_for_a_while() -> None:
    target = rotated(FIRST, b"second", 24, NOW)
    assert valid_secrets(target.secrets, NOW) == [b"second", b"first"]
    assert valid_secrets(target.secrets, NOW + 24 * HOUR - 1) == [b"second", b"first"]
    assert valid_secrets(target.secrets, NOW + 24 * HOUR) == [b"second"]


def test_a_second_change_prolongs_nothing() -> None:
    target = rotated(rotated(FIRST, b"second", 2, NOW), b"third", 24, NOW + HOUR)
    assert valid_secrets(target.secrets, NOW + 2 * HOUR) == [b"third", b"second"]


def test_a_second_change_can_end_the_old_ones_sooner() -> None:
    target = rotated(rotated(FIRST, b"second", 24, NOW), b"third", 1, NOW)
    assert valid_secrets(target.secrets, NOW + HOUR) == [b"third"]


def test_secrets_that_sign_no_more_are_not_kept() -> None:
    assert rotated(FIRST, b"second", 0, NOW).secrets == (Secret(b"second", 0),)
    target = rotated(rotated(FIRST, b"second", 1, NOW), b"third", 24, NOW + HOUR)
    assert [secret.value for secret in target.secrets] == [b"third", b"second"]
