"""What people do with a message: opened, clicked, unsubscribed. Each hit is one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from ceap.core import changelog, optout
from ceap.core.links import tokens_in
from ceap.core.sql import Vendor, moment, statement
from ceap.edge.people import follow

# Programs that fetch what is in a mail before, or instead of, a person. Proxies that fetch when a person opens
# (GoogleImageProxy, YahooMailProxy) are not among them.
_MACHINES = re.compile(
    r"barracuda|proofpoint|mimecast|safelinks|office existence discovery|ms-office|symantec|trendmicro|sophos|"
    r"forcepoint|cloudmark|messagelabs|zscaler|bot\b|bot/|crawl|spider|slurp|preview|scanner|facebookexternalhit|"
    r"whatsapp/|curl/|wget/|python-|go-http-client|java/|okhttp|libwww|node-fetch|axios/|httpx/|aiohttp/",
    re.IGNORECASE,
)
_PREFETCH = ("purpose", "sec-purpose", "x-purpose", "x-moz")


@dataclass(frozen=True, slots=True)
class Hit:
    """One request for a tracked address."""

    token: str  # as it stood in the link
    at: datetime
    machine: bool
    agent: str
    index: int = -1  # of the link, for clicks
    url: str = ""

    @property
    def tokens(self) -> tuple[str, str]:
        """What may be the delivery's token."""
        return tokens_in(self.token)


def by_machine(method: str, headers: Headers) -> bool:
    """Whether a program, not a person, makes this request: HEAD, a prefetch, a known scanner, no user agent."""
    if method == "HEAD" or any(
        "prefetch" in headers.get(name, "") or "preview" in headers.get(name, "") for name in _PREFETCH
    ):
        return True
    agent = headers.get("user-agent", "")
    return agent in ("", "Mozilla/5.0") or bool(_MACHINES.search(agent))


@dataclass(frozen=True, slots=True)
class _Delivery:
    id: int
    customer: int
    campaign: str | None
    channel: str
    purpose: str
    address: str


def opened(cursor: Any, vendor: Vendor, hit: Hit) -> None:
    """Store an open of the pixel; unknown tokens change nothing."""
    if found := _delivery(cursor, vendor, hit):
        if not hit.machine:
            _stamp(cursor, vendor, "opened_at", found, hit.at)
        _touch(cursor, vendor, "message_opened", found, hit, "open")


def clicked(cursor: Any, vendor: Vendor, hit: Hit) -> None:
    """Store a click on a link; unknown tokens change nothing."""
    if found := _delivery(cursor, vendor, hit):
        if not hit.machine:
            _stamp(cursor, vendor, "clicked_at", found, hit.at)
        _touch(cursor, vendor, "message_clicked", found, hit, f"click:{hit.index}")


def unsubscribed(cursor: Any, vendor: Vendor, hit: Hit) -> tuple[int, str] | None:
    """Store an unsubscribe and withdraw the permission to send.

    Returns:
        (customer, address) whose messages must not be in hand any more before the opt-out is acknowledged; `TRIAL` for
        a test message, which changes nothing; None for an unknown token.
    """
    found = _delivery(cursor, vendor, hit)
    if found is None:
        cursor.execute(statement(vendor, KNOWN), list(hit.tokens))
        return TRIAL if cursor.fetchone() else None
    customer = follow(cursor, vendor, found.customer)
    optout.opt_out(
        cursor, vendor, customer_id=customer, channel=found.channel, address=found.address,
        purpose="marketing" if found.purpose == "transactional" else found.purpose, source="unsubscribe link",
        evidence={"delivery": found.id, "user_agent": hit.agent[:200]}, at=hit.at,
    )  # fmt: skip
    if _stamp(cursor, vendor, "unsubscribed_at", found, hit.at):
        _touch(cursor, vendor, "message_unsubscribed", found, hit, "unsubscribe")
    return customer, found.address


TRIAL = (0, "")
_NAMED = "token IN (%s, %s)"
KNOWN = f"SELECT 1 FROM channels_delivery WHERE {_NAMED}"
TARGET = (
    "SELECT l.url FROM channels_delivery d JOIN channels_link l ON l.content_version_id = d.content_version_id "
    f'WHERE d.{_NAMED} AND l."index" = %s'
)


def _delivery(cursor: Any, vendor: Vendor, hit: Hit) -> _Delivery | None:
    cursor.execute(
        statement(
            vendor,
            "SELECT id, customer_id, source_kind, source_id, channel, purpose, address FROM channels_delivery "
            f"WHERE {_NAMED}",
        ),
        list(hit.tokens),
    )
    row = cursor.fetchone()
    if row is None or row[2] == "test":  # what somebody tries with a test message says nothing about the customer
        return None
    id, customer, kind, source, channel, purpose, address = row
    campaign = _dashed(source) if kind == "campaign" else None
    return _Delivery(id, customer, campaign, channel, purpose, address)


def _dashed(id: Any) -> str:
    text = str(id).replace("-", "")
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _stamp(cursor: Any, vendor: Vendor, column: str, found: _Delivery, at: datetime) -> bool:
    """Set `column` of the delivery unless it is set; whether this did it."""
    cursor.execute(
        statement(vendor, f"UPDATE channels_delivery SET {column} = %s WHERE id = %s AND {column} IS NULL"),
        [moment(vendor, at), found.id],
    )
    return bool(cursor.rowcount)


def _touch(cursor: Any, vendor: Vendor, name: str, found: _Delivery, hit: Hit, what: str) -> None:
    """The touchpoint; hits of the same kind within the same minute are one."""
    verdict = "machine" if hit.machine else "person"
    props: dict[str, Any] = {"delivery": found.id, "verdict": verdict}
    if hit.url:
        props["url"] = hit.url
    dedupe = f"touch:{found.id}:{what}:{verdict[0]}:{int(hit.at.timestamp()) // 60}"
    entry = changelog.event(name, found.customer, at=hit.at, campaign=found.campaign, props=props, dedupe=dedupe)
    changelog.append(cursor, [entry], vendor)
