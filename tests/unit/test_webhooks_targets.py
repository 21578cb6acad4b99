"""How the secrets of a webhook change over, and what operators set at the same time."""

import asyncio
from pathlib import Path

import pytest

from teslimat.core.webhooks import Secret, Target, valid_secrets
from teslimat.flows.accounts import BadSetting
from teslimat.flows.targets import (
    MOST_TARGETS,
    add_target,
    change_target,
    remove_target,
    rotate_secret,
    rotated,
    target_of,
)
from tests.simulation.house import House

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


async def one_more(house: House) -> int:
    url = "https://receiver.example/"
    return await add_target(house.store, await house.account(), url, b"old", concurrency=8, per_second=0)


async def test_what_two_operators_set_at_the_same_time_is_all_set(tmp_path: Path) -> None:
    house = await House(tmp_path / "house.db").open()
    target_id = await one_more(house)
    await asyncio.gather(
        change_target(house.store, target_id, enabled=False),
        rotate_secret(house.store, target_id, b"new", 24, NOW),
        change_target(house.store, target_id, per_second=7),
    )
    target = await target_of(house.store, target_id)
    assert (target.enabled, target.per_second, target.concurrency) == (False, 7, 8)
    assert [secret.value for secret in target.secrets] == [b"new", b"old"]


async def test_an_account_has_so_many_webhooks_and_no_more(tmp_path: Path) -> None:
    house = await House(tmp_path / "house.db").open()
    await house.open_account("other")
    first, *_ = [await one_more(house) for _ in range(MOST_TARGETS)]
    with pytest.raises(BadSetting, match="10 webhooks at most"):
        await one_more(house)
    await remove_target(house.store, first)
    await one_more(house)
