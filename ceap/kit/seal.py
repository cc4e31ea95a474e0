"""Encryption of stored secrets (passwords of providers, DKIM keys, TOTP seeds) with the home's secret.

AES-256-GCM; the key comes from the home's secret by HKDF-SHA256 (RFC 5869). The first byte is the version of the
format, so that it can change without losing what is stored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
BOUND = b"\x02"  # what is sealed is for one destination
_NONCE = 12


class CannotUnseal(Exception):
    """What is stored was damaged, or sealed with another home's secret."""


class OtherDestination(CannotUnseal):
    """What is stored was given for another destination than the one it would go to."""


def derive(home_secret: str, purpose: str) -> bytes:
    """32 bytes that only this home can compute, different for every `purpose`."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"ceap/{purpose}".encode()).derive(home_secret.encode())


def seal(home_secret: str, data: dict[str, Any], *, to: Mapping[str, Any] | None = None) -> bytes:
    """`data` (JSON-ready) encrypted; another result each time.

    Args:
        to: the destination that `data` may be given to, by facts like host and port: `unseal` gives it out for no
            other. None: it goes nowhere.
    """
    version, content = (VERSION, data) if to is None else (BOUND, {"to": dict(to), "data": data})
    nonce = os.urandom(_NONCE)
    plain = json.dumps(content, separators=(",", ":")).encode()
    return version + nonce + AESGCM(derive(home_secret, "seal/1")).encrypt(nonce, plain, version)


def unseal(home_secret: str, sealed: bytes | memoryview, *, to: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `seal` was given.

    Args:
        to: where it is about to go; what was sealed before destinations were kept is given out for any.

    Raises:
        CannotUnseal: damaged, an unknown version, or another home's secret.
        OtherDestination: it was sealed for another.
    """
    sealed = bytes(sealed)
    version = sealed[:1]
    if version not in (VERSION, BOUND):
        raise CannotUnseal("The stored secret has an unknown format; enter it again.")
    nonce, cipher = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        plain = AESGCM(derive(home_secret, "seal/1")).decrypt(nonce, cipher, version)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal("The stored secret cannot be read with this home's secret; enter it again.") from error
    content: dict[str, Any] = json.loads(plain)
    if version == VERSION:
        return content
    if differing := [name for name, value in content["to"].items() if (to or {}).get(name) != value]:
        names = ", ".join(differing)
        raise OtherDestination(f"The stored secret is for another destination ({names} differ); enter it again.")
    data: dict[str, Any] = content["data"]
    return data
