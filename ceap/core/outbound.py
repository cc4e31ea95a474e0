"""Calls to addresses that a user typed: checked when the connection is made, pinned to what was checked, bounded.

Names are resolved here, every address is looked at, and the connection goes to an address that passed: a name that
means another machine a moment later (DNS rebinding) changes nothing. Redirects are not followed, proxies of the
environment not used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from ceap.kit.home import Home

SECONDS = 20.0  # for a whole call
ANSWER = 16 * 1024  # bytes of an answer that are read
LONGEST = 2000  # characters of an address
MAIL_PORTS = frozenset({25, 465, 587, 2525})


class Refused(Exception):
    """The address may not be called; says why."""


class Unreachable(Exception):
    """There was no answer; says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: the first `ANSWER` bytes as text, headers in lower case."""

    status: int
    headers: dict[str, str]
    text: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be called: `private` networks and this machine; mail servers on which `ports` (None: on any); `own`: the
    port of this home's own mail sink on loopback, which is always reached."""

    private: bool = False
    ports: frozenset[int] | None = MAIL_PORTS
    own: int | None = None

    @classmethod
    def of(cls, home: Home) -> Policy:
        """The policy of an installation: its settings `outbound_private` and `outbound_mail_ports`."""
        extra = home.outbound_mail_ports
        return cls(home.outbound_private, None if extra is None else MAIL_PORTS | extra, home.own_sink)


def checked_mail_server(host: str, port: int, policy: Policy) -> None:
    """Whether a mail server's address may be called, as far as it shows without looking its name up.

    Raises:
        Refused: in words for the person who typed it.
    """
    if _is_own(host, port, policy):
        return
    if policy.ports is not None and port not in policy.ports:
        ports = ", ".join(str(one) for one in sorted(policy.ports))
        raise Refused(f"Port {port} is none of mail servers ({ports}); the operator can add it: outbound_mail_ports.")
    local = _literal(host)
    name = host.lower().rstrip(".")
    named = name == "localhost" or name.endswith(".localhost")
    if not policy.private and (named or (local is not None and not is_public(local))):
        raise Refused(_PRIVATE)


def connect_mail_server(host: str, port: int, *, seconds: float, policy: Policy | None = None) -> socket.socket:
    """A connection to a mail server that a user named, to an address that may be called and to no other.

    Args:
        policy: None for that of the installation.

    Raises:
        Refused: it may not be called; nothing was sent. Unreachable: there is no such name.
        OSError: no connection (in time).
    """
    policy = policy or Policy.of(Home.load())
    checked_mail_server(host, port, policy)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"The name {host} cannot be found.") from None
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not policy.private and not _is_own(host, port, policy):
        addresses = [address for address in addresses if is_public(address)]
    if not addresses:
        raise Refused(_PRIVATE)
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), seconds)
    return socket.create_connection((addresses[-1], port), seconds)


def _is_own(host: str, port: int, policy: Policy) -> bool:
    return host in ("127.0.0.1", "localhost") and port == policy.own


def checked_url(url: str, *, private: bool) -> str:
    """`url`, when it can be called: http or https, a host, no name or password in it.

    Args:
        private: whether addresses of private networks and of this machine may be called. Names are looked up when they
            are called, not here.

    Raises:
        Refused: in words for the person who typed it.
    """
    url = url.strip()
    if len(url) > LONGEST or not url.isprintable() or any(c.isspace() for c in url):
        raise Refused(f"Give an address of at most {LONGEST} characters without spaces.")
    try:
        parts = httpx.URL(url)
        port = urlsplit(url).port  # the stricter of two readers: it refuses brackets in names, and ports over 65,535
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Refused("This is not a web address; give one like https://example.org/ceap.") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise Refused("Give an address that begins with https:// (or http://).")
    if parts.userinfo:
        raise Refused("Leave name and password out of the address; what is sent is signed.")
    if port == 0:
        raise Refused("Port 0 cannot be called.")
    if not private and (local := _literal(parts.host)) is not None and not is_public(local):
        raise Refused(_PRIVATE)
    if not private and (parts.host.lower().rstrip(".") == "localhost" or parts.host.lower().endswith(".localhost")):
        raise Refused(_PRIVATE)
    return url


_PRIVATE = (
    "This address lies in a private network or on this machine; such addresses are not called "
    "(the operator can allow them: outbound_private)."
)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, looking through IPv4 inside IPv6."""
    ip: Any = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.sixtofour is not None or ip.teredo is not None or ip in _TRANSLATED or ip.is_site_local:
            return False
    return bool(ip.is_global) and not ip.is_multicast and not ip.is_reserved


def _literal(host: str) -> str | None:
    """The IP address that `host` is, in any notation the system's resolver takes without asking anybody."""
    try:
        plain = host.partition("%")[0].rstrip(".")
        return str(socket.getaddrinfo(plain, None, flags=socket.AI_NUMERICHOST)[0][4][0])
    except (OSError, UnicodeError):
        return None


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be called, and to no other."""

    def __init__(self, private: bool):
        self.private, self.inner = private, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable(f"The name {host} cannot be found.") from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not self.private:
            addresses = [address for address in addresses if is_public(address)]
        if not addresses:
            raise Refused(_PRIVATE)
        for address in addresses[:-1]:
            try:
                return await self.inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self.inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise Refused("Sockets of the file system are not called.")

    async def sleep(self, seconds: float) -> None:
        await self.inner.sleep(seconds)


class Outbound:
    """A client for calls one after the other; connections are kept open between them. Use it in one thread."""

    def __init__(self, *, private: bool = False, seconds: float = SECONDS):
        self.private, self.seconds = private, seconds

    def __enter__(self) -> Outbound:
        self._runner = asyncio.Runner()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(), max_connections=4, keepalive_expiry=15, network_backend=_Checked(self.private)
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            self._runner.run(self._pool.aclose())
        finally:
            self._runner.close()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """POST `body`; the answer, whatever its status.

        Raises:
            Refused: the address may not be called; nothing was sent.
            Unreachable: no answer (in time).
        """
        return self._runner.run(self._post(checked_url(url, private=self.private), headers, body))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = httpx.URL(url)
        target = httpcore.URL(
            scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path or b"/"
        )
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.seconds):
                async with self._pool.stream("POST", target, headers=list(headers.items()), content=body) as response:
                    taken = b""
                    async for piece in response.aiter_stream():
                        taken += piece
                        if len(taken) >= ANSWER:
                            break
        except TimeoutError:
            raise Unreachable(f"No answer within {self.seconds:.0f} seconds.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise Unreachable(_words(error)) from None
        return Reply(
            response.status,
            {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
            taken[:ANSWER].decode("utf-8", "replace"),
            round((time.monotonic() - started) * 1000),
        )


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"The certificate of the server is not trusted: {text[:300]}"
    if "Connect" in type(error).__name__:
        return f"No connection: {text[:300]}"
    return f"The connection broke: {text[:300]}"
