"""The mails that a demo's sink has kept, in a SQLite file of their own below the home's mailbox/."""

from __future__ import annotations

import email
import email.policy
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from ceap.core.ports import Found, Outcome
from ceap.core.traces import Traces
from ceap.kit.clock import now
from ceap.kit.home import Home

_TABLE = """
    CREATE TABLE IF NOT EXISTS mail (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
        preview TEXT NOT NULL, raw BLOB NOT NULL, key TEXT
    );
    CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient);
    CREATE TABLE IF NOT EXISTS kept (since TEXT NOT NULL);
"""
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>\s]+)@", re.MULTILINE | re.IGNORECASE)


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
    def receiving(self) -> Iterator[None]:
        """While the block runs a connection stays open, so that closing another does not write the WAL back to the
        file, which waits for the disk: three times as many mails a second."""
        with self._open():
            yield

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.file, timeout=20, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.executescript(_TABLE)
            if not db.execute("SELECT 1 FROM kept").fetchone():
                _begin(db)
            yield db
        finally:
            db.close()

    def add(self, sender: str, recipients: list[str], raw: bytes) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        subject, preview = str(message.get("Subject", "")), _text(message)[:200]
        at = now().isoformat()
        with self._open() as db:
            db.executemany(
                "INSERT INTO mail (at, sender, recipient, subject, preview, raw, key) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (at, sender, recipient.lower(), subject, " ".join(preview.split()), raw, _key(raw))
                    for recipient in recipients
                ],
            )

    def find(self, keys: Sequence[str], since: datetime) -> dict[str, Found]:
        """What became of messages with these keys; see `ceap.core.ports.Finder`. A mailbox that was made after `since`
        does not say of a message that it never came."""
        if not self.file.exists():
            return {}
        with self._open() as db:
            whole = datetime.fromisoformat(db.execute("SELECT since FROM kept").fetchone()[0]) <= since
            marks = ", ".join("?" * len(keys))
            came = db.execute(
                f"SELECT key, MIN(at) FROM mail WHERE key IN ({marks}) GROUP BY key", list(keys)
            ).fetchall()
        found = {key: Found(Outcome.SENT, datetime.fromisoformat(at)) for key, at in came}
        return {key: Found(Outcome.RETRY) for key in keys if whole} | found

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


def _begin(db: sqlite3.Connection) -> None:
    """Note since when every mail is kept; of a mailbox from before keys were kept, find the keys in its mails."""
    db.execute("BEGIN IMMEDIATE")
    if "key" not in [row[1] for row in db.execute("PRAGMA table_info(mail)")]:
        db.execute("ALTER TABLE mail ADD COLUMN key TEXT")
        rows = db.execute("SELECT id, raw FROM mail").fetchall()
        db.executemany("UPDATE mail SET key = ? WHERE id = ?", [(_key(raw), id) for id, raw in rows])
    db.execute("CREATE INDEX IF NOT EXISTS mail_key ON mail (key)")
    db.execute("INSERT INTO kept SELECT ? WHERE NOT EXISTS (SELECT 1 FROM kept)", [now().isoformat()])
    db.execute("COMMIT")


def _key(raw: bytes) -> str:
    """The key of a message of ours, from its Message-ID; "" when it has none."""
    found = _MESSAGE_ID.search(raw)
    return found[1].decode("ascii", "replace") if found else ""


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
