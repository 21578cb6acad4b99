from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import NODEFAULT
from msgspec.structs import fields

from teslimat.carriers.simulator.outcomes import BY_NAME, DELIVERED, SPECIAL_PREFIX, TABLE, Outcome, Outcomes
from teslimat.carriers.simulator.receipts import FAILURES, IdForm
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.stats import Stats
from teslimat.core.states import State
from teslimat.smpp.receipts import MessageState

ORDINARY = 905_300_000_000


def test_the_numbers_of_a_large_order_are_all_ordinary() -> None:
    outcomes = Outcomes()
    assert all(outcomes.of(str(ORDINARY + i)) is DELIVERED for i in range(0, 1_000_000, 37))
    assert not any(str(ORDINARY + i)[-10:].startswith(SPECIAL_PREFIX) for i in range(1_000_000))


@pytest.mark.parametrize("ending", TABLE)
def test_the_last_two_digits_of_a_special_number_choose_its_outcome_whatever_the_shares(ending: int) -> None:
    outcomes = Outcomes(seed=3, undelivered=1.0)
    for country in ("90", "", "0"):
        assert outcomes.of(f"{country}{SPECIAL_PREFIX}{ending:02}") is TABLE[ending]


def test_a_special_number_without_a_meaning_is_delivered() -> None:
    assert Outcomes(undelivered=1.0).of(f"90{SPECIAL_PREFIX}99") is DELIVERED


@given(st.integers(0, 2**63), st.floats(0, 1), st.integers(ORDINARY, ORDINARY + 10**9 - 1))
def test_a_number_has_the_same_outcome_in_every_run_and_spelling(seed: int, undelivered: float, number: int) -> None:
    first = Outcomes(seed, undelivered).of(str(number))
    assert Outcomes(seed, undelivered).of(str(number)[2:]) is first


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_shares_come_out_as_asked_for(seed: int) -> None:
    outcomes = Outcomes(seed, undelivered=0.2, shares={"early-receipt": 0.1, "two-receipts": 0.3})
    seen = Counter(outcomes.of(str(ORDINARY + i)).name for i in range(20_000))
    assert seen["early-receipt"] == pytest.approx(2_000, rel=0.15)
    assert seen["two-receipts"] == pytest.approx(6_000, rel=0.1)
    assert seen["delivered"] == pytest.approx(8_000, rel=0.1)
    assert seen["absent"] == pytest.approx(2_000, rel=0.15)


def test_another_seed_fails_other_numbers() -> None:
    numbers = [str(ORDINARY + i) for i in range(1_000)]
    one, other = Outcomes(1, undelivered=0.5), Outcomes(2, undelivered=0.5)
    same = sum(one.of(number).ending == other.of(number).ending for number in numbers)
    assert 300 < same < 800


def test_everything_or_nothing_can_be_undelivered() -> None:
    for undelivered, state in ((0.0, State.DELIVERED), (1.0, State.UNDELIVERED)):
        outcomes = Outcomes(7, undelivered)
        assert {outcomes.of(str(ORDINARY + i)).ending.state for i in range(2_000)} == {state}


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": {"no-such-outcome": 0.1}},
        {"undelivered": 1.2},
        {"undelivered": -0.1},
        {"undelivered": 0.6, "shares": {"late-receipt": 0.5}},
        {"shares": {"late-receipt": -0.5}},
        {"shares": {"late-receipt": float("nan")}},
        {"delay": -1.0},
        {"receipt_window": 0},
        {"acknowledge_within": 0.0},
    ],
)
def test_a_script_that_makes_no_sense_is_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"share|outcome|must"):
        Script(**wrong)


def test_what_an_outcome_sends_agrees_with_what_it_says_a_report_should_say() -> None:
    for outcome in BY_NAME.values():
        final = [p.state for p in outcome.receipts if p.state in FAILURES or p.state is MessageState.DELIVERED]
        taken = any(reply.taken for reply in outcome.replies)
        if outcome.ending is None:
            assert final == [MessageState.DELIVERED], outcome.name
        elif taken and final:
            delivered = final[0] is MessageState.DELIVERED
            assert outcome.ending.state is (State.DELIVERED if delivered else State.UNDELIVERED), outcome.name
        else:
            assert outcome.ending.state is State.UNDELIVERED, outcome.name


def documented(heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table under a heading of docs/sandbox.md."""
    section = Path("docs/sandbox.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[2:]]


def test_the_table_in_the_documentation_is_the_table_that_is_played() -> None:
    assert documented("By the number") == [documented_row(ending, outcome) for ending, outcome in TABLE.items()]


def test_every_setting_and_its_default_is_documented() -> None:
    rows = {name.strip("`"): default for name, default, _ in documented("Everything that can be scripted")}
    assert rows == {field.name: shown(field.default) for field in fields(Script)}


def shown(default: object) -> str:
    if isinstance(default, IdForm):
        return f"`{default.name}`"
    if isinstance(default, str):
        return f"`{default}`" if default else "empty"
    return "none" if default is NODEFAULT else f"{default:g}" if not isinstance(default, bool) else "no"


def test_every_count_is_documented() -> None:
    assert [name.strip("`") for name, _ in documented("What it has seen")] == [field.name for field in fields(Stats)]


def documented_row(ending: int, outcome: Outcome) -> tuple[str, str, str, str]:
    if outcome.ending is None:
        report = "as the order wants uncertain messages treated"
    elif outcome.ending.state is State.DELIVERED:
        report = "delivered"
    else:
        report = "undelivered: " + outcome.ending.reason.name.lower().replace("_", " ")
    return f"90 555 000 00 {ending:02}", f"`{outcome.name}`", outcome.english, report
