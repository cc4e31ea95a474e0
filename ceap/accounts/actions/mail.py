"""Mail about accounts, through the home's SMTP server."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.core.mail import EmailMessage

from ceap.accounts.models import User
from ceap.accounts.queries import mail_is_configured, organisation

log = logging.getLogger("ceap.accounts")


def send_reset_link(user: User, url: str, *, invitation: bool = False) -> bool:
    """Send a link to set a password, in the background: how long an answer takes tells nobody whether a user exists.

    Returns:
        False when the home has no `smtp_host`: nothing is sent, somebody must hand the link over.
    """
    if not mail_is_configured():
        log.warning("no smtp_host is set: the link for user %s was not sent", user.pk)
        return False
    name = organisation().name
    subject = f"Your access to CEAP of {name}" if invitation else "Set a new password"
    reason = (
        f"You have been given access to CEAP, the customer engagement platform of {name}. Choose a password here:"
        if invitation
        else "Somebody, hopefully you, asked for a new password for CEAP. Choose one here:"
    )
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    body = (
        f"Hello {user.name},\n\n{reason}\n\n{url}\n\nThe link works once and for {days} days. "
        "If you did not expect this mail, delete it: nothing changes.\n"
    )
    message = EmailMessage(subject, body, to=[user.email])
    threading.Thread(target=_send, args=(message, user.pk), name="account-mail").start()
    return True


def _send(message: EmailMessage, user_id: int) -> None:
    try:
        message.send()
    except OSError:  # smtplib's errors are OSErrors
        log.exception("mail about the account of user %s was not sent", user_id)
