"""Make, change, test and delete webhooks; send again what they were not told."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit, require_within
from ceap.accounts.contracts import Actor, Level
from ceap.connectors import queries
from ceap.connectors.actions.notices import enqueue
from ceap.connectors.calls import stop_waiting
from ceap.connectors.contracts import TEST, CallState, Happening, Hook
from ceap.connectors.models import Call, Webhook
from ceap.connectors.rules import origin
from ceap.core import outbound
from ceap.customers import queries as customers
from ceap.customers.contracts import IDENTITY_FIELDS
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Conflict, FieldError, Invalid, NotFound
from ceap.kit.seal import seal

IDENTITIES = {*IDENTITY_FIELDS, "usernames"}  # the fields that identities are made of
OVERLAP = timedelta(hours=24)  # both secrets sign after a rotation
DESCRIPTION = 250
TOLD = {"customers_view": Level.ALL, "customers_segment_view": Level.ALL}  # what a webhook is told of needs no less


def _checked(
    actor: Actor, url: str, description: str, events: Sequence[str], segments: Sequence[str], identities: bool
) -> dict[str, Any]:
    errors = []
    if identities and (hidden := customers.hidden_from(actor) & IDENTITIES):
        errors.append(
            FieldError("identities", f"Your role may not see {', '.join(sorted(hidden))}; send no identities.")
        )
    try:
        url = outbound.checked_url(url, private=Home.load().outbound_private)
    except outbound.Refused as refused:
        errors.append(FieldError("url", str(refused)))
    if len(description.strip()) > DESCRIPTION or "\0" in description:
        errors.append(FieldError("description", f"Use at most {DESCRIPTION} characters."))
    if not events or not set(events) <= set(Happening):
        errors.append(FieldError("events", f"Choose at least one of {', '.join(Happening)}."))
    try:
        chosen = list(dict.fromkeys(str(UUID(each)) for each in segments))
    except ValueError:
        chosen = []
        errors.append(FieldError("segments", "Name segments by their ids."))
    if len(chosen) > 1_000:
        errors.append(FieldError("segments", "Choose at most 1,000 segments, or none for all of them."))
    if errors:
        raise Invalid(" ".join(e.message for e in errors), errors=errors)
    wanted = [str(each) for each in Happening if each in events]
    info = {"url": url, "description": description.strip(), "events": wanted, "segments": chosen}
    return info | {"identities": identities}


def _new_secret(url: str) -> tuple[str, bytes]:
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secret, seal(Home.load().secret, {"secret": secret}, to=origin(url))


def _locked(actor: Actor, id: UUID | str) -> Webhook:
    actor.require("webhooks_manage", Level.ALL)
    row = queries.visible_webhooks(actor).select_for_update().filter(pk=id).first()
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def create_webhook(
    actor: Actor,
    *,
    url: str,
    events: Sequence[str],
    description: str = "",
    segments: Sequence[str] = (),
    identities: bool = False,
) -> tuple[Webhook, str]:
    """A new webhook, told from now on. `segments`: ids; none means every segment.

    Args:
        identities: whether it is told how customers are recognised (email, phone, …), besides their number; only who
            may see all of that may have it sent away.

    Returns:
        The webhook and the secret that signs what it is sent; it is not shown again.

    Raises:
        Forbidden: without "webhooks_manage", or not every customer and segment may be seen.
        Invalid: naming every field that is wrong.
    """
    actor.require("webhooks_manage", Level.ALL)
    require_within(actor, TOLD)
    values = _checked(actor, url, description, events, segments, identities)
    secret, sealed = _new_secret(values["url"])
    with transaction.atomic():
        row = Webhook.objects.create(
            **values, secret=sealed, created_by_id=actor.user_id, created_at=now(), updated_at=now()
        )
        audit(actor, "webhooks.create", "webhook", row.pk, str(row), after=values)
    return row, secret


def edit_webhook(
    actor: Actor,
    id: UUID | str,
    *,
    url: str,
    events: Sequence[str],
    description: str = "",
    segments: Sequence[str] = (),
    identities: bool = False,
    on: bool = True,
) -> tuple[Webhook, str]:
    """Change a webhook. Switched off, what waits is stopped and nothing new is noted for it.

    Returns:
        The webhook, and a new secret when it is another server's now ("" otherwise): a secret goes with its server, and
        nothing that another server is told is signed with the old one.

    Raises:
        NotFound, Forbidden, Invalid: as `create_webhook`.
    """
    with transaction.atomic():
        row = _locked(actor, id)
        require_within(actor, TOLD)
        values = _checked(actor, url, description, events, segments, identities)
        state = Hook.ON if on else (Hook.GONE if row.state == Hook.GONE else Hook.OFF)
        new = {**values, "state": str(state)}
        before = {key: getattr(row, key) for key in new}
        changed = [key for key in new if new[key] != before[key]]
        if not changed:
            return row, ""
        secret = ""
        if origin(values["url"]) != origin(row.url):
            secret, row.secret = _new_secret(values["url"])
            row.former = row.former_until = None
        for key in changed:
            setattr(row, key, new[key])
        row.failures, row.resting_until, row.updated_at = 0, None, now()
        row.save()
        if state != Hook.ON:
            stop_waiting(row.pk)
        audit(
            actor, "webhooks.edit", "webhook", row.pk, str(row),
            before={key: before[key] for key in changed},
            after={key: new[key] for key in changed} | ({"new_secret": True} if secret else {}),
        )  # fmt: skip
    return row, secret


def rotate_secret(actor: Actor, id: UUID | str) -> tuple[Webhook, str]:
    """A new secret; for `OVERLAP` what is sent is signed by the old one too.

    Returns:
        The webhook and the new secret, which is not shown again.
    """
    with transaction.atomic():
        row = _locked(actor, id)
        require_within(actor, TOLD)
        secret, sealed = _new_secret(row.url)
        row.former, row.former_until = row.secret, now() + OVERLAP
        row.secret, row.updated_at = sealed, now()
        row.save(update_fields=["secret", "former", "former_until", "updated_at"])
        audit(actor, "webhooks.rotate_secret", "webhook", row.pk, str(row))
    return row, secret


def delete_webhook(actor: Actor, id: UUID | str) -> None:
    """Forget a webhook and what it was told."""
    with transaction.atomic():
        row = _locked(actor, id)
        audit(actor, "webhooks.delete", "webhook", row.pk, str(row), before={"url": row.url, "events": row.events})
        row.delete()


def send_test(actor: Actor, id: UUID | str) -> Call:
    """Send a payload of type "webhook.test"; follow the call to see what came of it.

    Raises:
        Conflict: the webhook is switched off.
    """
    with transaction.atomic():
        row = _locked(actor, id)
        if row.state != Hook.ON:
            raise Conflict("This webhook is switched off; switch it on first.")
        audit(actor, "webhooks.test", "webhook", row.pk, str(row))
        Webhook.objects.filter(pk=row.pk).update(resting_until=None)
        return enqueue([row], TEST, {"message": "This is a test from CEAP.", "asked_by": actor.name})[0]


def resend(actor: Actor, call_id: UUID | str) -> Call:
    """Send again, with the same ids: what was given up or stopped from where it stood, what was sent from the start.

    Raises:
        NotFound: there is no such call. Conflict: it is on its way, or the webhook is switched off.
    """
    actor.require("webhooks_manage", Level.ALL)
    with transaction.atomic():
        row = queries.visible_calls(actor).select_for_update(of=("self",)).filter(pk=call_id).first()
        if row is None:
            raise NotFound("There is no such delivery to a webhook.")
        if row.state == CallState.WAITING:
            raise Conflict("This is on its way already.")
        if row.webhook.state != Hook.ON:
            raise Conflict("This webhook is switched off; switch it on first.")
        if row.state == CallState.SENT:
            row.part = 0
        row.state, row.attempts, row.due_at, row.finished_at = CallState.WAITING, 0, now(), None
        row.created_at = now()  # the time after which it is given up runs anew
        row.lease_token, row.lease_until = "", None
        row.save()
        Webhook.objects.filter(pk=row.webhook_id).update(resting_until=None)
        audit(actor, "webhooks.resend", "webhook", row.webhook_id, str(row.webhook), after={"call": str(row.pk)})
    return row
