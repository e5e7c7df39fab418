"""From which network address the present request came, for the audit trail; none in a command."""

from contextvars import ContextVar

address: ContextVar[str] = ContextVar("address", default="")
