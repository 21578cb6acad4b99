"""From recipients as given to blocks as stored: each once per message, a thousand to a block."""

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from teslimat.core.block import BlockState
from teslimat.core.model import BLOCK_SIZE, Block, Text
from teslimat.core.reasons import Reason
from teslimat.core.states import QUEUED, UNDELIVERED

Recipient = int | str
"""An E.164 number without the plus sign, or an input that is no number, as it will be reported."""

_QUEUED_STATE = bytes([QUEUED]) * BLOCK_SIZE


class PackedBlock(NamedTuple):
    """A block to be, before its order has an id."""

    numbers: bytes
    odd_numbers: dict[int, str]
    texts: tuple[Text, ...]
    text_index: bytes
    states: bytes
    parts_open: bytes
    price: int
    """What all recipients of the block cost that can be sent to."""
    refused: dict[int, Reason]
    """Position → why nothing is sent there."""

    @property
    def queued(self) -> int:
        """How many recipients are to be sent to."""
        return len(self.states) - len(self.refused)


def pack(
    recipients: Sequence[Recipient],
    texts: Sequence[Text],
    text_ids: Sequence[int] | None,
    unwanted: Mapping[int, Reason],
) -> PackedBlock:
    """Pack up to 1,000 recipients.

    text_ids says which of the order's texts each is sent; None means that the order has only one text, which
    the order's own row keeps. unwanted are numbers that are not sent to, with the reason.
    """
    size = len(recipients)
    if text_ids is None:
        chosen, index = [texts[0]], None
    else:
        local = {text_id: i for i, text_id in enumerate(dict.fromkeys(text_ids))}
        chosen, index = [texts[text_id] for text_id in local], [local[text_id] for text_id in text_ids]
    masks = [(1 << text.parts) - 1 for text in chosen]
    prices = [text.price for text in chosen]
    odd = {i: recipient for i, recipient in enumerate(recipients) if isinstance(recipient, str)}
    if odd:
        numbers = array("Q", [0 if isinstance(recipient, str) else recipient for recipient in recipients])
    else:
        numbers = array("Q", recipients)  # type: ignore[arg-type] # none of them is a str, as just seen
    states = bytearray(_QUEUED_STATE[:size])
    parts_open = bytearray(bytes(masks) * size if index is None else [masks[i] for i in index])
    price = prices[0] * size if index is None else sum([prices[i] for i in index])
    refused = dict.fromkeys(odd, Reason.INVALID_NUMBER)
    if unwanted:
        refused |= {i: unwanted[number] for i, number in enumerate(numbers) if number in unwanted}
    for position in refused:
        states[position] = UNDELIVERED
        parts_open[position] = 0
        price -= prices[0 if index is None else index[position]]
    return PackedBlock(
        numbers=numbers.tobytes(),
        odd_numbers=odd,
        texts=() if index is None else tuple(chosen),
        text_index=b"" if index is None else array("H", index).tobytes(),
        states=bytes(states),
        parts_open=bytes(parts_open),
        price=price,
        refused=refused,
    )


def unpack(order_id: int, block_no: int, packed: PackedBlock) -> tuple[Block, BlockState]:
    """Give a packed block its place: its order and its number in it."""
    block = Block(order_id, block_no, packed.numbers, packed.odd_numbers, packed.texts, packed.text_index)
    state = BlockState((order_id, block_no), (packed.states, b"", packed.parts_open, b"", b"", b"", b"", b"", b""))
    for position, reason in packed.refused.items():
        state.reasons[position] = reason
        state.finished_at[position] = 1
    return block, state
