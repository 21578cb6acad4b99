"""The catalogue of answers: wire code, Turkish message as it goes on the wire, English explanation.

The HTTP status of an answer equals its code. Messages are Turkish whatever the client's language; clients
branch on the number.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Verdict(NamedTuple):
    """One answer of the v1 API."""

    code: int
    message: str
    english: str

    @property
    def http_status(self) -> int:
        """The HTTP status, also where it is none that HTTP knows (450 to 474)."""
        return self.code


OK: Final = Verdict(200, "İşlem başarılı", "the request succeeded")
UNREADABLE: Final = Verdict(400, "İstek çözümlenemedi", "the body is not a readable request")
UNAUTHORIZED: Final = Verdict(
    401, "Üyelik bilgileri hatalı", "wrong credentials, API access switched off, or address not allowed"
)
NO_CREDIT: Final = Verdict(402, "Bakiye yetersiz", "the balance does not cover the whole order")
NO_SUBSCRIPTION: Final = Verdict(403, "Aktif abonelik bulunamadı", "the account has no brand in the consent registry")
NO_SUCH_METHOD: Final = Verdict(
    404, "API istek yapılan yönteme sahip değil", "no such address, or not with this HTTP method"
)
INVALID_VALUES: Final = Verdict(422, "İstek içerisindeki değerler doğrulanamadı.", "some values are not valid")
INVALID_FIELDS: Final = Verdict(
    422, "İstekte gönderilen bazı değerler doğrulanamadı", "some values are not valid; `errors` tells which"
)
SENDER_REFUSED: Final = Verdict(
    450, "Gönderilen başlık kullanıma uygun değil", "the sender is not approved for the account"
)
DUPLICATE: Final = Verdict(451, "Tekrar eden sipariş", "same texts to same recipients within ten minutes")
NO_RECIPIENT: Final = Verdict(452, "Mesaj alıcıları hatalı", "no usable recipient")
TOO_LARGE: Final = Verdict(453, "Sipariş boyutu aşıldı", "a text of more than 7 parts, or too many recipients")
NO_TEXT: Final = Verdict(454, "Mesaj metni boş", "a text is empty")
NO_SUCH_ORDER: Final = Verdict(455, "Sipariş bulunamadı", "no such order, or it can no longer be cancelled")
NOT_DUE: Final = Verdict(456, "Sipariş gönderim tarihi henüz gelmedi", "the order is scheduled for later")
BAD_SEND_DATE: Final = Verdict(457, "Mesaj gönderim tarihinin formatı hatalı", "sendDateTime is not dd/MM/yyyy HH:mm")
BAD_DATE_RANGE: Final = Verdict(458, "Tarih aralığı hatalı", "bad dates, or more than ten days")
NO_GROUP_NAME: Final = Verdict(461, "Grup adını boş bırakamazsınız.", "a group needs a name")
NO_GROUP_ID: Final = Verdict(
    462, "Grup id alanını boş bırakamazsınız.", "which group to change is missing, or not the account's"
)
NO_SUCH_GROUP: Final = Verdict(463, "Böyle bir grup bulunamadı.", "no such group")
BAD_PAGE: Final = Verdict(464, "Page değeri 1 den başlamalı.", "pages start at 1")
NO_SUCH_CONTACT: Final = Verdict(465, "Kişi bulunamadı.", "no such contact, or none at all")
BAD_NUMBER: Final = Verdict(466, "Hatalı numara.", "not a Turkish mobile number")
IYS_MISSING: Final = Verdict(
    468, "IYS üzerinden sorgulama yapılıp, yapılmayacağını ayarlamalısınız.", "iys must be 0 or 1"
)
IYS_LIST_MISSING: Final = Verdict(
    469, "IYS listenizi seçmelisiniz, BIREYSEL veya TACIR.", "iys = 1 needs iysList BIREYSEL or TACIR"
)
IYS_CODE_MISSING: Final = Verdict(470, "IYS kodunuzu ayarlamalısınız.", "the account has no consent registry code")
SEARCH_TOO_SHORT: Final = Verdict(471, "Arama terimi en az 3 karakter olmalıdır", "a search needs three characters")
EMPTY_CONTACT: Final = Verdict(
    472,
    "Ad, soyad, cep telefonu, email alanlarından en az biri dolu olmalıdır.",
    "a contact needs a name, a number or an address",
)
NO_SUCH_FIELD: Final = Verdict(473, "Özel alan bulunamadı.", "no such custom field")
NOT_LIFTABLE: Final = Verdict(474, "Bu numara üzerindeki engelleme kaldırılamaz", "the number is not on the blacklist")
UNAVAILABLE: Final = Verdict(503, "Sunucu geçici olarak servis dışı", "out of service for a moment; try again")

CATALOGUE: Final[tuple[Verdict, ...]] = (
    OK,
    UNREADABLE,
    UNAUTHORIZED,
    NO_CREDIT,
    NO_SUBSCRIPTION,
    NO_SUCH_METHOD,
    INVALID_VALUES,
    INVALID_FIELDS,
    SENDER_REFUSED,
    DUPLICATE,
    NO_RECIPIENT,
    TOO_LARGE,
    NO_TEXT,
    NO_SUCH_ORDER,
    NOT_DUE,
    BAD_SEND_DATE,
    BAD_DATE_RANGE,
    NO_GROUP_NAME,
    NO_GROUP_ID,
    NO_SUCH_GROUP,
    BAD_PAGE,
    NO_SUCH_CONTACT,
    BAD_NUMBER,
    IYS_MISSING,
    IYS_LIST_MISSING,
    IYS_CODE_MISSING,
    SEARCH_TOO_SHORT,
    EMPTY_CONTACT,
    NO_SUCH_FIELD,
    NOT_LIFTABLE,
    UNAVAILABLE,
)


class Refused(Exception):  # noqa: N818 - it is a refusal with a documented code, not an error of ours
    """A request that gets its documented code and changes nothing."""

    def __init__(
        self, verdict: Verdict, *, errors: Mapping[str, str] | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{verdict.code} {verdict.english}")
        self.verdict = verdict
        self.errors = errors
        """What is wrong with which field, in Turkish, for people; only beside INVALID_FIELDS."""
        self.retry_after_s = retry_after_s
        """Seconds after which the same request may pass."""
