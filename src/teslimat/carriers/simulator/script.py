"""What a simulator is told to do."""

import msgspec

from teslimat.carriers.simulator.outcomes import Outcomes
from teslimat.carriers.simulator.receipts import IdForm, ReceiptForm


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """The behaviour of a simulator. Durations are in seconds. Raises ValueError on a value that makes no sense."""

    seed: int = 0
    """Everything that looks random follows from it."""
    undelivered: float = 0.0
    """The share of ordinary numbers whose messages fail, from 0 to 1."""
    shares: dict[str, float] = {}
    """More outcomes by name, and the share of ordinary numbers that have each."""
    delay: float = 0.0
    """From the submit_sm to the first receipt."""
    jitter: float = 0.0
    """A receipt comes later still by up to this."""
    late: float = 2.0
    """What "late" means in the table of outcomes."""
    answer_delay: float = 0.0
    """From a submit_sm to its answer."""
    reorder: bool = False
    """Answers to one read, and receipts that are due together, go out in any order."""
    disconnect_every: int = 0
    """Every so many messages taken, the connection is closed instead of an answer; 0: never."""
    answer_ids: IdForm = IdForm.DECIMAL
    receipt_ids: IdForm = IdForm.DECIMAL
    receipt_form: ReceiptForm = ReceiptForm.BOTH
    receipt_window: int = 500
    """How many receipts one connection may have unacknowledged."""
    acknowledge_within: float = 60.0
    """A receipt without an answer for so long is sent again."""
    system_id: str = ""
    """Who may bind; empty: anybody."""
    password: str = ""
    """With which password; empty: with any."""
    keep_texts: int = 0
    """How many of the last messages can be read afterwards."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense now rather than at the first message."""
        for name in ("delay", "jitter", "late", "answer_delay", "disconnect_every", "keep_texts"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.receipt_window < 1 or self.acknowledge_within <= 0:
            raise ValueError("receipt_window and acknowledge_within must be above 0")
        self.outcomes()

    def outcomes(self) -> Outcomes:
        """What becomes of each number under this script."""
        return Outcomes(self.seed, self.undelivered, self.shares)
