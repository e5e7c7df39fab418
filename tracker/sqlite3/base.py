"""Let the writers of an SQLite database wait in a queue.

SQLite lets one transaction write at a time. One that has to wait only tries again after ever longer pauses, while
others that came later go first. Here the threads of a process take turns, and one of them at a time competes with the
other processes, after short pauses (docs/decisions/0005-two-databases.md).
"""

import fcntl
import os
import threading
import time
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base, features
from django.db.utils import OperationalError

PAUSE = 0.001  # seconds, before the lock of another process is tried again

_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # by file of the database


class DatabaseFeatures(features.DatabaseFeatures):
    # Django would try it in a transaction. It takes a lock for a lack, and remembers it while the thread lives.
    supports_json_field = True


class DatabaseWrapper(base.DatabaseWrapper):
    """Hold a lock of this process, and one on the file `NAME-queue`, while a transaction is open."""

    features_class = DatabaseFeatures
    _turn: threading.Lock | None = None  # while this connection has it
    _queue: int | None = None  # descriptor of the file
    _opened: tuple[int, int] | None = None  # the database file

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        self._opened = _identify(self.settings_dict["NAME"])
        return connection

    def is_usable(self) -> bool:
        """Return whether the file is still the one that was opened: a backup may have been put in its place."""
        return _identify(self.settings_dict["NAME"]) == self._opened

    def _start_transaction_under_autocommit(self) -> None:
        if self.is_in_memory_db():
            return super()._start_transaction_under_autocommit()
        timeout = self.settings_dict["OPTIONS"]["timeout"]
        try:
            self._set_patience(self._take_turn(timeout))  # for writers that are not in the queue, as another program
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise
        finally:
            self._set_patience(timeout)

    def _commit(self) -> None:
        super()._commit()
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._end_turn()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _set_patience(self, seconds: float) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")

    def _take_turn(self, timeout: float) -> float:
        """Wait as long as SQLite would, and raise the same error; return the seconds that are left."""
        name, until = str(self.settings_dict["NAME"]), time.monotonic() + timeout
        turn = _turns[name]
        if not turn.acquire(timeout=timeout):
            raise OperationalError("database is locked")
        self._turn = turn
        if self._queue is None:
            self._queue = os.open(f"{name}-queue", os.O_RDWR | os.O_CREAT, 0o600)
        while not _lock(self._queue):
            if time.monotonic() > until:
                raise OperationalError("database is locked")
            time.sleep(PAUSE)
        return max(0, until - time.monotonic())

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn:
            if self._queue is not None:
                fcntl.flock(self._queue, fcntl.LOCK_UN)
            turn.release()


def _identify(name: str) -> tuple[int, int] | None:
    """Return what two files never share; None where there is no file."""
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
