"""The consent registry's endpoints."""

import asyncio
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from teslimat.api.v1.answers import DONE, Reply
from teslimat.api.v1.dates import no_second, read_second, show
from teslimat.api.v1.values import Tree, read_object, read_whole, trimmed
from teslimat.api.v1.wire import WHAT_THE_ACCOUNT_MAY, Answering, Wire
from teslimat.core.consents import CHANNELS, EARLIEST, RECIPIENT_TYPES, STATUSES, Consent, is_source, read_recipient
from teslimat.core.errors import INVALID_FIELDS, Refused
from teslimat.core.model import Account
from teslimat.flows.consents import brand_of, find, record
from teslimat_client.contract import consents as contract

MAX_CONSENTS: Final = 5_000
MAX_ERRORS: Final = 50
"""Fields of which a refusal tells what is wrong; whoever sends 5,000 bad records learns enough from these."""

_CLOCKS_DIFFER: Final = 5 * 60 * 1000
"""How far, in ms, a consent may lie in what is the future by our clock."""

_RECORDS_PER_TURN: Final = 500

Wrong = dict[str, str]
"""What is wrong with which field, in Turkish."""


class Question(NamedTuple):
    """Whose word about which channel is asked for."""

    brand_code: int | None
    """None for what can be no brand's code."""
    recipient: str
    recipient_type: str
    channel: str


async def read_consents(given: Tree, brand_code: int, now: int) -> list[Consent]:
    """The consents to record; raises Refused 422 with what is wrong with which field, such as `list.3.status`."""
    wrong: Wrong = {}
    if not _is_missing(given, "brandCode", wrong) and read_whole(given["brandCode"]) != brand_code:
        wrong["brandCode"] = "brandCode hesabınıza ait değil."
    records = given.get("list")
    if not isinstance(records, list) or not 0 < len(records) <= MAX_CONSENTS:
        wrong["list"] = f"list 1 ile {MAX_CONSENTS} arasında kayıt içeren bir dizi olmalıdır."
        raise Refused(INVALID_FIELDS, errors=wrong)
    consents: list[Consent] = []
    for position, one in enumerate(records):
        if not isinstance(one, dict):
            wrong[f"list.{position}"] = f"list.{position} bir kayıt olmalıdır."
        else:
            wrong_here: Wrong = {}
            consents.append(_read_consent(one, brand_code, now, wrong_here))
            wrong.update((f"list.{position}.{name}", text) for name, text in wrong_here.items())
        if len(wrong) >= MAX_ERRORS:
            break
        if not (position + 1) % _RECORDS_PER_TURN:
            await asyncio.sleep(0)
    if wrong:
        raise Refused(INVALID_FIELDS, errors=dict(list(wrong.items())[:MAX_ERRORS]))
    return consents


def read_question(given: Tree) -> Question:
    """Whose word is asked for; raises Refused 422 with what is wrong with which field."""
    wrong: Wrong = {}
    _is_missing(given, "brandCode", wrong)
    recipient, recipient_type, channel = _read_whom(given, wrong)
    if wrong:
        raise Refused(INVALID_FIELDS, errors=wrong)
    return Question(read_whole(given["brandCode"]), recipient, recipient_type, channel)


def _read_consent(given: Tree, brand_code: int, now: int, wrong: Wrong) -> Consent:
    """A record's consent. It means nothing if it leaves anything in `wrong`, as with all readers below."""
    recipient, recipient_type, channel = _read_whom(given, wrong)
    status = _one_of(STATUSES, given, "status", wrong)
    source = given.get("source")
    if not _is_missing(given, "source", wrong) and not (isinstance(source, str) and is_source(source)):
        wrong["source"] = _invalid("source")
    consent_at = _read_consent_date(given, now, wrong)
    return Consent(brand_code, recipient, recipient_type, channel, status, str(source), consent_at)


def _read_whom(given: Tree, wrong: Wrong) -> tuple[str, str, str]:
    """Recipient, recipient type and channel; a recipient cannot be judged where the channel is unknown."""
    missing = _is_missing(given, "recipient", wrong)
    recipient_type = _one_of(RECIPIENT_TYPES, given, "recipientType", wrong)
    channel = _one_of(CHANNELS, given, "type", wrong)
    recipient = read_recipient(channel, given.get("recipient"))
    if recipient is None and channel and not missing:
        wrong["recipient"] = _invalid("recipient")
    return recipient or "", recipient_type, channel


def _one_of(known: AbstractSet[str], given: Tree, name: str, wrong: Wrong) -> str:
    value = given.get(name)
    if isinstance(value, str) and value in known:
        return value
    if not _is_missing(given, name, wrong):
        wrong[name] = _invalid(name)
    return ""


def _read_consent_date(given: Tree, now: int, wrong: Wrong) -> int:
    name = "consentDate"
    if _is_missing(given, name, wrong):
        return 0
    consent_at = read_second(trimmed(given[name]))
    if consent_at is None:
        wrong[name] = no_second(name)
    elif consent_at > now + _CLOCKS_DIFFER:
        wrong[name] = f"{name} gelecekte olamaz."
    elif consent_at < EARLIEST:
        wrong[name] = f"{name} {show(EARLIEST)} tarihinden önce olamaz."
    return consent_at or 0


def _is_missing(given: Tree, name: str, wrong: Wrong) -> bool:
    value = given.get(name)
    if value is not None and value != "":
        return False
    wrong[name] = f"{name} alanı gereklidir."
    return True


def _invalid(name: str) -> str:
    return f"{name} değeri geçersiz."


async def create_consents(wire: Wire, account: Account, request: Tree) -> Reply:
    """Record what people said to the account's brand."""
    given = read_object(request, "consent")
    await record(wire.store, await read_consents(given, brand_of(account), wire.clock.now()))
    return DONE


async def show_consent(wire: Wire, account: Account, request: Tree) -> Reply:
    """Tell what somebody said last to the account's brand about a channel."""
    given = read_object(request, "consent")
    brand_code = brand_of(account)
    question = read_question(given)
    if question.brand_code != brand_code:
        return contract.ConsentShown(DONE.status, [])
    found = await find(wire.store, brand_code, question.recipient, question.recipient_type, question.channel)
    return contract.ConsentShown(DONE.status, [] if found is None else _shown(found))


def _shown(consent: Consent) -> contract.Consent:
    return contract.Consent(
        brand_code=consent.brand_code,
        recipient=consent.recipient,
        recipient_type=consent.recipient_type,
        type=consent.type,
        status=consent.status,
        source=consent.source,
        consent_date=show(consent.consent_at),
    )


JSON_ONLY: Final[dict[str, Answering]] = {
    "consent/create": create_consents,
    "consent/show": show_consent,
}
"""In JSON only."""

BODIES: Final = {"consent/create": WHAT_THE_ACCOUNT_MAY}
"""Octets that a body may have, where it is not wire.MODEST_BODY."""
