"""Logs and metrics, set up once. What stands for a person or a secret never reaches either."""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

SECRET_NAMES: Final = frozenset({"hash", "secret", "password", "text", "body", "number", "to", "key"})
_NUMBER: Final = re.compile(r"\+?\d{10,15}")


def redact(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Mask whatever could be a phone number, and drop what is named like a secret."""
    for name, value in event.items():
        if name.startswith("_"):
            continue  # structlog's own, taken out before anything is written
        if name in SECRET_NAMES:
            event[name] = "[redacted]"
        elif name != "order_id" and not isinstance(value, bool | None) and _NUMBER.search(shown := str(value)):
            event[name] = _NUMBER.sub(_masked, shown)
    return event


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    return f"{number[:-7]}*****{number[-2:]}"


def set_up_logging(level: str) -> None:
    """Log JSON lines to standard error, ours and those of libraries alike."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in ("uvicorn", "yoyo"):
        # What these tell of their own starting and stopping is nothing that an operator can use.
        logging.getLogger(library).setLevel(logging.WARNING)


class Metrics:
    """What the gateway counts, under the names that Prometheus reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"teslimat_{name}", meaning, labels, registry=self.registry)

        self.recipients = counter("recipients", "Recipients that reached a final state.", "state")
        self.receipts = counter(
            "receipts_without_effect", "Receipts that changed nothing: duplicate, contradicting, late, orphan.", "kind"
        )
        self.uncertain = counter("uncertain", "Uncertain messages that their order's policy decided.")
        self.requeued = counter("requeued", "Messages put back to be sent again.")

    def page(self, families: Sequence[Metric]) -> bytes:
        """Write all of it for Prometheus, and these families with it."""
        return generate_latest(self.registry) + generate_latest(_Collected(families))


class _Collected:
    """Figures that are read when asked for."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def request_figures(answered: Mapping[tuple[str, int], int]) -> Metric:
    """Requests of the v1 API, from how many of each address and code there were."""
    labels = ["address", "code"]
    requests = CounterMetricFamily("teslimat_requests", "Requests of the API by address and code.", labels=labels)
    for (address, code), count in sorted(answered.items()):
        requests.add_metric([address, str(code)], count)
    return requests


def webhook_figures(*, delivered: int, failed: int, untold: int, parked: int, circuits_open: int) -> list[Metric]:
    """Write the figures of webhooks under the names that Prometheus reads."""
    attempts = CounterMetricFamily("teslimat_webhook_attempts", "POSTs to webhooks by outcome.", labels=["outcome"])
    attempts.add_metric(["delivered"], delivered)
    attempts.add_metric(["failed"], failed)
    return [
        attempts,
        GaugeMetricFamily("teslimat_webhook_untold", "Events that wait to be told.", value=untold),
        GaugeMetricFamily("teslimat_webhook_parked", "Events that wait to be asked for.", value=parked),
        GaugeMetricFamily("teslimat_webhook_circuits_open", "Targets that are only probed.", value=circuits_open),
    ]
