"""Pure decisions about campaigns: when each person is due, and what stands in the way of a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ceap.kit.problem import FieldError, invalid

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


@dataclass(frozen=True)
class Check:
    """One line of the checklist before a launch: `level` is ok, warning or error; `step` is where to mend it."""

    key: str
    level: str
    message: str
    step: str


@dataclass(frozen=True)
class Facts:
    """All that the checklist depends on."""

    name: str
    segment: str | None  # its name
    segment_problem: str  # why it cannot be used now, "" when it can
    content: str | None
    content_archived: bool
    sender: str | None
    schedule: Schedule
    now: datetime
    organisation_zone: str
    zones: dict[str, int] = field(default_factory=dict)  # recipients' zone -> how many
    matched: int = 0
    will_receive: int = 0
    budget: Decimal | None = None
    cost: Decimal = Decimal(0)
    currency: str = "EUR"
    active: int = 0
    active_limit: int = 10
    approval_above: int = 1000
    approved: bool = False
    channel: str = "email"
    version: int = 1  # of the campaign, that all this was looked up for


def checklist(f: Facts) -> list[Check]:
    """What is in order and what is not; a launch is possible when nothing is an error."""
    lines: list[Check] = []

    def line(key: str, step: str, ok: str, bad: str | None, level: str = "error") -> None:
        lines.append(Check(key, level if bad else "ok", bad or ok, step))

    line("name", "schedule", "It has a name.", None if f.name.strip() else "Give the campaign a name.")
    if f.segment is None:
        line("segment", "audience", "", "Choose the segment to send to.")
    elif f.segment_problem:
        line("segment", "audience", "", f.segment_problem)
    else:
        line("segment", "audience", f"The segment “{f.segment}” is ready.", None)
        nobody = None if f.will_receive else "Nobody in this audience can be sent to."
        line("audience", "audience", f"{f.will_receive:,} of {f.matched:,} matched will receive it.", nobody)
    if f.channel == "whatsapp" and not f.sender:
        text = (
            "WhatsApp is not connected in this installation: it has no sender and no templates, so nothing can be sent."
        )
        return [*lines, Check("channel", "error", text, "message"), *_schedule(f)]
    bad = "Choose the email to send." if f.content is None else None
    bad = f"“{f.content}” is archived; choose another email." if f.content_archived else bad
    line("content", "message", f"The email “{f.content}” is compiled.", bad)
    line("sender", "message", f"Sent as {f.sender}.", None if f.sender else "Choose who the email is from.")
    lines += _schedule(f)
    above = f.matched > f.approval_above and not f.approved
    over = f"Approval is needed: it targets {f.matched:,} contacts, more than {f.approval_above:,}."
    line("approval", "check", "Approved." if f.approved else "No approval is needed.", over if above else None)
    full = f"{f.active} campaigns are active already, the limit is {f.active_limit}; end one first."
    line("active", "check", "Within the limit of active campaigns.", full if f.active >= f.active_limit else None)
    if f.budget is not None:
        line(
            "budget", "schedule", f"It will cost {f.cost:,.2f} of {f.budget:,.2f} {f.currency}.",
            f"It would cost {f.cost:,.2f} {f.currency}; it pauses when the budget of {f.budget:,.2f} is used up."
            if f.cost > f.budget else None, "warning",
        )  # fmt: skip
    return lines


def _schedule(f: Facts) -> list[Check]:
    local = f.schedule.local
    if local is None:
        return [Check("schedule", "ok", "It starts at once.", "schedule")]
    zones = f.zones if f.schedule.zone == "recipient" else {f.organisation_zone: f.matched}
    if resolve(local, f.organisation_zone) <= f.now:
        return [Check("schedule", "error", "The time to send is in the past; choose a later one.", "schedule")]
    lines = [Check("schedule", "ok", f"It starts on {local:%d %B %Y at %H:%M}, {f.schedule.zone} time.", "schedule")]
    late = sum(n for z, n in zones.items() if z in ZONES and resolve(local, z) <= f.now)
    if late:
        text = f"For {late:,} recipients that time has passed; they are due at once."
        lines.append(Check("late", "warning", text, "schedule"))
    skipped = {z: n for z, n in zones.items() if z in ZONES and in_gap(local, z)}
    if skipped:
        zone = next(iter(skipped))
        there = resolve(local, zone).astimezone(ZoneInfo(zone))
        text = f"{sum(skipped.values()):,} recipients skip that hour (clocks change); they are due at {there:%H:%M}."
        lines.append(Check("dst", "warning", text, "schedule"))
    return lines


def refusals(lines: list[Check]) -> list[FieldError]:
    """The errors of a checklist."""
    return [FieldError(line.key, line.message) for line in lines if line.level == "error"]


def cost_of(fixed: Decimal, per_message: Decimal, messages: int) -> Decimal:
    """What it costs to send `messages` messages, in the organisation's currency."""
    return fixed + per_message * messages


def roi(revenue: Decimal, cost: Decimal) -> Decimal | None:
    """Return on investment, (revenue − cost) / cost; None where nothing was spent."""
    return (revenue - cost) / cost if cost else None
