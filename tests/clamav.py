"""The real clamd of ClamAV on this machine, with signatures of our own: none can be fetched in tests."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.smtp import free_port
from tests.thorough import IS_THOROUGH

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/bin")
MALWARE = b"This text is malware in the tests."
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURES = {"Tracker.Test": MALWARE, "Eicar.Test": EICAR}
READY = "Self checking every"  # the last line before clamd accepts


class Clamd:
    """`stop` ends it, `start` starts it again; while it is `hanging` it accepts and never replies."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.socket = str(folder / "clamd.socket")
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        database = folder / "database"
        database.mkdir()
        lines = [f"{name}:0:*:{content.hex()}" for name, content in SIGNATURES.items()]
        (database / "ours.ndb").write_text("\n".join(lines) + "\n")
        settings = {
            "LocalSocket": self.socket,
            "TCPSocket": self.port,
            "TCPAddr": "127.0.0.1",
            "DatabaseDirectory": database,
            "Foreground": "yes",
            "StreamMaxLength": "2M",
        }
        (folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def start(self) -> None:
        command = [str(CLAMD), "--config-file", str(self.folder / "clamd.conf")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        assert any(READY in line for line in self.process.stdout), "clamd did not start"

    def stop(self) -> None:
        if self.process and self.process.stdout:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()


@pytest.fixture(scope="module")
def started_clamd(tmp_path_factory) -> Iterator[Clamd]:
    """ClamAV. Tests are skipped where there is none, but not in CI."""
    if CLAMD is None and not IS_THOROUGH:
        pytest.skip("no ClamAV on this machine")
    clamd = Clamd(tmp_path_factory.mktemp("clamav"))
    clamd.start()
    yield clamd
    clamd.stop()


@pytest.fixture
def clamd(started_clamd, settings) -> Clamd:
    settings.CLAMAV_SOCKET = started_clamd.socket
    return started_clamd
