"""The demo's mail sink: a real SMTP server on loopback that keeps every mail for the Inbox page and delivers none."""

from __future__ import annotations

import hmac
import logging
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpConversation

from ceap.channels import actions
from ceap.channels.mailbox import Mailbox
from ceap.kit.home import SINK_USER, Home

log = logging.getLogger("ceap.sink")


def config_of(home: Home) -> dict[str, Any]:
    """How a sender of this home reaches its sink."""
    return {
        "host": "127.0.0.1", "port": home.sink_port, "security": "none", "username": SINK_USER,
        "password": home.sink_password,
    }  # fmt: skip


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


_running: dict[Path, tuple[Controller, ExitStack]] = {}
_lock = threading.Lock()


def keep_running() -> None:
    """Start the sink of this home unless it is running (or is not wanted); called again and again."""
    home = Home.load()
    with _lock:
        if not home.sink or home.path in _running:
            return
        mailbox = Mailbox(home)
        controller = _Sink(
            _Handler(mailbox), hostname="127.0.0.1", port=home.sink_port, enable_SMTPUTF8=True,
            authenticator=_Doorkeeper(home), auth_require_tls=False,
        )  # fmt: skip
        with ExitStack() as open_:
            open_.enter_context(mailbox.receiving())  # from now on it can say of a mail that it never came
            controller.start()
            actions.ensure_sink_sender(config_of(home))
            _running[home.path] = controller, open_.pop_all()
    log.info("mail sink on 127.0.0.1:%d", home.sink_port)


def stop() -> None:
    """Stop the sinks of this process."""
    with _lock:
        for controller, open_ in _running.values():
            controller.stop()
            open_.close()
        _running.clear()
