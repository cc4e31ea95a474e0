"""Encryption of stored secrets (passwords of providers, DKIM keys, TOTP seeds) with the home's secret.

AES-256-GCM; the key comes from the home's secret by HKDF-SHA256 (RFC 5869). The first byte is the version of the
format, so that it can change without losing what is stored.
"""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
_NONCE = 12


class CannotUnseal(Exception):
    """What is stored was damaged, or sealed with another home's secret."""


def derive(home_secret: str, purpose: str) -> bytes:
    """32 bytes that only this home can compute, different for every `purpose`."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"ceap/{purpose}".encode()).derive(home_secret.encode())


def seal(home_secret: str, data: dict[str, Any]) -> bytes:
    """`data` (JSON-ready) encrypted; another result each time."""
    nonce = os.urandom(_NONCE)
    plain = json.dumps(data, separators=(",", ":")).encode()
    return VERSION + nonce + AESGCM(derive(home_secret, "seal/1")).encrypt(nonce, plain, VERSION)


def unseal(home_secret: str, sealed: bytes | memoryview) -> dict[str, Any]:
    """What `seal` was given.

    Raises:
        CannotUnseal: damaged, an unknown version, or another home's secret.
    """
    sealed = bytes(sealed)
    if sealed[:1] != VERSION:
        raise CannotUnseal("The stored secret has an unknown format; enter it again.")
    nonce, cipher = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        plain = AESGCM(derive(home_secret, "seal/1")).decrypt(nonce, cipher, VERSION)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal("The stored secret cannot be read with this home's secret; enter it again.") from error
    data: dict[str, Any] = json.loads(plain)
    return data
