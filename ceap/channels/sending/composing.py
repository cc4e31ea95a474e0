"""Make the messages of claimed deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ceap.channels.actions.claiming import Claimed
from ceap.channels.models import Link, Mapping, Sender
from ceap.consent import queries as consent
from ceap.consent.contracts import TRANSACTIONAL
from ceap.content import queries as content
from ceap.content.contracts import Compiled, Fill, Reason, Rendered, RenderFailure, placeholders
from ceap.content.rendering import Renderer
from ceap.core import links
from ceap.core.ports import Message
from ceap.kit.clock import now
from ceap.kit.problem import NotFound


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed delivery with its message."""

    row: Claimed
    message: Message


@lru_cache(maxsize=64)
def _compiled(version_id: str) -> Compiled:
    """A version; the targets of its links are stored before the first message with them leaves."""
    version = content.compiled(version_id)
    Link.objects.bulk_create(
        [Link(content_version_id=version.id, index=n, url=url) for n, url in enumerate(version.links) if url],
        ignore_conflicts=True,
    )
    return version


@lru_cache(maxsize=64)
def _mapping(kind: str, source_id: str, step: str) -> dict[str, Fill]:
    """What fills the placeholders of a step's messages; it was written before the first of them could be claimed."""
    row = Mapping.objects.filter(source_kind=kind, source_id=source_id, step=step).first()
    return {name: Fill(**fill) for name, fill in row.fills.items()} if row else {}


def _fills(row: Claimed, version: Compiled) -> dict[str, Fill]:
    """What fills the placeholders of `version` in a step; in a test each shows its own name."""
    free = placeholders(version.variables)
    if not free:
        return {}
    if row.source_kind == "test":
        return {name: Fill(fallback=f"[{name}]") for name in free}
    known = _mapping(row.source_kind, row.source_id, row.step)
    return {name: known[name] for name in free if name in known}


def compose(
    sender: Sender, rows: Sequence[Claimed], renderer: Renderer, edge_url: str
) -> tuple[list[Ready], list[tuple[Claimed, str, str]]]:
    """The messages of `rows`, and those that cannot be made: (delivery, reason, detail)."""
    ready: list[Ready] = []
    failed: list[tuple[Claimed, str, str]] = []
    groups: dict[tuple[str, str, str, str], list[Claimed]] = {}
    for row in rows:
        groups.setdefault((row.version, row.channel, row.source_id, row.step), []).append(row)
    for (version_id, channel, *_), members in groups.items():
        try:
            version = _compiled(version_id)
        except NotFound as problem:
            failed += [(row, "rendering", problem.detail) for row in members]
            continue
        fills = _fills(members[0], version)
        if missing := [name for name in placeholders(version.variables) if name not in fills]:
            failed += [(row, str(Reason.ERROR), f"Nothing fills the variable “{missing[0]}”.") for row in members]
            continue
        ids = [row.customer for row in members]
        own = consent.addresses(ids, channel)
        contexts = content.contexts(version, fills, ids, [_track(edge_url, row.token) for row in members])
        for row, result in zip(members, renderer.render(version, contexts), strict=True):
            if isinstance(result, RenderFailure):
                failed.append((row, str(result.reason), result.detail))
                continue
            if row.purpose != TRANSACTIONAL and (part := _without_unsubscribe(result, edge_url, row)):
                detail = f"The {part} has no link to unsubscribe, without which no marketing leaves."
                failed.append((row, str(Reason.NO_UNSUBSCRIBE), detail))
                continue
            to = row.address or own.get(row.customer, "")
            headers = {} if row.purpose == TRANSACTIONAL else _list_headers(sender, row, edge_url)
            message = Message(
                row.token, sender.from_name, sender.from_address, to, result.subject, result.html, result.text,
                now(), sender.reply_to, headers,
            )  # fmt: skip
            ready.append(Ready(row, message))
    return ready, failed


def _without_unsubscribe(message: Rendered, edge_url: str, row: Claimed) -> str:
    """The part of a rendered message that does not name its unsubscribe link; "" for none."""
    return links.part_without(links.unsubscribe_url(edge_url, row.token), message.html, message.text)


def _track(edge_url: str, token: str) -> dict[str, str]:
    return {
        "click": links.click_url(edge_url, token),
        "open": links.open_url(edge_url, token),
        "unsubscribe": links.unsubscribe_url(edge_url, token),
    }


def _list_headers(sender: Sender, row: Claimed, edge_url: str) -> dict[str, str]:
    """RFC 8058 one-click unsubscribe and RFC 2919 List-Id."""
    domain = sender.from_address.rpartition("@")[2]
    return {
        "List-Unsubscribe": f"<{links.unsubscribe_url(edge_url, row.token)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{row.purpose}.{domain}>",
    }
