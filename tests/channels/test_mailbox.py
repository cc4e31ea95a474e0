"""What a demo's sink can say of messages long after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from ceap.channels.mailbox import Mailbox
from ceap.core.ports import Found, Outcome
from ceap.kit.clock import advance, frozen
from ceap.kit.home import Home

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def raw(key: str) -> bytes:
    return f"Subject: x\r\nMessage-ID: <{key}@shop.test>\r\n\r\nhello\r\n".encode()


def test_it_knows_what_came_and_of_its_own_time_what_did_not(tmp_path: Path) -> None:
    box = Mailbox(Home(tmp_path))
    assert box.find(["a"], NOON) == {}
    assert not box.file.exists()
    with frozen(NOON):
        assert box.count() == 0
        advance(MINUTE)
        box.add("news@shop.test", ["c1@example.test"], raw("a"))
        came = {"a": Found(Outcome.SENT, NOON + MINUTE)}
        assert box.find(["a", "b"], NOON) == came | {"b": Found(Outcome.RETRY)}
        assert box.find(["a", "b"], NOON - MINUTE) == came


def test_a_mailbox_from_before_keys_were_kept_finds_them_in_its_mails(tmp_path: Path) -> None:
    box = Mailbox(Home(tmp_path))
    box.file.parent.mkdir()
    with sqlite.connect(str(box.file)) as old:
        old.execute(
            "CREATE TABLE mail (id INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, "
            "recipient TEXT NOT NULL, subject TEXT NOT NULL, preview TEXT NOT NULL, raw BLOB NOT NULL)"
        )
        values = [NOON.isoformat(), "news@shop.test", "c1@example.test", "x", "hello", raw("a")]
        old.execute("INSERT INTO mail (at, sender, recipient, subject, preview, raw) VALUES (?, ?, ?, ?, ?, ?)", values)
    with frozen(NOON + MINUTE):
        assert box.find(["a", "b"], NOON) == {"a": Found(Outcome.SENT, NOON)}
        assert [mail.recipient for mail in box.page()] == ["c1@example.test"]
