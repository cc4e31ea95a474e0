"""Pure decisions of the gate: what is left of a suppression, and about time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ceap.consent.contracts import MARKETING, TRANSACTIONAL


def left_of(
    held_channel: str, held_purpose: str, channel: str, purpose: str, reachable: Sequence[str]
) -> list[tuple[str, str]]:  # fmt: skip
    """What stays of a suppression for (held channel, held purpose) once (channel, purpose) is lifted; "*" is all.

    `reachable` are the channels on which the address can be written to at all. A purpose nobody has named needs no
    suppression to stay closed: the consent record that came with it closes it.
    """
    left: list[tuple[str, str]] = []
    if held_channel == "*" and channel != "*":
        left += [(one, held_purpose) for one in reachable if one != channel]
    if held_purpose == "*" and purpose != "*":
        lifted = held_channel if channel == "*" else channel
        left += [(lifted, one) for one in (MARKETING, TRANSACTIONAL) if one != purpose]
    return left


@lru_cache(maxsize=1024)
def zone(name: str, fallback: str = "UTC") -> ZoneInfo:
    """The IANA zone `name`, else `fallback`, else UTC."""
    for candidate in (name, fallback):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except (KeyError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def cap_window(at: datetime, organisation_zone: str) -> str:
    """The week that `at` falls in (ISO week, Monday to Sunday, in the organisation's zone), e.g. "2026-W47"."""
    year, week, _ = at.astimezone(zone(organisation_zone)).isocalendar()
    return f"{year}-W{week:02d}"


def clock_time(text: object) -> time | None:
    """ "21:00" as a time; None when empty or not a time."""
    try:
        return time.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def quiet_end(
    at: datetime, customer_zone: ZoneInfo, quiet_from: time | None, quiet_until: time | None
) -> datetime | None:
    """When the quiet hours that `at` falls in end (UTC), or None when `at` is not in quiet hours.

    The hours are wall-clock times of the customer's zone and may pass midnight. Where `quiet_until` is skipped by a
    change of the clock, they end as much later; where it occurs twice, at the occurrence that is still to come.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return None
    local = at.astimezone(customer_zone)
    wall = local.time().replace(fold=0)
    if quiet_from < quiet_until:
        inside, days = quiet_from <= wall < quiet_until, 0
    else:
        inside, days = wall >= quiet_from or wall < quiet_until, int(wall >= quiet_from)
    if not inside:
        return None
    day = local.date() + timedelta(days=days)
    ends = [datetime.combine(day, quiet_until, customer_zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return next((end for end in sorted(ends) if end > at), max(ends))
