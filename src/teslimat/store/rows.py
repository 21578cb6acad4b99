"""How structs become rows and rows become structs; the same for every database."""

from collections.abc import Sequence

import msgspec

from teslimat.core.model import Account, Block, Order, QueueRow, Text

Value = int | str | bytes | None
Row = Sequence[Value]

_encoder = msgspec.msgpack.Encoder()
_texts = msgspec.msgpack.Decoder(tuple[Text, ...])
_odd_numbers = msgspec.msgpack.Decoder(dict[int, str])
_strings = msgspec.json.Decoder(tuple[str, ...])
_BOOLEANS_OF_ORDER = frozenset({"commercial", "resend_uncertain", "scheduled", "reached_carrier"})


def order_row(order: Order) -> tuple[Value, ...]:
    """Give an order's row; its columns are the struct's fields, in their order."""
    return tuple(
        _encoder.encode(value) if name == "texts" else int(value) if isinstance(value, bool) else value
        for name, value in msgspec.structs.asdict(order).items()
    )


def order_of(row: Row) -> Order:
    """Read an order's row."""
    values = dict(zip(Order.__struct_fields__, row, strict=True))
    values["texts"] = texts_of(values["texts"])  # type: ignore[arg-type, assignment] # a row is dynamic; convert checks
    for name in _BOOLEANS_OF_ORDER:
        values[name] = bool(values[name])
    return Order(**values)  # type: ignore[arg-type] # a row is dynamic; the schema's CHECKs and tests guard it


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


def account_of(row: Row) -> Account:
    """Read an account's row."""
    values = dict(zip(Account.__struct_fields__, row, strict=True))
    return msgspec.convert(
        values
        | {
            "api_access": bool(values["api_access"]),
            "allow_ips": _strings.decode(str(values["allow_ips"])),
            "senders": _strings.decode(str(values["senders"])),
        },
        Account,
    )


def strings(values: Sequence[str]) -> str:
    """Pack some strings into one column."""
    return msgspec.json.encode(values).decode()
