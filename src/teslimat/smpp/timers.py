"""When a session must act although nothing arrived (SMPP 3.4 §7.2), as pure values.

No clock is read here: instants are monotonic seconds that the caller passes in.
"""

from enum import Enum
from typing import NamedTuple


class Timers(NamedTuple):
    """How long a session waits, in seconds. All are above 0."""

    bind: float = 10.0
    """From the connection to the bind's answer."""
    enquire_link: float = 30.0
    """Silence after which an enquire_link asks whether the peer is there."""
    enquire_link_answer: float = 10.0
    """Silence after that enquire_link which ends the session. Whatever the peer sends breaks it."""
    answer: float = 60.0
    """From a message to its answer; a later answer is still reported, as late."""
    unbind: float = 10.0
    """From our unbind to its answer."""
    inactivity: float | None = None
    """Without any message or answer to one, after which the session ends; None: it never does."""


class Phase(Enum):
    """How far a session is. It only moves forward."""

    OPEN = "open"
    """Connected, not bound."""
    BOUND = "bound"
    UNBINDING = "unbinding"
    """We asked to unbind and still receive."""
    CLOSED = "closed"
    """Over: nothing is read any more. What is left to send may be sent."""


class Alarm(Enum):
    """What is due."""

    BIND_TIMEOUT = "bind"
    ENQUIRE_LINK = "enquire_link"
    ENQUIRE_LINK_TIMEOUT = "enquire_link_answer"
    INACTIVITY = "inactivity"
    UNBIND_TIMEOUT = "unbind"


class Watch(NamedTuple):
    """What a session's alarms depend on."""

    timers: Timers
    phase: Phase
    entered_at: float
    """When the phase began."""
    heard_at: float
    """When the peer last sent anything."""
    message_at: float
    """When a message or its answer last passed."""
    enquired_at: float | None = None
    """When the enquire_link was sent that is not answered yet."""

    def enter(self, phase: Phase, now: float) -> "Watch":
        """The watch of the next phase."""
        return self._replace(phase=phase, entered_at=now, message_at=now, enquired_at=None)

    def next_alarm(self) -> tuple[float, Alarm] | None:
        """The alarm that comes first, and when; None once the session is over."""
        timers = self.timers
        if self.phase is Phase.OPEN:
            return self.entered_at + timers.bind, Alarm.BIND_TIMEOUT
        if self.phase is Phase.UNBINDING:
            return self.entered_at + timers.unbind, Alarm.UNBIND_TIMEOUT
        if self.phase is Phase.CLOSED:
            return None
        if self.enquired_at is None:
            link = (self.heard_at + timers.enquire_link, Alarm.ENQUIRE_LINK)
        else:
            link = (self.enquired_at + timers.enquire_link_answer, Alarm.ENQUIRE_LINK_TIMEOUT)
        if timers.inactivity is not None and self.message_at + timers.inactivity <= link[0]:
            return self.message_at + timers.inactivity, Alarm.INACTIVITY
        return link
