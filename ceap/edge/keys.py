"""Who calls the data plane: a server key, or a browser key with a token that the site's own backend signed."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import logging
import math
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from ceap.core.sql import moment, read_moment, statement
from ceap.edge.readings import Readings
from ceap.edge.store import Store
from ceap.edge.wire import identity
from ceap.kit.clock import now
from ceap.kit.ids import digest
from ceap.kit.problem import Forbidden, Problem, Unauthenticated
from ceap.kit.seal import CannotUnseal, unseal

log = logging.getLogger("ceap.edge")
CACHE_SECONDS = 0.8  # a revoked key stops working within a second
USE_SECONDS = 60.0
_CACHE_SIZE = 10_000
TOKEN_MAX_SECONDS = 24 * 3600
SKEW_SECONDS = 60  # between the clocks of the site and of this machine
_COLUMNS = "id, name, kind, prefix, digest, sealed, scopes, expires_at, revoked_at"
_SECRET = re.compile(r"[\x21-\x7e]{8,200}")


@dataclass(frozen=True, slots=True)
class Key:
    """A live data-plane key."""

    id: str
    name: str
    kind: str  # "server" | "browser"
    prefix: str
    digest: str
    signing: bytes  # what tokens of its holder are signed with; empty when nothing is known of it
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. `only`: the one customer, as (kind, value), a browser may write and read."""

    key: Key
    only: tuple[str, str] | None = None

    def may(self, scope: str) -> bool:
        return scope in self.key.scopes


class Keys:
    """The keys of the store, remembered for `CACHE_SECONDS`."""

    def __init__(self, store: Store, readings: Readings, home_secret: str):
        self.store, self.readings, self.home_secret = store, readings, home_secret
        self._by_digest: dict[str, tuple[float, Key | None]] = {}
        self._by_prefix: dict[str, tuple[float, list[Key]]] = {}
        self._noted: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def caller(self, headers: Mapping[str, str], scope: str) -> Caller:
        """Who makes a request with these headers (names in lower case), which needs `scope`.

        Raises:
            Unauthenticated: no live key, or a browser key without a valid customer token.
            Forbidden: the key has not got the scope.
        """
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        key = await self._find(digest(secret)) if scheme.lower() == "bearer" and _SECRET.fullmatch(secret) else None
        if key is None or (key.expires_at and key.expires_at <= now()):
            raise Unauthenticated(
                "Send `Authorization: Bearer <key>` with a live data-plane key (Settings → API keys)."
            )
        if scope not in key.scopes:
            raise Forbidden(
                f"The key “{key.name}” has not got the scope {scope}; make one that has (Settings → API keys)."
            )
        self._note_use(key)
        if key.kind == "browser":
            return Caller(key, await self._customer_of(headers.get("x-customer-token", "")))
        return Caller(key)

    def _note_use(self, key: Key) -> None:
        """Have the key's last use written, to the minute, without making the request wait."""
        if time.monotonic() - self._noted.get(key.id, float("-inf")) < USE_SECONDS:
            return
        self._noted[key.id] = time.monotonic()

        async def note() -> None:
            sql = statement(self.store.vendor, "UPDATE accounts_apikey SET last_used_at = %s WHERE digest = %s")
            with suppress(Problem):
                await self.store.write(
                    lambda cursor: cursor.execute(sql, [moment(self.store.vendor, now()), key.digest])
                )

        task = asyncio.create_task(note())
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _find(self, secret_digest: str) -> Key | None:
        cached = self._by_digest.get(secret_digest)
        if cached and cached[0] > time.monotonic():
            return cached[1]
        rows = await self.store.read(f"SELECT {_COLUMNS} FROM accounts_apikey WHERE digest = %s", [secret_digest])
        key = next(iter(_live(rows, self.home_secret)), None)
        if len(self._by_digest) >= _CACHE_SIZE:
            self._by_digest.clear()
        self._by_digest[secret_digest] = (time.monotonic() + CACHE_SECONDS, key)
        return key

    async def _signers(self, prefix: str) -> list[Key]:
        cached = self._by_prefix.get(prefix)
        if cached and cached[0] > time.monotonic():
            return cached[1]
        rows = await self.store.read(
            f"SELECT {_COLUMNS} FROM accounts_apikey WHERE prefix = %s AND kind = 'server'", [prefix]
        )
        if len(self._by_prefix) >= _CACHE_SIZE:
            self._by_prefix.clear()
        self._by_prefix[prefix] = (time.monotonic() + CACHE_SECONDS, _live(rows, self.home_secret))
        return self._by_prefix[prefix][1]

    async def _customer_of(self, token: str) -> tuple[str, str]:
        refused = Unauthenticated(
            "A browser key needs the header X-Customer-Token: a JWT (HS256) made by your backend, see the events API."
        )
        claims, signed, signature, prefix = _parts(token)
        if not prefix:
            raise refused
        for signer in await self._signers(prefix):
            if signer.signing and hmac.compare_digest(hmac.digest(signer.signing, signed, "sha256"), signature):
                break
        else:
            raise refused
        if trouble := untimely(claims, now().timestamp()):
            raise Unauthenticated(trouble)
        customer = claims.get("customer")
        if not isinstance(customer, dict) or len(customer) != 1:
            raise refused
        try:
            kind, value = next(iter(customer.items()))
            return identity({str(kind): str(value)}, await self.readings.now())
        except ValueError as error:
            raise Unauthenticated(f"The customer token names nobody: {error}") from None


def untimely(claims: dict[str, Any], at: float) -> str:
    """Why a token cannot be used at `at` (seconds since 1970), by its claims exp, nbf and iat; "" when it can."""
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if "exp" not in times or not all(type(value) in (int, float) and math.isfinite(value) for value in times.values()):
        return "The customer token needs exp, and each of exp, nbf and iat as seconds since 1970; make a new one."
    if not at < times["exp"] <= at + TOKEN_MAX_SECONDS + SKEW_SECONDS:
        return "The customer token has expired or lives longer than a day; make a new one."
    if max(times.get("nbf", 0), times.get("iat", 0)) > at + SKEW_SECONDS:
        return "The customer token is not valid yet (nbf or iat lies in the future): look at the clock of your server."
    if "iat" in times and times["exp"] - times["iat"] > TOKEN_MAX_SECONDS + SKEW_SECONDS:
        return "The customer token was made to live longer than a day; make a new one."
    return ""


def _live(rows: list[tuple[Any, ...]], home_secret: str) -> list[Key]:
    found = []
    for id, name, kind, prefix, secret_digest, sealed, scopes, expires_at, revoked_at in rows:
        if revoked_at is not None or kind not in ("server", "browser"):
            continue
        names = frozenset(json.loads(scopes) if isinstance(scopes, str) else scopes)
        signing = _signing(prefix, sealed, home_secret) if kind == "server" else b""
        found.append(Key(str(id), name, kind, prefix, secret_digest, signing, names, read_moment(expires_at)))
    return found


def _signing(prefix: str, sealed: bytes, home_secret: str) -> bytes:
    try:
        return str(unseal(home_secret, sealed or b"")["key"]).encode()
    except (CannotUnseal, KeyError):  # the store came from a home with another secret
        _warn(prefix)
        return b""


@lru_cache
def _warn(prefix: str) -> None:
    """Once for each key."""
    log.warning("tokens signed with the key %s… are refused: make that key anew with this home's secret", prefix)


def _parts(token: str) -> tuple[dict[str, Any], bytes, bytes, str]:
    """Claims, signed part, signature and signer's prefix of a JWT; all empty unless it is HS256 and well made."""
    try:
        head, body, signature = token.encode("ascii").split(b".")
        header, claims = (json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in (head, body))
        if header.get("alg") != "HS256" or not isinstance(claims, dict):
            return {}, b"", b"", ""
        raw = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
        return claims, head + b"." + body, raw, str(header.get("kid", ""))
    except (ValueError, AttributeError, UnicodeError, RecursionError):
        return {}, b"", b"", ""
