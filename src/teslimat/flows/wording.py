"""What a POST says: the documented body, from the block that its message stands in."""

from array import array
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, json

from teslimat.core.model import BLOCK_SIZE, BlockKey
from teslimat.core.news import Event
from teslimat.core.ports import Transaction

_REMEMBERED_BLOCKS: Final = 64
_READ_AT_ONCE: Final = 16
"""Each may have a thousand texts, and the event loop waits for them."""
_WORDS: Final = {int(event): event.word for event in Event}


class _Report(Struct, frozen=True):
    id: int
    packet_id: int
    status: str
    to: str
    body: str


class _Body(Struct, frozen=True):
    report: _Report


class _Block(Struct, frozen=True):
    key: BlockKey
    first_message_id: int
    numbers: "array[int]"
    odd_numbers: dict[int, str]
    texts: tuple[str, ...]
    text_index: "array[int] | None"

    def body(self, position: int, event: int) -> bytes:
        """Write the body of one event."""
        number = self.numbers[position]
        return _encoder.encode(
            _Body(
                _Report(
                    id=(self.first_message_id + position) % 2**31,
                    packet_id=self.key[0],
                    status=_WORDS[event],
                    to=f"+{number}" if number else self.odd_numbers[position],
                    body=self.texts[self.text_index[position] if self.text_index else 0],
                )
            )
        )


class Reading:
    """What one transaction needs of blocks: some are known, and a few may be read."""

    def __init__(self, known: Mapping[BlockKey, _Block]) -> None:
        self._known = known
        self.blocks: dict[BlockKey, _Block] = {}
        """What was used, the last used last."""
        self._read = 0

    def may_have(self, key: BlockKey) -> bool:
        """Tell whether this block is at hand, or may be read too."""
        return self._read < _READ_AT_ONCE or key in self.blocks or key in self._known

    async def of(self, tx: Transaction, key: BlockKey) -> _Block:
        """What there is to say about a block."""
        block = self.blocks.pop(key, None) or self._known.get(key)
        if block is None:
            self._read += 1
            block = await _read(tx, key)
        self.blocks[key] = block
        return block


class Wording:
    """Remembers some of the blocks that were used last."""

    def __init__(self) -> None:
        self._blocks: dict[BlockKey, _Block] = {}

    def reading(self) -> Reading:
        """Begin to read for one transaction."""
        return Reading(self._blocks)

    def keep(self, reading: Reading) -> None:
        """Remember what was read, now that its transaction is committed.

        Not before: if the commit fails, an order that was read never was, and the next one gets its id.
        """
        for key, block in reading.blocks.items():
            self._blocks.pop(key, None)
            self._blocks[key] = block
        for key in list(self._blocks)[:-_REMEMBERED_BLOCKS]:
            del self._blocks[key]


async def _read(tx: Transaction, key: BlockKey) -> _Block:
    sending = (await tx.read_sending([key]))[key]
    block = sending.block
    return _Block(
        key=key,
        # Clients read int32; with the order's id it is still unique.
        first_message_id=sending.first_message_id + BLOCK_SIZE * block.block_no,
        numbers=array("Q", block.numbers),
        odd_numbers=block.odd_numbers,
        texts=tuple(text.body for text in sending.texts),
        text_index=array("H", block.text_index) if block.text_index else None,
    )


_encoder = json.Encoder()
