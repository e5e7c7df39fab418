"""Passkeys without a browser: rows as allauth writes them. Those of a device are in tests/browser/test_passkeys.py."""

import secrets
from hashlib import sha256

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tracker.models import User

ORIGIN = "https://testserver"


def add_passkey(user: User, name: str = "Office laptop") -> Authenticator:
    data = {"name": name, "credential": _registration(secrets.token_bytes(16))}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def _registration(number: bytes) -> dict:
    """What a device answers when it makes a passkey."""
    key = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    made = AuthenticatorData.create(
        sha256(b"testserver").digest(), flags, 0, AttestedCredentialData.create(Aaguid.NONE, number, key)
    )
    client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, secrets.token_bytes(16), ORIGIN)
    response = {
        "clientDataJSON": websafe_encode(client),
        "attestationObject": websafe_encode(AttestationObject.create("none", made, {})),
    }
    return {
        "id": websafe_encode(number),
        "rawId": websafe_encode(number),
        "type": "public-key",
        "response": response,
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
