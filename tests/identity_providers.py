"""Identity providers on 127.0.0.1: a small one that signs what a test has it say, and allauth's in its own process."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings

from tracker import settings as shipped

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT_ID, SECRET = "tracker", "a secret of the tests"


def public_key(key: rsa.RSAPrivateKey) -> dict:
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "1", "alg": "RS256"}


def use_provider(settings: LazySettings, monkeypatch, issuer: str, name: str = "ministry", **variables: str) -> None:
    """Set the environment as an operator does, and read the settings from it."""
    prefix = f"OIDC_{name.upper()}_"
    environment = {
        "NAME": "Ministry of Arandia",
        "ISSUER": issuer,
        "CLIENT_ID": CLIENT_ID,
        "SECRET": SECRET,
    } | variables
    monkeypatch.setenv("OIDC_PROVIDERS", name)
    for variable, value in environment.items():
        monkeypatch.setenv(prefix + variable, value)
    providers = shipped.read_identity_providers()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": settings.SOCIALACCOUNT_PROVIDERS["openid_connect"] | {"APPS": providers}
    }
    settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": shipped.form_targets(providers)}


class SmallProvider:
    """Answers the site's own requests. A test plays the browser, and says what is in the token."""

    def __init__(self) -> None:
        self.claims: dict = {}
        self.key, self.header, self.algorithm = KEY, {"kid": "1"}, "RS256"
        self.documents: dict[str, bytes] = {}  # in place of the right ones, by path
        self.posted: list[dict] = []  # to the token endpoint
        self.paths: list[str] = []  # that were asked for
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, b"")

            def do_POST(self) -> None:
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        # It looks every hundredth of a second whether to stop; by default a test waits half a second.
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self.paths.append(handler.path)
        if handler.path == "/token":
            self.posted.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
        content = self.documents.get(handler.path) or self._document(handler.path)
        is_packed = content.startswith(b"\x1f\x8b")
        if content.startswith(b"http"):
            handler.send_response(302)
            handler.send_header("Location", content.decode())
        else:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            if is_packed:
                handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _document(self, path: str) -> bytes:
        documents = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [public_key(KEY)]},
        }
        return json.dumps(documents[path] if path in documents else self._token()).encode()

    def _token(self) -> dict:
        id_token = jwt.encode(self.claims, self.key, self.algorithm, headers=self.header)
        return {"access_token": "for nobody", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}

    def says(self, redirected: str, subject: str, **claims: object) -> dict[str, str]:
        """Prepare the token that answers the visit to this address; return the parameters of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(redirected).query).items()}
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        self.claims = {name: value for name, value in (right | {"sub": subject} | claims).items() if value is not None}
        return {"code": "a code", "state": asked["state"]}


@contextmanager
def allauth_provider(folder: Path, callback: str) -> Iterator[str]:
    """Run the identity provider of allauth in a process of its own (tests/provider_site/); yield its address."""
    command = [sys.executable, "-m", "tests.provider_site", str(folder), callback]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()  # once it listens
        finally:
            process.terminate()
