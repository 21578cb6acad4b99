"""How rows ask, and what they expect: small builders, all of them data."""

import random

from teslimat.flows.accounts import Credentials, new_credentials
from tests.conformance.facts import Answer, Call
from tests.conformance.writing import Tree

WHO: Credentials = new_credentials(random.Random(1).randbytes)
"""What the first account of every new house may show: its randomness is the same each time."""

AUTH: Tree = {"key": WHO.key, "hash": WHO.hash}

PHONE, OTHER, THIRD = "5301234567", "5321234567", "5051234567"
SHOWN, OTHER_SHOWN, THIRD_SHOWN = "+905301234567", "+905321234567", "+905051234567"

FIRST, SECOND = 300_000_000, 300_000_001
"""The ids of the first two orders of a new gateway."""

NOW, TODAY = "2026-09-21 17:13:20", "2026-09-21"
"""When everything happens, in Turkey."""

TOMORROW, TOMORROW_SHOWN = "22/09/2026 09:00", "2026-09-22 09:00:00"

MESSAGES = {
    200: "İşlem başarılı",
    400: "İstek çözümlenemedi",
    401: "Üyelik bilgileri hatalı",
    402: "Bakiye yetersiz",
    403: "Aktif abonelik bulunamadı",
    404: "API istek yapılan yönteme sahip değil",
    422: "İstek içerisindeki değerler doğrulanamadı.",
    450: "Gönderilen başlık kullanıma uygun değil",
    451: "Tekrar eden sipariş",
    452: "Mesaj alıcıları hatalı",
    453: "Sipariş boyutu aşıldı",
    454: "Mesaj metni boş",
    455: "Sipariş bulunamadı",
    456: "Sipariş gönderim tarihi henüz gelmedi",
    457: "Mesaj gönderim tarihinin formatı hatalı",
    458: "Tarih aralığı hatalı",
    461: "Grup adını boş bırakamazsınız.",
    462: "Grup id alanını boş bırakamazsınız.",
    463: "Böyle bir grup bulunamadı.",
    464: "Page değeri 1 den başlamalı.",
    465: "Kişi bulunamadı.",
    466: "Hatalı numara.",
    468: "IYS üzerinden sorgulama yapılıp, yapılmayacağını ayarlamalısınız.",
    469: "IYS listenizi seçmelisiniz, BIREYSEL veya TACIR.",
    470: "IYS kodunuzu ayarlamalısınız.",
    471: "Arama terimi en az 3 karakter olmalıdır",
    472: "Ad, soyad, cep telefonu, email alanlarından en az biri dolu olmalıdır.",
    473: "Özel alan bulunamadı.",
    474: "Bu numara üzerindeki engelleme kaldırılamaz",
    503: "Sunucu geçici olarak servis dışı",
}
"""What stands beside each code on the wire."""

_SOME_FIELDS_WRONG = "İstekte gönderilen bazı değerler doğrulanamadı"


def ask(endpoint: str, *, authentication: object = AUTH, **request: object) -> Call:
    """A request to any endpoint."""
    return Call(endpoint, {"authentication": authentication, **request})


def send(*numbers: object, text: object = "Merhaba", authentication: object = AUTH, **order: object) -> Call:
    """An order with one text, to one number unless told otherwise."""
    message = {"text": text, "receipents": {"number": list(numbers) or [PHONE]}}
    return ask(
        "send-sms", authentication=authentication, order={"sender": "ACME", "iys": "0", "message": message, **order}
    )


def send_messages(*messages: Tree, **order: object) -> Call:
    """An order with several texts."""
    return ask("send-sms", order={"sender": "ACME", "iys": "0", "message": list(messages), **order})


def message(text: object, *numbers: object) -> Tree:
    """One text and its recipients."""
    return {"text": text, "receipents": {"number": list(numbers)}}


def report(order_id: object = FIRST, **order: object) -> Call:
    """A page of a report."""
    return ask("get-report", order={"id": order_id, **order})


def listing(start: object = TODAY, end: object = TODAY, **more: object) -> Call:
    """Some orders; what is given more goes into the filter."""
    return ask("get-reports", filter={"start": start, "end": end, **more})


def cancel(order_id: object = FIRST) -> Call:
    """Cancel an order."""
    return ask("cancel-order", order={"id": order_id})


def balance() -> Call:
    """What is left."""
    return ask("get-balance")


def ok(**payload: object) -> Answer:
    """Success, with what follows the status."""
    return Answer(200, payload)


def refused(code: int, **headers: str) -> Answer:
    """A refusal: the status and nothing else."""
    return Answer(code, {}, headers={name.replace("_", "-"): value for name, value in headers.items()})


def wrong_fields(**errors: str) -> Answer:
    """The refusal that tells which fields are wrong."""
    return Answer(422, {"errors": errors})


def accepted(order_id: int = FIRST) -> Answer:
    """An order was accepted."""
    return ok(order={"id": str(order_id)})


def credits_left(count: int) -> Answer:
    """What an account in credits has left."""
    return ok(balance={"amount": 0, "sms": count})


def rows(*shown: tuple[object, int]) -> list[Tree]:
    """The recipients of a report."""
    return [{"number": number, "status": status} for number, status in shown]


def reported(*shown: tuple[object, int], order_id: object = str(FIRST), **fields: object) -> Answer:
    """A whole report: the counters are those of its rows unless they are given."""
    statuses = [status for _, status in shown]
    waiting, delivered, undelivered = (statuses.count(status) for status in (110, 111, 112))
    order: Tree = {
        "id": order_id,
        "status": 113 if waiting else 114,
        "total": len(shown),
        "delivered": delivered,
        "undelivered": undelivered,
        "waiting": waiting,
        "submitAt": NOW,
        "sendAt": NOW,
        "sender": "ACME",
        "price": waiting + delivered,
    }
    return ok(order={**order, **fields, "message": rows(*shown)})


def body_of(answer: Answer) -> Tree:
    """The answer as a tree."""
    text = _SOME_FIELDS_WRONG if "errors" in answer.payload else MESSAGES[answer.code]
    return {"response": {"status": {"code": answer.code, "message": text}, **answer.payload}}
