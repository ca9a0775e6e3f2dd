"""Public fakes, for our tests and for those of people who extend Plumbline. docs/testing.md shows their use."""

from agent.testing import faults
from agent.testing.chat_model import ModelCall, ScriptedChatModel
from agent.testing.clock import FakeClock
from agent.testing.engine import ScriptedEngine
from agent.testing.faults import Fault, Silence
from agent.testing.replies import Reply, ToolCall
from agent.testing.request import ModelRequest, SentMessage
from agent.testing.server import ModelServer

__all__ = [
    "FakeClock",
    "Fault",
    "ModelCall",
    "ModelRequest",
    "ModelServer",
    "Reply",
    "ScriptedChatModel",
    "ScriptedEngine",
    "SentMessage",
    "Silence",
    "ToolCall",
    "faults",
]
