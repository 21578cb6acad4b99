"""The consent registry on the wire: who said what to a brand about which channel."""

from msgspec import Struct

from teslimat_client.contract import Credentials, Status


class NewConsent(Struct, frozen=True, rename="camel"):
    """What somebody said."""

    recipient: str
    """A Turkish mobile number in any usual spelling, or for EPOSTA an e-mail address."""
    recipient_type: str
    """`BIREYSEL` (individuals) or `TACIR` (merchants)."""
    type: str
    """The channel: `MESAJ` (texts), `EPOSTA` (e-mails) or `ARAMA` (calls)."""
    status: str
    """`ONAY` (consents) or `RET` (refuses)."""
    source: str
    """How it was given: a code of the registry, such as `HS_WEB`."""
    consent_date: str
    """When it was given: `YYYY-MM-DD HH:MM:SS` in Turkey. The latest counts, whenever it is told."""


class NewConsents(Struct, frozen=True, rename="camel"):
    """Some consents to a brand."""

    brand_code: str | int
    """The code of the account's brand."""
    list: list[NewConsent]
    """1 to 5,000, all of which are recorded or none."""


class CreateConsents(Struct, frozen=True):
    """Record consents."""

    authentication: Credentials
    consent: NewConsents


class ConsentQuery(Struct, frozen=True, rename="camel"):
    """Whose word about which channel. Fields mean what they mean in NewConsent."""

    brand_code: str | int
    recipient: str
    recipient_type: str
    type: str


class ShowConsent(Struct, frozen=True):
    """Ask what somebody said last."""

    authentication: Credentials
    consent: ConsentQuery


class Consent(Struct, frozen=True, rename="camel"):
    """What somebody said last. Fields mean what they mean in NewConsent."""

    brand_code: int
    """The code of the brand."""
    recipient: str
    """`+90` and ten digits, or an e-mail address in small letters."""
    recipient_type: str
    type: str
    status: str
    source: str
    consent_date: str


class ConsentShown(Struct, frozen=True):
    """What somebody said last."""

    status: Status
    consent: Consent | list[Consent]
    """An empty list where nothing is known of this channel and list, or of the brand."""
