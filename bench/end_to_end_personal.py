"""From send-sms to every receipt settled: 200,000 messages, a different text for each."""

from bench.end_to_end import RECIPIENTS, measure
from bench.result import Result
from bench.rig import numbers, order_body, rig

WHOM = numbers(RECIPIENTS)


def run() -> Result:
    with rig() as gateway:
        figures = measure(gateway, _body)
    return Result("end_to_end_personal", figures["median"], "messages/s", "15,000", figures)


def _body(turn: int, order: int) -> bytes:
    return order_body([(f"Sayın {number[-7:]}, kodunuz {turn}{order}{number[-5:]}", [number]) for number in WHOM])
