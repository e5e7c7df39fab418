"""Writers of SQLite wait in a queue: a lock of the process and a file, while a transaction is open."""

import fcntl
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from tracker.models import RequestCount

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a queue of SQLite"),
]


@pytest.fixture
def queue():
    """The file, as another process opens it."""
    file = os.open(f"{connection.settings_dict['NAME']}-queue", os.O_RDWR | os.O_CREAT, 0o600)
    yield file
    os.close(file)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0)


def is_free(queue) -> bool:
    try:
        fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(queue, fcntl.LOCK_UN)
    return True


def write() -> None:
    try:
        RequestCount.objects.add_request("key", 1)
    finally:
        connection.close()


def test_a_transaction_has_its_turn_until_it_ends(queue):
    with transaction.atomic():
        assert not is_free(queue)
        with transaction.atomic():
            pass
        assert not is_free(queue)
    assert is_free(queue)


def test_a_transaction_that_fails_ends_its_turn(queue):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert not is_free(queue)
        raise ZeroDivisionError
    assert is_free(queue)


def test_a_connection_that_is_closed_ends_its_turn(queue):
    with transaction.atomic():
        connection.close()
        assert is_free(queue)


def test_reading_waits_for_nobody(queue):
    fcntl.flock(queue, fcntl.LOCK_EX)
    assert RequestCount.objects.count() == 0


def test_a_lock_is_not_taken_for_a_lack_of_json(queue, impatient):
    """A thread that began while the lock was held would answer 500 for ever."""
    fcntl.flock(queue, fcntl.LOCK_EX)
    assert type(connection.features)(connection).supports_json_field


def test_a_writer_waits_for_another_process_as_long_as_sqlite_would(queue, impatient):
    fcntl.flock(queue, fcntl.LOCK_EX)
    with pytest.raises(OperationalError, match="database is locked"):
        write()
    fcntl.flock(queue, fcntl.LOCK_UN)
    write()
    assert RequestCount.objects.get().count == 1


def test_a_writer_waits_for_another_thread_as_long_as_sqlite_would(impatient):
    with ThreadPoolExecutor(1) as pool, transaction.atomic(), pytest.raises(OperationalError, match="is locked"):
        pool.submit(write).result()
    write()
    assert RequestCount.objects.get().count == 1


def test_a_writer_goes_on_when_another_process_has_ended(queue):
    fcntl.flock(queue, fcntl.LOCK_EX)
    writer = threading.Thread(target=write)
    writer.start()
    assert RequestCount.objects.count() == 0
    fcntl.flock(queue, fcntl.LOCK_UN)
    writer.join()
    assert RequestCount.objects.get().count == 1


def test_a_connection_to_a_file_that_was_replaced_is_not_used(tmp_path):
    other = connection.copy()
    other.settings_dict["NAME"] = tmp_path / "db.sqlite3"
    other.ensure_connection()
    assert other.is_usable()
    (tmp_path / "backup").write_bytes((tmp_path / "db.sqlite3").read_bytes())
    (tmp_path / "backup").replace(tmp_path / "db.sqlite3")
    assert not other.is_usable()
    other.close()


def test_of_many_writers_none_is_lost():
    with ThreadPoolExecutor(8) as pool:
        assert [job.result() for job in [pool.submit(write) for _number in range(40)]] == [None] * 40
    assert RequestCount.objects.get().count == 40
