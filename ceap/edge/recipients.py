"""What the links of a message lead to: its pixel, its targets, its unsubscribe page.

A link may arrive with what a mail program or a person put around it; that is trimmed. One that is damaged is answered
with a page that says so and how to write to the organisation: never as if something had been done.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ceap.core import optout
from ceap.core.links import is_web_address, read_target, tokens_in
from ceap.edge import pages, tracking
from ceap.edge.problems import Unavailable
from ceap.edge.store import Store
from ceap.kit.clock import now
from ceap.kit.home import Home

log = logging.getLogger("ceap.edge")

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_UNSEEN = {"cache-control": "no-store, private", "referrer-policy": "no-referrer"}
_INDEX = re.compile(r"(\d{1,6})(?![A-Za-z0-9_-])", re.ASCII)
_NOBODY_READS = re.compile(r"(no|do-?not)[-_.]?reply", re.IGNORECASE)
_ORGANISATION = "SELECT name, settings FROM accounts_organisation LIMIT 1"
# Where recipients can write to: the senders of email, the one that is used by default first.
_SENDERS = (
    "SELECT reply_to, from_address FROM channels_sender WHERE channel = 'email' AND archived_at IS NULL "
    'ORDER BY "default" DESC, created_at LIMIT 5'
)


@dataclass(frozen=True)
class Recipients:
    """The answers to recipients of the messages of one home."""

    home: Home
    store: Store

    async def opened(self, request: Request) -> Response:
        """GET /o/<token>.gif: always the pixel."""
        hit = self._hit(request, request.path_params["token"].partition(".")[0])
        try:
            await self.store.write(lambda cursor: tracking.opened(cursor, self.store.vendor, hit))
        except Unavailable:
            log.warning("an open could not be stored")
        return Response(PIXEL, media_type="image/gif", headers=_UNSEEN)

    async def clicked(self, request: Request) -> Response:
        """GET /c/<token>/<n>[?u=signed]: on to the stored or signed target, never anywhere else."""
        token, _, number = request.path_params["link"].partition("/")
        signed = request.query_params.get("u")
        found = _INDEX.match(number)
        index, target = int(found.group(1)) if found else -1, None
        if signed is not None:
            given = (read_target(self.home.secret, one) for one in tokens_in(signed))
            target = next((one for one in given if one), None)
        elif index >= 0:
            rows = await self.store.read(tracking.TARGET, [*tokens_in(token), index])
            target = rows[0][0] if rows and is_web_address(rows[0][0]) else None
        if target is None:
            return HTMLResponse(pages.nowhere(await self._sender()), 404, headers=pages.HEADERS)
        hit = self._hit(request, token, index=index, url=target)
        try:
            await self.store.write(lambda cursor: tracking.clicked(cursor, self.store.vendor, hit))
        except Unavailable:  # the reader gets where the mail promised, whatever the state of the store
            log.warning("a click could not be stored")
        return RedirectResponse(target, 302, headers=_UNSEEN)

    async def unsubscribe(self, request: Request) -> Response:
        """GET and POST /u/<token> (RFC 8058): only POST acts; 404 for a link that names no message."""
        hit = self._hit(request, request.path_params["token"])
        if request.method != "POST":
            with suppress(Unavailable):  # while the store cannot be read only the button can tell
                if not await self.store.read(tracking.KNOWN, list(hit.tokens)):
                    return await self._incomplete()
            return HTMLResponse(pages.confirm((await self._sender()).name), headers=pages.HEADERS)
        try:
            found = await self.store.write(lambda cursor: tracking.unsubscribed(cursor, self.store.vendor, hit))
        except Unavailable as problem:
            headers = {**pages.HEADERS, "retry-after": str(problem.retry_after)}
            return HTMLResponse(pages.later(), 503, headers=headers)
        if found is None:
            return await self._incomplete()
        if found is tracking.TRIAL:
            return HTMLResponse(pages.trial(), headers=pages.HEADERS)
        await self._out_of_hand(*found)
        return HTMLResponse(pages.done((await self._sender()).name), headers=pages.HEADERS)

    async def _incomplete(self) -> Response:
        return HTMLResponse(pages.incomplete(await self._sender()), 404, headers=pages.HEADERS)

    async def _out_of_hand(self, customer: int, address: str) -> None:
        """Wait until no message to this person is being handed to a provider, so that the answer is true."""
        until = asyncio.get_running_loop().time() + optout.ACKNOWLEDGE_SECONDS
        with suppress(Unavailable):
            while asyncio.get_running_loop().time() < until:
                if not await self.store.write(
                    lambda cursor: optout.in_hand(cursor, self.store.vendor, customer_id=customer, address=address)
                ):
                    return
                await asyncio.sleep(0.1)

    async def _sender(self) -> pages.Sender:
        """Who the message is from and how to write to them; as much as can be read."""
        with suppress(Unavailable):
            name, address = "the sender", ""
            for name, settings in await self.store.read(_ORGANISATION):  # noqa: B007  at most one
                settings = json.loads(settings) if isinstance(settings, str) else settings
                address = str(settings.get("postal_address", ""))
            rows = await self.store.read(_SENDERS)
            own = dict.fromkeys(str(reply_to or sender) for reply_to, sender in rows)
            return pages.Sender(str(name), [one for one in own if one and not _NOBODY_READS.match(one)][:2], address)
        return pages.Sender("the sender")

    def _hit(self, request: Request, token: str, **more: Any) -> tracking.Hit:
        machine = tracking.by_machine(request.method, request.headers)
        return tracking.Hit(token, now(), machine, request.headers.get("user-agent", ""), **more)
