"""The demo's mail sink: a real SMTP server on loopback that keeps every mail for the Inbox page and delivers none."""

from __future__ import annotations

import email
import email.policy
import hmac
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpConversation

from ceap.channels import actions
from ceap.core.traces import Traces
from ceap.kit.clock import now
from ceap.kit.home import SINK_USER, Home

log = logging.getLogger("ceap.sink")
_TABLE = """
    CREATE TABLE IF NOT EXISTS mail (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
        preview TEXT NOT NULL, raw BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient);
"""


def config_of(home: Home) -> dict[str, Any]:
    """How a sender of this home reaches its sink."""
    return {
        "host": "127.0.0.1", "port": home.sink_port, "security": "none", "username": SINK_USER,
        "password": home.sink_password,
    }  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """One mail that came in; `raw` only where it was asked for."""

    id: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    preview: str
    raw: bytes = b""


class Mailbox:
    """The mails of a home, in a SQLite file of their own below `mailbox/`."""

    def __init__(self, home: Home):
        self.file = home.path / "mailbox" / "mails.sqlite3"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.file, timeout=20, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.executescript(_TABLE)
            yield db
        finally:
            db.close()

    def add(self, sender: str, recipients: list[str], raw: bytes) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        subject, preview = str(message.get("Subject", "")), _text(message)[:200]
        at = now().isoformat()
        with self._open() as db:
            db.executemany(
                "INSERT INTO mail (at, sender, recipient, subject, preview, raw) VALUES (?, ?, ?, ?, ?, ?)",
                [(at, sender, recipient.lower(), subject, " ".join(preview.split()), raw) for recipient in recipients],
            )

    def page(self, *, search: str = "", before: int | None = None, limit: int = 50) -> list[Mail]:
        """The newest mails whose recipient or subject contains `search`, older than the mail `before`."""
        like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        with self._open() as db:
            rows = db.execute(
                "SELECT id, at, sender, recipient, subject, preview FROM mail WHERE id < ? AND "
                "(? = '' OR recipient LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\') ORDER BY id DESC LIMIT ?",
                [before or 1 << 62, search, like, like, limit],
            ).fetchall()
        return [Mail(id, datetime.fromisoformat(at), *rest) for id, at, *rest in rows]

    def get(self, id: int) -> Mail | None:
        with self._open() as db:
            row = db.execute(
                "SELECT id, at, sender, recipient, subject, preview, raw FROM mail WHERE id = ?", [id]
            ).fetchone()
        return Mail(row[0], datetime.fromisoformat(row[1]), *row[2:]) if row else None

    def erase(self, traces: Traces) -> int:
        """Delete the mails that name a person, from the disk too; how many."""
        if not self.file.exists():
            return 0
        with self._open() as db:
            rows = db.execute("SELECT id, recipient, subject, preview, raw FROM mail")
            found = [id for id, *texts, raw in rows if traces.found_in(" ".join(texts)) or traces.found_in(_whole(raw))]
            db.execute("PRAGMA secure_delete=ON")
            db.executemany("DELETE FROM mail WHERE id = ?", [(id,) for id in found])
            if found:
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(found)

    def count(self) -> int:
        with self._open() as db:
            return int(db.execute("SELECT COUNT(*) FROM mail").fetchone()[0])


def parsed(mail: Mail) -> EmailMessage:
    """The message of a mail."""
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


def part(message: EmailMessage, kind: str) -> str:
    """The text of the "html" or "plain" part, "" when there is none."""
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found else ""


def _whole(raw: bytes) -> str:
    """The headers and texts of a mail, decoded."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    texts = [str(value) for value in message.values()]
    return "\n".join([*texts, _text(message), raw.decode("utf-8", "replace")])


def _text(message: Any) -> str:
    try:
        return part(message, "plain")
    except (LookupError, ValueError):  # a charset nobody knows
        return ""


class _Conversation(SmtpConversation):
    login_data: Any = None  # aiosmtpd warns of its own property at each sign-in


class _Server(SMTP):
    def _create_session(self) -> SmtpConversation:
        return _Conversation(self.loop)


class _Sink(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


class _Doorkeeper:
    """Lets in the senders of this home only: two demos on one machine never read each other's mail."""

    def __init__(self, home: Home):
        self.password = home.sink_password

    def __call__(self, _server: SMTP, _session: object, _envelope: object, _mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and given.login == SINK_USER.encode()
        right = known and hmac.compare_digest(given.password, self.password.encode())
        return AuthResult(success=right, handled=False)


class _Handler:
    def __init__(self, mailbox: Mailbox):
        self.mailbox = mailbox

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: SmtpConversation, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 This sink takes mail of its own home only"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpConversation, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.mailbox.add(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 2.0.0 Kept"


_running: dict[Path, Controller] = {}
_lock = threading.Lock()


def keep_running() -> None:
    """Start the sink of this home unless it is running (or is not wanted); called again and again."""
    home = Home.load()
    with _lock:
        if not home.sink or home.path in _running:
            return
        controller = _Sink(
            _Handler(Mailbox(home)), hostname="127.0.0.1", port=home.sink_port, enable_SMTPUTF8=True,
            authenticator=_Doorkeeper(home), auth_require_tls=False,
        )  # fmt: skip
        controller.start()
        actions.ensure_sink_sender(config_of(home))
        _running[home.path] = controller
    log.info("mail sink on 127.0.0.1:%d", home.sink_port)


def stop() -> None:
    """Stop the sinks of this process."""
    with _lock:
        for controller in _running.values():
            controller.stop()
        _running.clear()
