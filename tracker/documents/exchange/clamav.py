"""Have ClamAV scan bytes, by the protocol of its service clamd. Every step has an end in time."""

import re
import socket
import struct
import time
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import Warning as CheckWarning

REPLY_LIMIT = 1000  # bytes
REPLY = re.compile(r"stream: (?:OK|(?P<found>.+) FOUND)")
INCOMPLETE = "Heuristics.Limits.Exceeded"


class NotScannedError(Exception):
    """ClamAV does not respond, or cannot scan the file."""


def find_malware(pieces: Iterable[bytes], seconds: float) -> str:
    """Return the name of what was found in the bytes, or an empty text. Raise NotScannedError after `seconds`."""
    until = time.monotonic() + seconds
    try:
        with _connect(until) as clamd:
            _send(clamd, b"zINSTREAM\0", until)
            for piece in pieces:
                _send(clamd, struct.pack("!L", len(piece)) + piece, until)
            _send(clamd, struct.pack("!L", 0), until)
            reply = _receive(clamd, until)
    except (OSError, ValueError) as error:  # ValueError: an address without a port
        raise NotScannedError from error
    match = REPLY.fullmatch(reply)
    if match is None or (match["found"] or "").startswith(INCOMPLETE):
        raise NotScannedError(reply)
    return match["found"] or ""


def responds(seconds: float) -> bool:
    try:
        find_malware([], seconds)
    except NotScannedError:
        return False
    return True


def _connect(until: float) -> socket.socket:
    address = settings.CLAMAV_SOCKET
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), _left(until))
    clamd = socket.socket(socket.AF_UNIX)
    try:
        clamd.settimeout(_left(until))
        clamd.connect(address)
    except OSError:
        clamd.close()
        raise
    return clamd


def _send(clamd: socket.socket, content: bytes, until: float) -> None:
    clamd.settimeout(_left(until))
    clamd.sendall(content)


def _receive(clamd: socket.socket, until: float) -> str:
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < REPLY_LIMIT:
        clamd.settimeout(_left(until))
        received = clamd.recv(REPLY_LIMIT)
        if not received:
            break
        reply += received
    return reply.rstrip(b"\0").decode("ascii", "replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def check_clamav_socket(**kwargs: object) -> list[CheckWarning]:
    """Warn, as a check of Django for deployment, where no file is scanned."""
    if settings.CLAMAV_SOCKET:
        return []
    return [
        CheckWarning(
            "CLAMAV_SOCKET is empty: uploaded files are not scanned for malware.",
            hint="Install ClamAV and set CLAMAV_SOCKET to the socket of clamd.",
            id="tracker.W001",
        )
    ]
