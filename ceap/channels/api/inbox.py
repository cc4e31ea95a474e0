"""The demo's inbox: mails that the sink kept. Installations that are not demos have none."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from ninja import Query, Router
from ninja.decorators import decorate_view

from ceap.accounts.authentication import actor
from ceap.channels import mailbox
from ceap.channels.schemas import MailDetail, Mails
from ceap.customers.queries import hidden_from
from ceap.kit import pagination
from ceap.kit.home import Home
from ceap.kit.problem import Forbidden, NotFound

LIST = "inbox"
router = Router()
# The mail's own scripts never run; links open outside the frame; images come from the data plane and elsewhere.
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline' *; font-src *; frame-ancestors 'self'"
)


def _mailbox(request: HttpRequest) -> mailbox.Mailbox:
    who, home = actor(request), Home.load()
    if not home.sink:
        raise NotFound("This installation has no inbox of its own.")
    if hidden_from(who):
        raise Forbidden("Mails say what fields hold, and some fields are hidden from your role.")
    return mailbox.Mailbox(home)


def _mail(request: HttpRequest, mail_id: int) -> mailbox.Mail:
    found = _mailbox(request).get(mail_id)
    if found is None:
        raise NotFound("There is no such mail.")
    return found


@router.get("/inbox", response=Mails)
def index(
    request: HttpRequest, search: str = "", cursor: str | None = None, limit: int = Query(50, ge=1, le=200)
) -> Any:
    """Mails that arrived, newest first; `search` in recipient and subject."""
    kept = _mailbox(request)

    def behind(last: list[Any] | None, count: int) -> list[mailbox.Mail]:
        return kept.page(search=search.strip(), before=last[0] if last else None, limit=count)

    rows, following = pagination.page_by(behind, lambda mail: [mail.id], of=LIST, cursor=cursor, limit=limit)
    return {"items": rows, "next": following, "total": None if search else kept.count()}


@router.get("/inbox/{mail_id}", response=MailDetail)
def read(request: HttpRequest, mail_id: int) -> Any:
    """One mail with its headers and its plain text."""
    mail = _mail(request, mail_id)
    message = mailbox.parsed(mail)
    found = re.search(r"<(https?://[^>]+)>", str(message.get("List-Unsubscribe", "")))
    return {
        "id": mail.id, "at": mail.at, "sender": mail.sender, "recipient": mail.recipient, "subject": mail.subject,
        "preview": mail.preview, "headers": [{"name": name, "value": str(value)} for name, value in message.items()],
        "text": mailbox.part(message, "plain"), "has_html": bool(mailbox.part(message, "html")),
        "unsubscribe_url": found[1] if found else "",
        "one_click": message.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click",
    }  # fmt: skip


@router.get("/inbox/{mail_id}/html", include_in_schema=True)
@decorate_view(xframe_options_sameorigin)
def html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The mail's HTML part, for a sandboxed frame: nothing in it can run, links open in a new tab."""
    content = mailbox.part(mailbox.parsed(_mail(request, mail_id)), "html")
    response = HttpResponse(f'<base target="_blank">{content}', content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = FRAME_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response
