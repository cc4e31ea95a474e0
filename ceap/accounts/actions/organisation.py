"""Change the organisation and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from django.db import connection, transaction

from ceap.accounts.actions.trail import audit
from ceap.accounts.contracts import CURRENCIES, Actor, Level
from ceap.accounts.models import Organisation
from ceap.accounts.queries import CHANGED
from ceap.accounts.rules import checked_settings
from ceap.core import changelog
from ceap.kit.problem import FieldError, Invalid


def change_organisation(
    actor: Actor,
    *,
    name: str | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
    settings: Mapping[str, object] | None = None,
    scenario: str | None = None,
) -> Organisation:
    """Change what is given; `settings` holds only the settings to change.

    `scenario` names a demo with made-up people: every page then says "synthetic data".

    Raises:
        Forbidden: without "settings_manage".
        Invalid: naming every field that is wrong.
    """
    actor.require("settings_manage", Level.ALL)
    errors = []
    if name is not None and not 1 <= len(name.strip()) <= 120:
        errors.append(FieldError("name", "Give a name of at most 120 characters."))
    if time_zone is not None and time_zone not in available_timezones():
        errors.append(FieldError("time_zone", "Give an IANA time zone like Europe/Berlin."))
    if currency is not None and currency not in CURRENCIES:
        errors.append(FieldError("currency", "Give an ISO 4217 currency like EUR."))
    with transaction.atomic():
        row = Organisation.objects.select_for_update().first() or Organisation()
        before = _facts(row)
        try:
            row.settings = checked_settings(row.settings, settings or {})
        except Invalid as problem:
            errors += problem.errors
        if errors:
            raise Invalid("; ".join(e.message for e in errors), errors=errors)
        row.name = row.name if name is None else name.strip()
        row.time_zone = time_zone or row.time_zone
        row.currency = currency or row.currency
        if scenario is not None:
            row.scenario, row.synthetic = scenario, bool(scenario)
        after = _facts(row)
        changed = [key for key in after if after[key] != before.get(key)]
        if changed:
            row.save()
            if "currency" in changed:
                with connection.cursor() as cursor:
                    changelog.rates_changed(cursor, {row.currency: None}, connection.vendor)
            audit(
                actor, CHANGED, "organisation", row.pk, row.name,
                before={key: before.get(key) for key in changed}, after={key: after[key] for key in changed},
            )  # fmt: skip
    return row


def _facts(row: Organisation) -> dict[str, object]:
    facts = {"name": row.name, "time_zone": row.time_zone, "currency": row.currency, "scenario": row.scenario}
    return {**facts, **row.settings}
