"""Serve with gunicorn so that no slow client holds a thread.

A request goes to a thread when its head has arrived, and a body of up to `LIMIT` too. A larger body is read by the
thread, after the site has checked who sends it. What a client does not receive at once waits in a file.
"""

import re
import resource
import selectors
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gunicorn import glogging
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from tracker.web.logs import LineFormat

LIMIT = 100 * 1024  # bytes of a body; as in large_bodies.py
HEAD_LIMIT = 64 * 1024  # bytes of all headers
PIECE = 64 * 1024  # bytes
IN_MEMORY = 256 * 1024  # bytes of an answer that wait in memory; more are in a file
# A client has 30 seconds, and one more for each 1,000 bytes.
GRACE, SLOWEST = 30, 1000
OTHER_FILES = 200  # that a worker may have open, such as connections to the database and uploads
LINGER = 2  # seconds in which a client may close after the answer, so that the answer is not cut off

# With more digits a body is large, and int() refuses thousands of them.
CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*0*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
IN_PIECES = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)


class Logger(glogging.Logger):
    """Write the server's own messages, and its access log, in the form of the site."""

    def _set_handler(self, log: Any, output: str | None, fmt: Any, stream: Any = None) -> None:
        super()._set_handler(log, output, LineFormat(), stream)


class Outbox:
    """A socket that never waits until the client receives."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.waiting = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed with the connection
        self.sent = self.written = 0  # of `waiting`

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    @property
    def is_empty(self) -> bool:
        return self.sent == self.written

    def sendall(self, data: bytes) -> None:
        self.waiting.seek(self.written)
        self.written += self.waiting.write(data)
        self.flush()

    def flush(self) -> int:
        """Send what the client receives at once; return the number of bytes."""
        before = self.sent
        self.waiting.seek(self.sent)
        try:
            while piece := self.waiting.read(PIECE):
                count = self.sock.send(piece, socket.MSG_DONTWAIT)
                self.sent += count
                if count < len(piece):
                    break
        except BlockingIOError:
            pass
        flushed = self.sent - before
        if self.is_empty:
            self.waiting.seek(0)
            self.waiting.truncate()
            self.sent = self.written = 0
        return flushed

    def close(self) -> None:
        self.waiting.close()
        self.sock.close()


class Worker(ThreadWorker):
    """gunicorn's worker with threads; the main thread receives and sends what is slow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadlines: dict[TConn, float] = {}  # of connections that the main thread waits for
        self.worker_connections: int = min(self.cfg.worker_connections, most_connections())

    def enqueue_req(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.arrived = bytearray()
        self._wait(conn, selectors.EVENT_READ, partial(self._receive, conn, time.monotonic()))

    def _receive(self, conn: TConn, began: float, _socket: Any) -> None:
        try:
            piece = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        conn.arrived += piece
        if not piece or (b"\r\n\r\n" not in conn.arrived and len(conn.arrived) > HEAD_LIMIT):
            self._close(conn)
        elif is_ready(conn.arrived):
            self._stop_waiting(conn)
            conn.parser = get_parser(self.cfg, _read(conn.sock, bytes(conn.arrived)), conn.client)
            conn.initialized = True
            conn.sock = Outbox(conn.sock)
            super().enqueue_req(conn)
        else:
            self.deadlines[conn] = _deadline(began, len(conn.arrived))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Send the rest of the answer, unless the request failed without one."""
        if fs.cancelled() or fs.exception() or conn.sock.is_empty:
            self._linger(conn)
        else:
            self._wait(conn, selectors.EVENT_WRITE, partial(self._send, conn, [time.monotonic(), 0]))

    def _send(self, conn: TConn, progress: list, _socket: Any) -> None:
        try:
            progress[1] += conn.sock.flush()
        except OSError:
            self._close(conn)
            return
        self.deadlines[conn] = _deadline(*progress)
        if conn.sock.is_empty:
            self._stop_waiting(conn)
            self._linger(conn)

    def _linger(self, conn: TConn) -> None:
        """Let the client close first: unread bytes of a refused body would else cut off the answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            self.nr_conns -= 1
            return
        self._wait(conn, selectors.EVENT_READ, partial(self._drain, conn, [LIMIT]))
        self.deadlines[conn] = time.monotonic() + LINGER

    def _drain(self, conn: TConn, left: list, _socket: Any) -> None:
        try:
            count = len(conn.sock.recv(PIECE))
        except BlockingIOError:
            return
        except OSError:
            count = 0
        left[0] -= count
        if not count or left[0] < 0:
            self._close(conn)

    def murder_pending(self) -> None:
        """Close the connections whose time is over."""
        now = time.monotonic()
        for conn in [conn for conn, deadline in self.deadlines.items() if deadline < now]:
            self._close(conn)

    def _wait(self, conn: TConn, event: int, callback: Callable) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock.fileno(), event, callback)
        self.deadlines[conn] = _deadline(time.monotonic(), 0)

    def _stop_waiting(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock.fileno())
        del self.deadlines[conn]

    def _close(self, conn: TConn) -> None:
        self._stop_waiting(conn)
        conn.close()
        self.nr_conns -= 1


def most_connections() -> int:
    """Return for how many connections there are open files: accept() ends the worker where there is none left.

    A connection needs one more for an answer that waits.
    """
    limit, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if limit == resource.RLIM_INFINITY else max((limit - OTHER_FILES) // 2, 1)


def is_ready(arrived: bytes | bytearray) -> bool:
    """Return whether a thread need not wait: the head is whole, and the body too unless it is large."""
    head, found, body = arrived.partition(b"\r\n\r\n")
    if not found:
        return False
    length = CONTENT_LENGTH.search(head)
    return not length or bool(IN_PIECES.search(head)) or not len(body) < int(length[1]) <= LIMIT


def _read(sock: socket.socket, arrived: bytes) -> Iterator[bytes]:
    """Yield the request as it arrives; raise TimeoutError where it is too slow."""
    yield arrived
    began, count = time.monotonic(), 0
    while True:
        sock.settimeout(max(_deadline(began, count) - time.monotonic(), 0.001))
        try:
            piece = sock.recv(PIECE)
        finally:
            sock.setblocking(True)
        count += len(piece)
        yield piece


def _deadline(began: float, count: int) -> float:
    return began + GRACE + count / SLOWEST
