"""The consent registry: what somebody said last is what counts."""

import pytest

from teslimat.core.consents import Consent
from teslimat.core.ports import Store
from tests.store_contract.samples import NOW

FIRST = 905_300_000_000
YES = Consent(681294, f"+{FIRST}", "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", NOW)
NO = YES._replace(status="RET", source="HS_CAGRI_MERKEZI")


async def record(store: Store, *consents: Consent) -> None:
    await store.transact(lambda tx: tx.record_consents(consents))


async def kept(store: Store) -> list[Consent]:
    return await store.consents_of(YES.brand_code, YES.recipient)


async def test_of_some_numbers_those_that_consented_are_found(store: Store) -> None:
    asked = range(FIRST, FIRST + 5_000)
    assert await store.consenting(681294, "BIREYSEL", asked) == set()
    await record(store, *(YES._replace(recipient=f"+{number}") for number in asked[::7]))
    await record(store, NO._replace(recipient=f"+{asked[7]}"))
    assert await store.consenting(681294, "BIREYSEL", asked) == set(asked[::7]) - {asked[7]}
    assert await store.consenting(681294, "BIREYSEL", []) == set()


@pytest.mark.parametrize(
    "elsewhere",
    [
        YES._replace(brand_code=681295),
        YES._replace(recipient_type="TACIR"),
        YES._replace(type="ARAMA"),
        YES._replace(recipient=f"+{FIRST + 1}"),
        NO,
    ],
)
async def test_only_consent_to_this_brand_on_this_list_to_texts_counts(store: Store, elsewhere: Consent) -> None:
    await record(store, elsewhere)
    assert await store.consenting(681294, "BIREYSEL", [FIRST]) == set()
    await record(store, YES)
    assert await store.consenting(681294, "BIREYSEL", [FIRST]) == {FIRST}


async def test_what_was_said_later_counts_whenever_it_is_told(store: Store) -> None:
    await record(store, NO, YES._replace(consent_at=NOW - 1))
    assert await kept(store) == [NO]
    await record(store, YES._replace(consent_at=NOW + 1))
    assert await kept(store) == [YES._replace(consent_at=NOW + 1)]
    await record(store, NO)
    assert await kept(store) == [YES._replace(consent_at=NOW + 1)]


async def test_of_what_was_said_at_one_time_the_last_told_counts(store: Store) -> None:
    await record(store, YES, NO)
    assert await kept(store) == [NO]
    await record(store, YES)
    assert await kept(store) == [YES]


async def test_all_that_somebody_said_to_a_brand_is_read_and_nothing_of_others(store: Store) -> None:
    merchant, mail = YES._replace(recipient_type="TACIR"), YES._replace(recipient="a@example.com", type="EPOSTA")
    await record(store, merchant, YES, mail, YES._replace(brand_code=1))
    assert await kept(store) == [YES, merchant]
    assert await store.consents_of(681294, "a@example.com") == [mail]
    assert await store.consents_of(681294, "nobody@example.com") == []
