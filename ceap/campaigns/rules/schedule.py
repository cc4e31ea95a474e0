"""When each person of a campaign is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ceap.kit.moments import usable
from ceap.kit.problem import invalid

LEAD = timedelta(minutes=15)  # a scheduled audience is resolved this long before the first person is due
ZONES = frozenset(available_timezones())


@dataclass(frozen=True)
class Schedule:
    """When to send: at once (`local` None), or at a wall time in the organisation's or each recipient's zone."""

    local: datetime | None = None
    zone: str = "organisation"  # or "recipient"

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Schedule:
        """The schedule in the JSON `{"kind": "now" | "at", "local": "2026-11-22T10:00", "zone": …}`.

        Raises:
            Invalid: it names the part that is wrong.
        """
        kind = value.get("kind", "now")
        if kind == "now":
            return cls()
        if kind != "at":
            raise invalid("schedule.kind", "Choose “now” or “at”.")
        try:
            local = datetime.fromisoformat(str(value.get("local", "")))
        except ValueError:
            raise invalid("schedule.local", "Give a date and time like 2026-11-22T10:00.") from None
        if local.tzinfo:
            raise invalid("schedule.local", "Give a wall time without an offset; the zone is chosen apart.")
        usable("schedule.local", local)
        zone = str(value.get("zone", "organisation"))
        if zone not in ("organisation", "recipient"):
            raise invalid("schedule.zone", "Choose “organisation” or “recipient”.")
        return cls(local.replace(second=0, microsecond=0), zone)


def in_gap(local: datetime, zone: str) -> bool:
    """Whether the wall time `local` is skipped in `zone` by a change of its clocks."""
    there = local.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None) != local


def resolve(local: datetime, zone: str) -> datetime:
    """The moment (UTC) of wall time `local` in IANA `zone`.

    Skipped by a DST change: as much later as the clocks jump (02:30 becomes 03:30). Happening twice: the first
    time. So every wall time is exactly one moment.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def due(schedule: Schedule, zone: str, organisation_zone: str, launched: datetime) -> datetime:
    """When somebody living in `zone` ("" or unknown = the organisation's) is due."""
    if schedule.local is None:
        return launched
    if schedule.zone == "organisation" or zone not in ZONES:
        zone = organisation_zone
    return max(resolve(schedule.local, zone), launched)


def earliest(schedule: Schedule, zones: list[str], organisation_zone: str, launched: datetime) -> datetime:
    """When the first of people living in `zones` is due."""
    return min((due(schedule, z, organisation_zone, launched) for z in zones or [""]), default=launched)
