"""The SMTP plug-in against a server that misbehaves in every way it can."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from ceap.core.ports import Answer, Message, Outcome, ProviderDown
from ceap.plugins.channels.smtp import Settings, SmtpSession, plugin
from tests.channels.smtp_server import Server, running

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def config(server: Server, **more) -> Settings:
    return Settings(host="127.0.0.1", port=server.port, security="none", **{"timeout": 2, **more})


def message(to: str = "ann@example.test", key: str = "k1") -> Message:
    return Message(key, "Shop", "news@shop.test", to, "Hello", "<p>.</p>\n.\n..", ".\n..\nend", AT)


def send(server: Server, *messages: Message, confirm=lambda: True, **more) -> list[Answer]:
    session = plugin.open(config(server, **more))
    try:
        return [session.send(m, confirm) for m in messages]
    finally:
        session.close()


@pytest.mark.parametrize("pipelining", [True, False])
def test_mail_arrives_whole_with_its_dots_on_one_connection(pipelining: bool) -> None:
    with running(pipelining=pipelining) as server:
        answers = send(server, message(key="a"), message("bob@example.test", "b"))
        assert [a.outcome for a in answers] == [Outcome.SENT] * 2
        assert server.sessions == 1
        assert [(m.recipient, m.key) for m in server.mails] == [("ann@example.test", "a"), ("bob@example.test", "b")]
        assert b"\r\n..\r\n...\r\nend" in server.mails[0].data


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("stage", "reply", "outcome", "reason", "slow"),
    [
        ("rcpt", "550 5.1.1 No such user here", Outcome.FAILED, "bounced", False),
        ("rcpt", "550 User unknown", Outcome.FAILED, "bounced", False),
        ("rcpt", "552 5.2.2 Mailbox full", Outcome.FAILED, "rejected", False),
        ("rcpt", "450 4.2.0 Greylisted", Outcome.RETRY, "retry", False),
        ("rcpt", "421 4.7.0 Too many connections", Outcome.RETRY, "retry", True),
        ("rcpt", "454 4.7.1 Temporary", Outcome.RETRY, "retry", True),
        ("mail", "451 4.3.0 Queue full", Outcome.RETRY, "retry", True),
        ("data", "451 4.3.0 Not now", Outcome.RETRY, "retry", False),
        ("data", "554 5.7.1 No", Outcome.FAILED, "rejected", False),
        ("message", "554 5.7.1 Spam", Outcome.FAILED, "rejected", False),
        ("message", "451 4.7.0 Later", Outcome.RETRY, "retry", False),
        ("message", "take and cut", Outcome.UNKNOWN, "cut", False),
        ("message", "cut", Outcome.UNKNOWN, "cut", False),
    ],
)
def test_every_refusal_is_understood(stage, reply, outcome, reason, slow, pipelining) -> None:
    with running(lambda s, a: reply if s == stage else None, pipelining=pipelining) as server:
        (answer,) = send(server, message())
    assert (answer.outcome, answer.reason) == (outcome, reason)
    assert (answer.slow_down is not None) == slow


def test_a_bad_recipient_leaves_the_connection_good_for_the_next() -> None:
    with running(lambda s, a: "550 5.1.1 No" if s == "rcpt" and a.startswith("bad") else None) as server:
        answers = send(
            server, message("bad@x.test"), message("good@x.test"), message("bad@x.test"), message("too@x.test")
        )
        assert [a.outcome for a in answers] == [Outcome.FAILED, Outcome.SENT, Outcome.FAILED, Outcome.SENT]
        assert server.sessions == 1


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("mail", "550 5.7.1 Sender not allowed"),
        ("mail", "530 5.7.0 Must issue STARTTLS"),
        ("rcpt", "554 5.7.1 Relay access denied"),
        ("rcpt", "530 5.7.0 Authentication required"),
    ],
)
def test_what_no_recipient_can_help_is_the_provider_down(stage: str, reply: str) -> None:
    with running(lambda s, a: reply if s == stage else None) as server, pytest.raises(ProviderDown, match=reply[:3]):
        send(server, message())


def test_no_server_a_refusal_at_connect_and_silence_are_the_provider_down() -> None:
    with running(lambda s, a: "554 5.3.2 Closed" if s == "connect" else None) as server:
        with pytest.raises(ProviderDown, match="554"):
            plugin.open(config(server))
        server.stop()
        with pytest.raises(ProviderDown, match="refused"):
            plugin.open(config(server))

    def silent(stage: str, argument: str) -> None:
        if stage == "connect":
            time.sleep(1)

    with running(silent) as server, pytest.raises(ProviderDown, match="timed out"):
        plugin.open(config(server, timeout=0.2))


def test_silence_after_the_message_is_unknown_and_before_it_is_not() -> None:
    def slow(at: str):
        return lambda stage, argument: time.sleep(1) if stage == at else None

    with running(slow("message")) as server:
        (answer,) = send(server, message(), timeout=0.3)
        assert (answer.outcome, answer.reason, answer.lost) == (Outcome.UNKNOWN, "timeout", True)
    with running(slow("rcpt")) as server:
        (answer,) = send(server, message(), timeout=0.3)
        assert (answer.outcome, answer.slow_down, answer.lost) == (Outcome.RETRY, None, True)
        assert not server.mails
    with running(slow("mail")) as server:
        (answer,) = send(server, message(), timeout=0.3)
        assert (answer.outcome, answer.slow_down, answer.lost) == (Outcome.RETRY, 1.0, True)


def test_planted_silence_after_the_message_taken_for_a_refusal_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = SmtpSession.send

    def hopeful(self: SmtpSession, message: Any, confirm: Any) -> Answer:
        answer = real(self, message, confirm)
        return self._broken(answer.detail) if answer.outcome is Outcome.UNKNOWN else answer

    monkeypatch.setattr(SmtpSession, "send", hopeful)
    with pytest.raises(AssertionError, match=r"RET.* == .*UNK"):
        test_silence_after_the_message_is_unknown_and_before_it_is_not()


def test_a_message_whose_permission_is_gone_at_the_last_moment_is_not_handed_over() -> None:
    with running() as server:
        (answer,) = send(server, message(), confirm=lambda: False)
        time.sleep(0.1)
        assert answer.outcome is Outcome.WITHDRAWN
        assert not server.mails


def test_retry_after_is_read() -> None:
    with running(lambda s, a: "421 4.7.0 Rate exceeded, retry after 30 seconds" if s == "rcpt" else None) as server:
        (answer,) = send(server, message())
    assert answer.slow_down == 30
