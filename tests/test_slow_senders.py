"""Slow connections do not stop gunicorn as shipped behind nginx with the shipped configuration."""

import contextlib
import http.client
import os
import re
import resource
import runpy
import select
import shutil
import socket
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tests.client import Client
from tests.database import database_url
from tests.smtp import free_port
from tests.thorough import IS_THOROUGH
from tracker.web import large_bodies

ROOT = Path(settings.BASE_DIR)
SLOW = 70
MANY = 3000
PATIENCE = 60  # seconds that another client waits at most
OTHERS_PATIENCE = 4  # while very many connections are held: the attack ends by itself after five seconds
HEAD = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
# What each of very many clients of nginx sends and holds.
SENT = {
    "half a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-",
    "half a header through TLS": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-",
    "nothing of TLS": b"",
    "half a greeting of TLS": b"\x16\x03\x01\x02\x00\x01",
}
NOT_VERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
NOT_VERIFIED.check_hostname, NOT_VERIFIED.verify_mode = False, ssl.CERT_NONE
# What a slow client sends before it pauses.
BEGINNINGS = {
    "nothing": "",
    "a part of its head": "GET / HTTP/1.1\r\nHost: localhost\r\nX-",
    "a part of a small body": HEAD + "Content-Length: 90000\r\n\r\nlogin=",
    "a part of a small body whose size begins with zeros": HEAD + "Content-Length: 0000090000\r\n\r\nlogin=",
    "a part of a large body": HEAD + "Content-Length: 26000000\r\n\r\nlogin=",
    "a part of a body in pieces": HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nlog",
    "a request for a page that it does not receive": "GET /recommendations/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture(scope="module")
def gunicorn(django_db_setup, tmp_path_factory):
    """Start gunicorn as docs/operate.md does, with one worker; give its port and the file of its access log."""
    with served(tmp_path_factory.mktemp("gunicorn")) as port_and_log:
        yield port_and_log


@contextlib.contextmanager
def served(folder):
    environment = {**os.environ, "DATABASE_URL": database_url(), "FILES_DIR": str(folder), "TRUSTED_PROXY_COUNT": "1"}
    log = folder / "access.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--graceful-timeout", "3", "--workers", "1"]
    process = subprocess.Popen(
        [*command, "--access-logfile", log], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        listening = next(line for line in process.stderr if "Listening at" in line)
        yield int(re.search(r"127\.0\.0\.1:(\d+)", listening)[1]), log
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def nginx_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nginx")


class Ports(NamedTuple):
    """The two ports of the shipped configuration, and one more without TLS."""

    http: int
    https: int
    plain: int


@pytest.fixture(scope="module")
def nginx_ports(gunicorn, nginx_folder):
    """Start nginx with deploy/nginx.conf as its whole configuration, before gunicorn."""
    if not (program := shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")):
        assert not IS_THOROUGH, "no nginx on this machine"
        pytest.skip("no nginx on this machine")
    ports = Ports(free_port(), free_port(), free_port())
    make_certificate(nginx_folder)
    paths = "".join(
        f"{name}_temp_path {nginx_folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    changes = {
        r"user www-data;": "user root;" if os.getuid() == 0 else "",
        r"/run/nginx\.pid": f"{nginx_folder}/pid",
        r"http \{": f"http {{ {paths}",
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{gunicorn[0]};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{ports.https} ssl; listen 127.0.0.1:{ports.plain};",
        r"listen 80;": f"listen 127.0.0.1:{ports.http};",
        r"/etc/ssl/tracker": str(nginx_folder),
        r"tracker\.example\.org": "localhost",
        r"/var/log/nginx": str(nginx_folder),
    }
    shipped = (ROOT / "deploy" / "nginx.conf").read_text()
    for pattern, value in changes.items():
        shipped, count = re.subn(pattern, value, shipped)
        assert count, pattern
    (nginx_folder / "nginx.conf").write_text(shipped)
    command = [program, "-c", nginx_folder / "nginx.conf", "-p", nginx_folder, "-e", nginx_folder / "error.log"]
    subprocess.run([*command, "-t"], check=True)
    subprocess.run(command, check=True)
    yield ports
    subprocess.run([*command, "-s", "stop"], check=True)


def make_certificate(folder: Path) -> None:
    """Write the two TLS files of the shipped configuration for localhost."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    today = timezone.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)


@pytest.fixture(scope="module")
def nginx(nginx_ports):
    """The port without TLS."""
    return nginx_ports.plain


def ask(port, path, **headers):
    return answer_of(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE), path, **headers)


def answer_of(connection, path, **headers):
    connection.request("GET", path, headers={"Host": "localhost", **headers})
    response = connection.getresponse()
    with contextlib.closing(connection):
        return response.status, response.read()


@contextlib.contextmanager
def slow_clients(port, beginning):
    with contextlib.ExitStack() as stack:
        for _number in range(SLOW):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(beginning.encode())
        yield


def open_many(port: int, sends: str, number: int = MANY) -> list[socket.socket]:
    """Return connections from one address. Each ends a TLS handshake if it `sends` half a header through TLS."""
    clients = []
    for _number in range(number):
        client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        if "through TLS" in sends:
            client = NOT_VERIFIED.wrap_socket(client)
        client.sendall(SENT[sends])
        clients.append(client)
    return clients


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"Cookie: sessionid={client.cookies['sessionid'].value}\r\n"


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_attack_seventy_slow_clients_of_nginx(nginx, beginning):
    with slow_clients(nginx, beginning):
        assert ask(nginx, "/accounts/login/")[0] == 200


@pytest.mark.parametrize("sends", SENT)
def test_attack_three_thousand_half_headers_on_each_port(nginx_ports, sends):
    """Thirteen others are answered at each port while one address holds 3,000 connections to each."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with contextlib.ExitStack() as stack:
        for port, sent in ((nginx_ports.http, "half a header"), (nginx_ports.https, sends)):
            for client in open_many(port, sent):
                stack.enter_context(client)
        other = {"timeout": OTHERS_PATIENCE, "source_address": ("127.0.0.2", 0)}
        for _number in range(13):
            redirect = answer_of(http.client.HTTPConnection("127.0.0.1", nginx_ports.http, **other), "/livez")
            secure = http.client.HTTPSConnection("127.0.0.1", nginx_ports.https, context=NOT_VERIFIED, **other)
            assert (redirect[0], answer_of(secure, "/livez")) == (301, (200, b"alive\n"))


def test_half_a_header_is_closed_within_five_seconds(nginx_ports):
    clients = [open_many(port, sends, 1)[0] for port, sends in zip(nginx_ports[:2], SENT, strict=False)]
    begun = time.monotonic()
    for client in clients:
        with client:
            client.settimeout(PATIENCE)
            assert client.recv(1000) == b""
    assert 4 < time.monotonic() - begun < 10


def test_attack_a_size_of_5000_digits_ends_no_worker(gunicorn):
    """A client of the same worker, who is half through a request, is answered."""
    with socket.create_connection(("127.0.0.1", gunicorn[0]), timeout=PATIENCE) as client:
        client.sendall(b"GET /accounts/login/ HTTP/1.1\r\n")
        assert ask(gunicorn[0], "/accounts/login/", **{"Content-Length": "1" * 5000})[0] == 400
        client.sendall(b"Host: localhost\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("name", "value"), [("SCRIPT_NAME", "/liv"), ("PATH_INFO", "/large-body")])
def test_attack_a_header_changes_the_address_of_a_request(gunicorn, name, value):
    assert ask(gunicorn[0], "/livez", **{name: value}) == (200, b"alive\n")


def test_attack_seventy_slow_uploads_of_a_user(nginx, alice):
    with slow_clients(nginx, HEAD + cookie_of(alice) + "Content-Length: 2000000\r\n\r\nlogin="):
        assert ask(nginx, "/accounts/login/")[0] == 200


def test_attack_a_page_that_waits_for_a_lock_keeps_no_other_waiting(gunicorn):
    """The search counts its requests, and so waits."""
    assert ask(gunicorn[0], "/search/?q=trafficking")[0] == 200  # the worker has started
    with socket.create_connection(("127.0.0.1", gunicorn[0]), timeout=PATIENCE) as client:
        with transaction.atomic():
            client.sendall(b"GET /search/?q=trafficking HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert ask(gunicorn[0], "/accounts/login/")[0] == 200
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_gunicorn_serves_with_twelve_threads_for_each_core(monkeypatch):
    """Half of them at most read large bodies, and a process may open 1,024 files."""
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    usual = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    chosen = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert [each["workers"] for each in (usual, chosen)] == [len(os.sched_getaffinity(0)), 3]
    assert (usual["worker_class"], usual["threads"]) == ("gthread", 2 * large_bodies.AT_ONCE)
    assert usual["worker_connections"] == 1024 / 2


def send(port, headers, size) -> tuple[int, int, bytes]:
    """Send a body until the server no longer takes it; return what it took, the status and the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(f"{HEAD}{headers}Content-Length: {size}\r\n\r\n".encode())
        client.setblocking(False)
        sent, piece = 0, b"x" * 10_000
        with contextlib.suppress(BrokenPipeError):  # closed between the two: the answer has arrived
            while sent < size and not select.select([client], [], [], 0)[0]:
                if select.select([client], [client], [], PATIENCE)[1]:
                    sent += client.send(piece[: size - sent])
        client.setblocking(True)
        client.settimeout(PATIENCE)
        response = http.client.HTTPResponse(client)
        response.begin()
        return sent, response.status, response.read()


def test_attack_a_stranger_sends_26_mb(nginx):
    sent, status, page = send(nginx, "", 26_000_000)
    assert status == 413
    assert b"You are not signed in." in page
    assert sent < 13_000_000  # what the buffers of the system hold; nothing of it was read by the site


def test_a_user_sends_26_mb_through_nginx(nginx, alice):
    sent, status, _page = send(nginx, cookie_of(alice), 26_000_000)
    assert (sent, status) == (26_000_000, 400)  # nginx read it, and it is too large for a text


@pytest.mark.thorough
def test_a_request_has_one_number_in_nginx_and_in_gunicorn(nginx, gunicorn, nginx_folder):
    ask(nginx, "/nowhere/", **{"X-Request-ID": "chosen-by-the-client"})
    ask(nginx, "/livez")  # nginx, one process, has written its line by then
    [line] = [line for line in (nginx_folder / "tracker.log").read_text().splitlines() if "/nowhere/" in line]
    number = line.split()[1]
    assert re.fullmatch("[0-9a-f]{32}", number)
    [logged] = [line for line in gunicorn[1].read_text().splitlines() if "/nowhere/" in line]
    assert re.search(rf" INFO gunicorn\.access {number} GET /nowhere/ 404 \d+ \d+ms$", logged)
