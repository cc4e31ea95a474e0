"""The worker's loop that tells webhooks: one thread for each server that has something waiting.

A slow server keeps its own thread busy, not the others; what it is told keeps its order unless a part has to be tried
again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any
from uuid import UUID

from django.db import connections
from standardwebhooks import Webhook as Signer

from ceap.connectors import calls
from ceap.connectors.models import Call, Webhook
from ceap.connectors.rules import PART, origin, retry_after
from ceap.core import bitmaps
from ceap.core.outbound import Outbound, Refused, Reply, Unreachable
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.seal import CannotUnseal, unseal

log = logging.getLogger("ceap.connectors")
THREADS = 32
TURN_SECONDS = 10.0  # then the thread ends; the next look begins another
_busy: set[UUID] = set()
_lock = threading.Lock()


def send_due() -> int:
    """Begin to send what is due, in threads of their own; returns how many were begun."""
    begun = 0
    for webhook_id in calls.due().order_by().values_list("webhook_id", flat=True).distinct():
        with _lock:
            if webhook_id in _busy or len(_busy) >= THREADS:
                continue
            _busy.add(webhook_id)
        threading.Thread(target=_turn, args=(webhook_id,), name=f"webhook {webhook_id}", daemon=True).start()
        begun += 1
    return begun


def _turn(webhook_id: UUID) -> None:
    try:
        send_to(webhook_id, seconds=TURN_SECONDS)
    except Exception:  # the next look tries again; leases run out by themselves
        log.exception("telling webhook %s failed", webhook_id)
    finally:
        with _lock:
            _busy.discard(webhook_id)
        connections.close_all()


def send_to(webhook_id: UUID, *, seconds: float) -> int:
    """Send what is due to one webhook for at most about `seconds`; returns how many payloads were tried."""
    until, tried = time.monotonic() + seconds, 0
    with Outbound(private=Home.load().outbound_private) as outbound:
        while time.monotonic() < until and (taken := calls.take(webhook_id)):
            _send(outbound, *taken)
            tried += 1
    return tried


def _send(outbound: Outbound, token: str, call: Call) -> None:
    started = time.monotonic()
    try:
        body = payload(call)
        reply = outbound.post(call.webhook.url, headers(call, body), body.encode())
    except (Refused, Unreachable, CannotUnseal) as error:
        took = round((time.monotonic() - started) * 1000)
        calls.failed(call, token, error=str(error), milliseconds=took)
        return
    _settle(call, token, reply)


def _settle(call: Call, token: str, reply: Reply) -> None:
    if 200 <= reply.status < 300:
        calls.acknowledged(call, token, reply.status, reply.text, reply.milliseconds)
    elif reply.status == 410:
        calls.gone(call, token, reply.text, reply.milliseconds)
    else:
        error = "It redirects to another address; redirects are not followed." if 300 <= reply.status < 400 else ""
        wait = retry_after(reply.headers.get("retry-after", ""), now())
        calls.failed(
            call, token, status=reply.status, answer=reply.text, error=error, milliseconds=reply.milliseconds,
            retry_after=wait,
        )  # fmt: skip


def message_id(call: Call) -> str:
    """The same for every attempt at the same part."""
    return f"msg_{call.pk.hex}_{call.part}"


def headers(call: Call, body: str) -> dict[str, str]:
    """What is sent above `body`: id, time and a signature by each secret that is valid (Standard Webhooks).

    Raises:
        CannotUnseal: the stored secret cannot be read.
    """
    at, id = now(), message_id(call)
    signed = " ".join(Signer(secret).sign(id, at, body) for secret in secrets(call.webhook))
    return {
        "content-type": "application/json", "user-agent": "CEAP-Webhooks/1", "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed,
    }  # fmt: skip


def secrets(webhook: Webhook) -> list[str]:
    """The secrets that sign now, the newest first."""
    sealed = [webhook.secret]
    if webhook.former is not None and webhook.former_until is not None and webhook.former_until > now():
        sealed.append(webhook.former)
    home = Home.load().secret
    return [str(unseal(home, each, to=origin(webhook.url))["secret"]) for each in sealed]


def payload(call: Call) -> str:
    """The JSON of the call's next part: customers by their number, and by their identities if the webhook wants them.

    Customers that no longer exist have no identities.
    """
    notice = call.notice
    data: dict[str, Any] = dict(notice.data)
    if notice.customers is not None:
        people = bitmaps.unpack(notice.customers)
        first = call.part * PART
        ids = list(people[first : first + PART])
        told: list[dict[str, Any]] = [{"id": id} for id in ids]
        if call.webhook.identities:
            known = customers.identities(ids)
            told = [one | {"identities": known.get(one["id"], [])} for one in told]
        data |= {
            "customers": told,
            "total": notice.size, "part": call.part + 1, "parts": call.parts,
        }  # fmt: skip
    body = {"type": notice.event, "timestamp": notice.at.isoformat(), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
