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
_STRINGS = [Account.__struct_fields__.index(name) for name in ("allow_ips", "senders")]
_SWITCHES = [i for i, name in enumerate(Account.__struct_fields__) if Account.__annotations__[name] is bool]
_SETTINGS = Account.__struct_fields__.index("api_access")
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


def account_row(account: Account) -> list[Value]:
    """Give an account's row without its id; its columns are the struct's fields, in their order."""
    row = list(msgspec.structs.astuple(account))
    for column in _STRINGS:
        row[column] = strings(row[column])
    return row[1:]


def account_settings_row(account: Account) -> list[Value]:
    """Give the part of an account's row that an operator changes; credits only change by statements that add."""
    return account_row(account)[_SETTINGS - 1 :]


def account_of(row: Sequence[Any]) -> Account:
    """Read an account's row."""
    values = list(row)
    for column in _SWITCHES:
        values[column] = values[column] == 1
    for column in _STRINGS:
        values[column] = _strings.decode(values[column])
    return Account(*values)


def strings(values: Sequence[str]) -> str:
    """Pack some strings into one column."""
    return msgspec.json.encode(values).decode()
