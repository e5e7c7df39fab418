"""Keep the network address of the current request for the audit trail; empty in a command."""

from contextvars import ContextVar

address: ContextVar[str] = ContextVar("address", default="")
