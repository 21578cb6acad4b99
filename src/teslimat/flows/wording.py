"""What a POST says: the documented body, from the block that its message stands in."""

from array import array
from typing import Final

from msgspec import Struct, json

from teslimat.core.model import BLOCK_SIZE, BlockKey
from teslimat.core.news import Event
from teslimat.core.ports import Transaction

_REMEMBERED_BLOCKS: Final = 64
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


class Wording:
    """Writes bodies, and remembers some of the last blocks."""

    def __init__(self) -> None:
        self._blocks: dict[BlockKey, _Block] = {}

    async def of(self, tx: Transaction, key: BlockKey) -> _Block:
        """What there is to say about a block."""
        known = self._blocks.get(key)
        if known is None:
            sending = (await tx.read_sending([key]))[key]
            block = sending.block
            known = _Block(
                key=key,
                # Clients read int32; with the order's id it is still unique.
                first_message_id=sending.first_message_id + BLOCK_SIZE * block.block_no,
                numbers=array("Q", block.numbers),
                odd_numbers=block.odd_numbers,
                texts=tuple(text.body for text in sending.texts),
                text_index=array("H", block.text_index) if block.text_index else None,
            )
            if len(self._blocks) >= _REMEMBERED_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[key] = known
        return known


_encoder = json.Encoder()
