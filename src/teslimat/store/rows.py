"""How structs become rows and rows become structs; the same for every database."""

from collections.abc import Sequence
from typing import Any

import msgspec

from teslimat.core.model import Account, Block, Order, QueueRow, Text

Value = int | str | bytes | None
Row = Sequence[Value]

_encoder = msgspec.msgpack.Encoder()
_texts = msgspec.msgpack.Decoder(tuple[Text, ...])
_odd_numbers = msgspec.msgpack.Decoder(dict[int, str])
_strings = msgspec.json.Decoder(tuple[str, ...])
_TEXTS = Order.__struct_fields__.index("texts")
_API_ACCESS = Account.__struct_fields__.index("api_access")
_STRINGS = [Account.__struct_fields__.index(name) for name in ("allow_ips", "senders")]
_BOOLEANS = [i for i, name in enumerate(Order.__struct_fields__) if Order.__annotations__[name] is bool]


def order_row(order: Order) -> list[Value]:
    """Give an order's row; its columns are the struct's fields, in their order."""
    row = list(msgspec.structs.astuple(order))
    row[_TEXTS] = _encoder.encode(order.texts)
    return row


def order_of(row: Row) -> Order:
    """Read an order's row."""
    values: list[Any] = list(row)
    values[_TEXTS] = _texts.decode(values[_TEXTS])
    for column in _BOOLEANS:
        values[column] = values[column] == 1
    return Order(*values)


def texts_of(packed: bytes) -> tuple[Text, ...]:
    """Read packed texts."""
    return _texts.decode(packed)


def odd_numbers_of(packed: bytes | None) -> dict[int, str]:
    """Read packed odd numbers."""
    return _odd_numbers.decode(packed) if packed else {}


def block_row(block: Block) -> tuple[Value, ...]:
    """Give a block's row."""
    return (
        block.order_id,
        block.block_no,
        block.numbers,
        _encoder.encode(block.odd_numbers) if block.odd_numbers else None,
        _encoder.encode(block.texts) if block.texts else None,
        block.text_index or None,
    )


def queue_row(row: QueueRow) -> tuple[Value, ...]:
    """Give a queue row; its columns are the struct's fields, in their order."""
    return msgspec.structs.astuple(row)


def account_row(account: Account) -> tuple[Value, ...]:
    """Give an account's row without its id."""
    return (
        account.name,
        account.key,
        account.hash_digest,
        account.balance,
        account.credited,
        int(account.api_access),
        strings(account.allow_ips),
        account.max_recipients,
        account.iys_code,
        strings(account.senders),
    )


def account_of(row: Sequence[Any]) -> Account:
    """Read an account's row."""
    values = list(row)
    values[_API_ACCESS] = values[_API_ACCESS] == 1
    for column in _STRINGS:
        values[column] = _strings.decode(values[column])
    return Account(*values)


def strings(values: Sequence[str]) -> str:
    """Pack some strings into one column."""
    return msgspec.json.encode(values).decode()
