"""Encryption, sign-in and DKIM of the SMTP plug-in, against a real server of another make."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from ceap.core.ports import Message, Outcome, ProviderDown
from ceap.plugins.channels.smtp import Settings, plugin

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)  # fmt: skip
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Keeper:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.original_content)
        return "250 2.0.0 Kept"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(KEY, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + PEM)
    return file


@contextmanager
def server(**options) -> Iterator[tuple[int, Keeper]]:
    keeper = Keeper()
    controller = Controller(keeper, hostname="127.0.0.1", port=0, **options)
    controller.port = free_port()
    controller.start()
    try:
        yield controller.port, keeper
    finally:
        controller.stop()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def send(**config) -> Outcome:
    session = plugin.open(Settings(host="127.0.0.1", timeout=20, **config))
    try:
        headers = {"List-Unsubscribe": "<https://e.test/u/k>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        message = Message("k", "Shöp", "news@shop.test", "a@x.test", "Grüße", "<p>Hällo</p>", "Hällo", AT, "", headers)
        return session.send(message, lambda: True).outcome
    finally:
        session.close()


def test_starttls_encrypts_and_an_unknown_certificate_is_refused(certificate: Path) -> None:
    with server(tls_context=tls(certificate), require_starttls=True) as (port, keeper):
        assert send(port=port, security="starttls", verify=False) is Outcome.SENT
        with pytest.raises(ProviderDown, match=r"(?i)certificate"):
            send(port=port, security="starttls")
        with pytest.raises(ProviderDown, match="530"):
            send(port=port, security="none")
        assert len(keeper.mails) == 1


def test_a_server_without_starttls_gets_no_unencrypted_mail() -> None:
    with server() as (port, keeper):
        with pytest.raises(ProviderDown, match="STARTTLS"):
            send(port=port, security="starttls", verify=False)
        assert not keeper.mails


def test_signing_in_and_the_servers_words_when_the_password_is_wrong(certificate: Path) -> None:
    def check(server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"me", b"right"), handled=False)

    options = {"authenticator": check, "auth_required": True, "tls_context": tls(certificate)}
    with server(**options) as (port, keeper):
        common = {"port": port, "security": "starttls", "verify": False, "username": "me"}
        assert send(**common, password="right") is Outcome.SENT
        with pytest.raises(ProviderDown, match="535"):
            send(**common, password="wrong")
        assert len(keeper.mails) == 1


def test_dkim_signs_what_rfc_8058_asks_for() -> None:
    public = KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    signing = {"dkim_domain": "shop.test", "dkim_selector": "s1", "dkim_key": PEM.decode()}
    with server() as (port, keeper):
        assert send(port=port, security="none", **signing) is Outcome.SENT
    (mail,) = keeper.mails
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(mail, dnsfunc=dns)
    assert asked == [b"s1._domainkey.shop.test."]
    signed = mail.split(b"h=", 1)[1].split(b";", 1)[0].replace(b"\r\n", b"").replace(b" ", b"").lower().split(b":")
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject", b"message-id"} <= set(signed)
    assert not dkim.verify(mail.replace(b"Hello", b"Other").replace(b"One-Click", b"Two-Click"), dnsfunc=dns)


def test_a_broken_dkim_key_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValidationError, match="DKIM"):
        Settings(**{"host": "127.0.0.1", "dkim_domain": "shop.test", "dkim_selector": "s1", "dkim_key": "nonsense"})  # type: ignore[arg-type]
