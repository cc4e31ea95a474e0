"""Email through an SMTP server (RFC 5321), with pipelining (RFC 2920) where it is offered."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from typing import Any, Literal

import dkim
from dkim.crypto import parse_pem_private_key
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from ceap.core import mime, outbound
from ceap.core.ports import API_VERSION, Answer, Message, Outcome, ProviderDown

log = logging.getLogger("ceap.channels")
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH = re.compile(r"user unknown|no such|unknown (user|recipient)|not exist|mailbox unavailable", re.IGNORECASE)
_OURS = re.compile(r"relay|authenticat|log ?in", re.IGNORECASE)
_THROTTLED = re.compile(r"try again later|too many|rate|throttl|limit", re.IGNORECASE)
SIGNED = (b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
          b"list-id", b"list-unsubscribe", b"list-unsubscribe-post")  # fmt: skip


GOES_TO: dict[str, Any] = {"destination": True}  # with another of these the password is typed again


class Settings(BaseModel):
    host: str = Field(title="Server", json_schema_extra=GOES_TO, min_length=1, max_length=250)
    port: int = Field(587, title="Port", json_schema_extra=GOES_TO, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field("starttls", title="Encryption", json_schema_extra=GOES_TO)
    username: str = Field("", title="User name", json_schema_extra=GOES_TO, max_length=250)
    password: SecretStr = Field(SecretStr(""), title="Password", json_schema_extra={"writeOnly": True})
    connections: int = Field(4, title="Connections at once", ge=1, le=32)
    timeout: float = Field(30, title="Seconds to wait for an answer", gt=0, le=600)
    verify: bool = Field(True, title="Check the server's certificate", json_schema_extra=GOES_TO)
    local_name: str = Field("", title="Our name (EHLO)", max_length=250)
    dkim_domain: str = Field("", title="DKIM domain", max_length=250)
    dkim_selector: str = Field("", title="DKIM selector", max_length=63)
    dkim_key: SecretStr = Field(
        SecretStr(""), title="DKIM private key (PEM)", json_schema_extra={"writeOnly": True, "stays": True}
    )

    @model_validator(mode="after")
    def _no_password_without_user(self) -> Settings:
        if not self.username:
            self.password = SecretStr("")
        return self

    @field_validator("dkim_key")
    @classmethod
    def _usable_key(cls, key: SecretStr) -> SecretStr:
        if text := key.get_secret_value():
            try:
                parse_pem_private_key(text.encode())
            except Exception as error:
                raise ValueError("This is not an RSA private key for DKIM (PEM).") from error
        return key


class _Plain(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outbound.connect_mail_server(host, port, seconds=timeout)


class _Tls(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = outbound.connect_mail_server(host, port, seconds=timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


class SmtpSession:
    """One connection. Reading an answer and giving up on it are kept apart from what it means."""

    def __init__(self, config: Settings):
        self.config = config
        name, timeout = config.local_name or None, config.timeout
        self.smtp: smtplib.SMTP | None = None
        step = "greeting"
        try:
            if config.security == "tls":
                self.smtp = _Tls(local_hostname=name, timeout=timeout, context=self._tls())
            else:
                self.smtp = _Plain(local_hostname=name, timeout=timeout)
            self.smtp._host = config.host  # type: ignore[union-attr]  # what the certificate is checked against
            code, said = self.smtp.connect(config.host, config.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            self.smtp.ehlo_or_helo_if_needed()
            if config.security == "starttls":
                step = "encryption"
                self.smtp.starttls(context=self._tls())
                self.smtp.ehlo_or_helo_if_needed()
            if config.username:
                step = "sign-in"
                self.smtp.login(config.username, config.password.get_secret_value())
        except (OSError, smtplib.SMTPException, UnicodeError, outbound.Refused, outbound.Unreachable) as error:
            self.close()
            log.info("%s:%d cannot be used (%s): %s", config.host, config.port, step, _words(str(error))[:500])
            raise ProviderDown(f"{config.host}:{config.port}: {_kind(error, step, timeout)}") from error
        self.taken, self.named = 0, False
        self.pipelining = self.smtp.has_extn("pipelining")
        self.sizes = self.smtp.has_extn("size")
        self.utf8 = self.smtp.has_extn("smtputf8")

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.config.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def close(self) -> None:
        """Drop the connection without ceremony."""
        if self.smtp:
            self.smtp.close()

    def send(self, message: Message, confirm: Callable[[], bool]) -> Answer:
        """Hand one message over; see `ceap.core.ports.Session`."""
        try:
            data = mime.build(message)
            sender, recipient = mime.address(message.from_address), mime.address(message.to)
        except ValueError as error:
            return Answer(Outcome.FAILED, "address", str(error))
        extra = ""
        if not (sender + recipient).isascii():
            if not self.utf8:
                return Answer(Outcome.FAILED, "address", "The server takes no international addresses (SMTPUTF8).")
            extra = " SMTPUTF8"
        if self.config.dkim_domain and self.config.dkim_selector:
            data = self._sign(data)
        size = f" SIZE={len(data)}" if self.sizes else ""
        try:
            refusal = self._envelope(f"MAIL FROM:<{sender}>{size}{extra}", f"RCPT TO:<{recipient}>")
        except TimeoutError:
            return self._broken(f"The server did not answer for {self.config.timeout:g} s.")
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            return self._broken(str(error) or "The server closed the connection.")
        if refusal:
            return refusal
        if not confirm():
            self.close()  # after 354 there is no other way back
            return Answer(Outcome.WITHDRAWN, lost=True)
        try:
            self._write(_stuffed(data) + b".\r\n")
            code, said = self._read()
        except TimeoutError:
            self.close()
            detail = f"No answer for {self.config.timeout:g} s after the message."
            return Answer(Outcome.UNKNOWN, "timeout", detail, lost=True)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            return Answer(Outcome.UNKNOWN, "cut", str(error) or "The connection broke after the message.", lost=True)
        if code >= 400:
            return self._refused("message", code, _words(said))
        self.taken += 1
        return Answer(Outcome.SENT, "", f"{code} {_words(said)}"[:250])

    def _broken(self, detail: str) -> Answer:
        """The connection ended before the message. Only a refusal to even hear the sender's name is no sign about this
        message: then it costs no attempt, and a session that has worked before gives no reason to slow down."""
        self.close()
        return Answer(Outcome.RETRY, "retry", detail, None if self.named else (0.0 if self.taken else 1.0), lost=True)

    def _sign(self, data: bytes) -> bytes:
        config = self.config
        present = [h for h in SIGNED if (h + b":") in data[: data.find(b"\r\n\r\n")].lower()]
        signature: bytes = dkim.sign(
            data, config.dkim_selector.encode(), config.dkim_domain.encode(),
            config.dkim_key.get_secret_value().encode(), include_headers=present, linesep=b"\r\n",
            canonicalize=(b"relaxed", b"relaxed"),
        )  # fmt: skip
        return signature + data

    def _envelope(self, mail: str, rcpt: str) -> Answer | None:
        """MAIL, RCPT, DATA; None when the server waits for the message."""
        self.named = False  # whether the server has answered MAIL
        commands = [("sender", mail), ("recipient", rcpt), ("data", "DATA")]
        answers: dict[str, tuple[int, bytes]] = {}
        if self.pipelining:
            self._write("".join(f"{line}\r\n" for _, line in commands).encode())
            for stage, _ in commands:
                answers[stage] = self._read()
                self.named = True
                if answers[stage][0] == 421:
                    break
        else:
            for stage, line in commands:
                self._write(f"{line}\r\n".encode())
                answers[stage] = self._read()
                self.named = True
                if answers[stage][0] >= 400:
                    break
        if answers.get("data", (0, b""))[0] == 354 and any(answers[s][0] >= 400 for s in ("sender", "recipient")):
            self._write(b".\r\n")  # RFC 2920: a server may ask for data though it refused the recipient
            self._read()
        for stage, (code, said) in answers.items():
            if code >= 400:
                refusal = self._refused(stage, code, _words(said))
                if not refusal.lost:
                    self._write(b"RSET\r\n")
                    self._read()
                return refusal
        return None

    def _refused(self, stage: str, code: int, said: str) -> Answer:
        detail = f"{code} {said}"[:250]
        found = _ENHANCED.search(said)
        enhanced = tuple(int(part) for part in found.groups()) if found else (0, 0, 0)
        lost = code == 421
        if lost:
            self.close()
        if code < 500:
            slow = stage == "sender" or code in (421, 454) or (enhanced[1] in (3, 7) and _THROTTLED.search(said))
            return Answer(Outcome.RETRY, "retry", detail, slow_down=_wait(said) if slow else None, lost=lost)
        ours = code in (530, 535) or (stage == "recipient" and enhanced[1:] in ((7, 1), (0, 0)) and _OURS.search(said))
        if ours or (stage == "sender" and code != 552 and enhanced[1] != 3):
            self.close()
            raise ProviderDown(f"The server refuses this sender: {detail}")
        gone = enhanced[1:] in ((1, 1), (1, 2), (1, 3), (1, 6), (1, 10)) or (not found and _NO_SUCH.search(said))
        return Answer(Outcome.FAILED, "bounced" if gone and stage == "recipient" else "rejected", detail, lost=lost)

    def _write(self, data: bytes) -> None:
        if self.smtp is None or self.smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("The connection is closed.")
        self.smtp.sock.sendall(data)

    def _read(self) -> tuple[int, bytes]:
        """One answer, as it came. `smtplib.getreply` would hide a time-out behind a disconnection."""
        lines = []
        if self.smtp is None or self.smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("The connection is closed.")
        if self.smtp.file is None:
            self.smtp.file = self.smtp.sock.makefile("rb")
        while True:
            line = self.smtp.file.readline(2049)
            if not line.endswith(b"\n"):
                raise smtplib.SMTPServerDisconnected("The server closed the connection.")
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                break
        if not line[:3].isdigit():
            raise smtplib.SMTPServerDisconnected(f"The server does not speak SMTP: {_words(line)[:100]}")
        return int(line[:3]), b" ".join(lines)


def _kind(error: Exception, step: str, timeout: float) -> str:
    """Why no session could be opened, as one of a few sentences: the words of whoever listens there are in the log
    alone, since any program may listen at an address that somebody tries."""
    if isinstance(error, outbound.Refused | outbound.Unreachable):
        return str(error)
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        if not 200 <= code <= 599:
            return "What listens there does not speak SMTP."
        if step == "sign-in":
            return f"The server refused user name or password ({code})."
        return f"The server refused the {'encryption' if step == 'encryption' else 'connection'} ({code})."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        lacking = "STARTTLS" if step == "encryption" else "a way to sign in"
        return f"The server does not offer {lacking}."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The server's certificate is not trusted: {error.verify_message[:100]}."
    if isinstance(error, ssl.SSLError):
        return "The encrypted connection could not be made; the port may be for another kind of encryption."
    if isinstance(error, TimeoutError) or "timed out" in str(error):  # smtplib hides it in a disconnection
        return f"No answer for {timeout:g} s (timed out)."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused: nothing listens there."
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
        return f"The server closed the connection during the {step}."
    if isinstance(error, smtplib.SMTPException):
        return f"The server's answers cannot be used during the {step}."
    return "No connection to it can be made from here."


def _words(said: bytes | str) -> str:
    return mime.one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)


def _wait(said: str) -> float:
    """The seconds a refusal asks to wait ("retry after 30 seconds"), else 1 for the lane to grow from."""
    found = re.search(r"(?:retry[- ]after|wait|in)\s*[:=]?\s*(\d{1,5})\s*(s|sec|m|min)?", said, re.IGNORECASE)
    return 1.0 if not found else float(found[1]) * (60 if (found[2] or "s").lower().startswith("m") else 1)


def _stuffed(data: bytes) -> bytes:
    data = data if data.endswith(b"\r\n") else data + b"\r\n"
    return (b"." if data.startswith(b".") else b"") + data.replace(b"\r\n.", b"\r\n..")


class Smtp:
    key = "smtp"
    label = "SMTP server"
    channel = "email"
    api_version = API_VERSION
    Config = Settings

    def open(self, config: Settings) -> SmtpSession:
        """Connect, encrypt and sign in.

        Raises:
            ProviderDown: with the kind of failure.
        """
        return SmtpSession(config)


plugin = Smtp()
