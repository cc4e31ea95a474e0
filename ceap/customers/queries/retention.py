"""The runs of the retention, and the holds that it respects."""

from __future__ import annotations

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import setting
from ceap.core.retention import KEPT
from ceap.customers.models import Hold, RetentionRun
from ceap.customers.queries.erasures import discover


def retention_runs(actor: Actor, most: int = 30) -> list[RetentionRun]:
    """The newest runs first.

    Raises:
        Forbidden: without "settings_manage".
    """
    actor.require("settings_manage", Level.ALL)
    return list(RetentionRun.objects.order_by("-created_at", "-id")[:most])


def kept_names() -> dict[str, str]:
    """What goes by age, for people, by setting."""
    discover()
    return {key: kept.name for key, kept in KEPT.items()}


def hold_over(actor: Actor, customer: int) -> Hold | None:
    """The legal hold over a customer, or over one merged into it.

    Raises:
        Forbidden: the actor may not erase.
    """
    actor.require("customers_erase")
    own = Hold.objects.filter(customer=customer).first()
    return own or Hold.objects.filter(customer__merged_into=customer).first()


def everybody_is_held() -> bool:
    """Whether the organisation's legal hold over everything is on."""
    return bool(setting("legal_hold"))
