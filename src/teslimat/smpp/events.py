"""What a session tells its owner. A received message is an event too: :class:`teslimat.smpp.pdus.Message`."""

from enum import Enum
from typing import Generic, NamedTuple

from teslimat.smpp.pdus import Message
from teslimat.smpp.window import Context


class CloseReason(Enum):
    """Why a session cannot go on."""

    PROTOCOL_ERROR = "protocol error"
    BIND_TIMEOUT = "bind timed out"
    ENQUIRE_LINK_TIMEOUT = "the peer fell silent"
    INACTIVITY = "no messages"
    UNBIND_TIMEOUT = "unbind timed out"


class Answered(NamedTuple, Generic[Context]):
    """First fate of a request: the peer answered.

    ``status`` 0 is success; other values are in :mod:`teslimat.smpp.status` or the carrier's own.
    ``message_id`` is verbatim, empty if the peer gave none. ``late``: the request was reported as timed out before.
    """

    context: Context
    status: int
    message_id: str
    late: bool


class TimedOut(NamedTuple, Generic[Context]):
    """Second fate: no answer in time. The peer may have taken the message; an answer may still come, late."""

    context: Context


class FailedToSend(NamedTuple, Generic[Context]):
    """Third fate: the session ended and the octets of the request were never handed out to be sent."""

    context: Context


class Lost(NamedTuple, Generic[Context]):
    """Fourth fate: the session ended before an answer. The peer may have taken the message."""

    context: Context


class Bound(NamedTuple):
    """The bind succeeded. ``system_id`` is the peer's; ``command`` the bind command that was granted."""

    command: int
    system_id: str
    interface_version: int | None


class BindRefused(NamedTuple):
    """The bind was refused: by the peer (an ESME then closes), or by us."""

    system_id: str
    status: int


class Unbound(NamedTuple):
    """The peer answered our unbind. Close the connection."""


class PeerUnbinding(NamedTuple):
    """The peer asked to unbind; the answer is ready to be sent. Send it and close the connection."""


class EnquireLinkAnswered(NamedTuple):
    """The peer is there. ``round_trip`` is in seconds."""

    round_trip: float


class NackReceived(NamedTuple):
    """A generic_nack that belongs to no open request."""

    status: int
    sequence: int


class StrayAnswer(NamedTuple):
    """The answer to a message that we do not know, or no longer."""

    status: int
    sequence: int
    message_id: str


class Refused(NamedTuple):
    """A PDU of the peer that was answered with an error; ``status`` is what we said."""

    command: int
    sequence: int
    status: int
    english: str


class Ignored(NamedTuple):
    """A PDU of the peer that needs no answer and has no meaning here, such as outbind or a stray answer."""

    command: int
    status: int
    sequence: int


class MustClose(NamedTuple):
    """The session cannot go on. Send what is left to send and close the connection."""

    reason: CloseReason
    english: str


Event = (
    Answered[Context]
    | Message
    | TimedOut[Context]
    | FailedToSend[Context]
    | Lost[Context]
    | Bound
    | BindRefused
    | Unbound
    | PeerUnbinding
    | EnquireLinkAnswered
    | NackReceived
    | StrayAnswer
    | Refused
    | Ignored
    | MustClose
)
