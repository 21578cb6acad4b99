"""From recipients as given to blocks as stored."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.model import Text
from teslimat.core.packing import Recipient, pack, unpack
from teslimat.core.reasons import Reason
from teslimat.core.states import QUEUED, UNDELIVERED

TEXTS = [Text("one", 0, 1, 1), Text("three", 0, 3, 1), Text("two dear ones", 2, 2, 5)]
UNWANTED = [Reason.BLACKLISTED, Reason.NO_CONSENT]

recipients = st.lists(
    st.one_of(st.integers(905_000_000_000, 905_699_999_999), st.text(max_size=32)), min_size=1, max_size=1_000
)


@given(recipients, st.data())
def test_a_packed_block_tells_everything_about_its_recipients(given_: list[Recipient], data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, 2), min_size=len(given_), max_size=len(given_)))
    unwanted = data.draw(st.dictionaries(st.sampled_from(given_), st.sampled_from(UNWANTED)))
    packed = pack(given_, TEXTS, ids, {who: why for who, why in unwanted.items() if isinstance(who, int)})
    numbers, index = array("Q", packed.numbers), array("H", packed.text_index)
    assert [packed.odd_numbers.get(i, number) for i, number in enumerate(numbers)] == given_
    assert [packed.texts[i] for i in index] == [TEXTS[i] for i in ids]
    assert len(packed.texts) == len(set(ids))
    good = [isinstance(recipient, int) and recipient not in unwanted for recipient in given_]
    assert [state == QUEUED for state in packed.states] == good
    assert packed.queued == sum(good)
    assert packed.price == sum(TEXTS[i].price for i, is_good in zip(ids, good, strict=True) if is_good)
    assert list(packed.parts_open) == [
        (1 << TEXTS[i].parts) - 1 if is_good else 0 for i, is_good in zip(ids, good, strict=True)
    ]


@given(recipients)
def test_the_text_of_an_order_that_has_only_one_stays_out_of_its_blocks(given_: list[Recipient]) -> None:
    packed = pack(given_, TEXTS[1:2], None, {})
    several = pack(given_, TEXTS, [1] * len(given_), {})
    assert (packed.texts, packed.text_index) == ((), b"")
    assert packed[4:] == several[4:]


@given(recipients, st.data())
def test_who_is_not_sent_to_is_undelivered_from_the_start(given_: list[Recipient], data: st.DataObject) -> None:
    unwanted = data.draw(st.dictionaries(st.sampled_from(given_), st.sampled_from(UNWANTED)))
    packed = pack(given_, TEXTS[:1], None, {who: why for who, why in unwanted.items() if isinstance(who, int)})
    block, state = unpack(300_000_000, 3, packed)
    assert (block.order_id, block.block_no) == state.key == (300_000_000, 3)
    for position, recipient in enumerate(given_):
        reason = Reason.INVALID_NUMBER if isinstance(recipient, str) else unwanted.get(recipient, Reason.NONE)
        assert state.reasons[position] == reason
        assert state.states[position] == (UNDELIVERED if reason else QUEUED)
        assert bool(state.finished_at[position]) is bool(reason)
        assert packed.refused.get(position, Reason.NONE) == reason
