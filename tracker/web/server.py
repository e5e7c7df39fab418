"""Serve with gunicorn so that no slow client holds a thread.

A request goes to a thread when its head has arrived, and a body of up to `LIMIT` too. A larger body is read by the
thread, after the site has checked who sends it. What a client does not receive at once waits in a file.

Pages have `threads` threads. What waits for a sender or for a file that is made has others, and so has a page that
arrives while those threads are busy.
"""

import re
import resource
import selectors
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn import glogging
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from tracker.web.logs import LineFormat
from tracker.web.process import call_with_room

LIMIT = 100 * 1024  # bytes of a body; as in large_bodies.py
HEAD_LIMIT = 64 * 1024  # bytes of all headers
PIECE = 64 * 1024  # bytes
IN_MEMORY = 256 * 1024  # bytes of an answer that wait in memory; more are in a file
# A client has 30 seconds, and one more for each 1,000 bytes.
GRACE, SLOWEST = 30, 1000
OTHER_FILES = 200  # that a worker may have open, such as connections to the database and uploads
SLOW_THREADS = 16  # of a worker, for what takes long; started when they are needed
LONG = 1  # seconds for which a page may keep others waiting
LINGER = 2  # seconds in which a client may close after the answer, so that the answer is not cut off

CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*0*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# int() refuses thousands of digits.
NO_LENGTH = re.compile(rb"^(transfer-encoding:|content-length:[ \t]*0*[1-9]\d{9})", re.IGNORECASE | re.MULTILINE)
FILE = re.compile(rb"\S+ [^ ?]*\.\w+[ ?]")  # an address such as /desk/XAA/report.pdf


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
        self.pages: dict[Future, float] = {}  # in work, with the time of their beginning

    def init_process(self) -> None:
        self.slow_threads = ThreadPoolExecutor(SLOW_THREADS)
        super().init_process()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Leave new connections to other workers while all threads are busy, but not for long."""
        is_free = self._has_free_thread() or min(self.pages.values()) < time.monotonic() - LONG
        super().set_accept_enabled(enabled and is_free)

    def enqueue_req(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.arrived = bytearray()
        receive = partial(self._receive, conn, time.monotonic())
        self._wait(conn, selectors.EVENT_READ, receive)
        receive(conn.sock)  # most requests are there: a thread begins before the next connection is accepted

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
            self._start(conn, is_slow=takes_long(conn.arrived) or not self._has_free_thread())
        else:
            self.deadlines[conn] = _deadline(began, len(conn.arrived))

    def _start(self, conn: TConn, is_slow: bool) -> None:
        future = (self.slow_threads if is_slow else self.tpool).submit(self.handle, conn)
        if not is_slow:
            self.pages[future] = time.monotonic()
            self.set_accept_enabled(self._accepting)
        future.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def handle(self, conn: TConn) -> Any:
        return call_with_room(super().handle, conn)

    def _has_free_thread(self) -> bool:
        return len(self.pages) < self.cfg.threads

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Send the rest of the answer, unless the request failed without one."""
        self.pages.pop(fs, None)
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
    return _is_large(head) or len(body) >= _length(head)


def takes_long(arrived: bytes | bytearray) -> bool:
    """Return whether the request waits for its sender, or perhaps for a child process that makes a file."""
    return _is_large(arrived.partition(b"\r\n\r\n")[0]) or bool(FILE.match(arrived))


def _is_large(head: bytes | bytearray) -> bool:
    return bool(NO_LENGTH.search(head)) or _length(head) > LIMIT


def _length(head: bytes | bytearray) -> int:
    found = CONTENT_LENGTH.search(head)
    return int(found[1]) if found else 0


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
