"""What stands in the way of a launch, and what is in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ceap.campaigns.rules import trial
from ceap.campaigns.rules.checks import Check
from ceap.campaigns.rules.mapping import checks
from ceap.campaigns.rules.schedule import ZONES, Schedule, in_gap, resolve
from ceap.campaigns.rules.trial import Trial
from ceap.content.contracts import MARKETING, Fill
from ceap.kit.problem import FieldError


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
    placeholders: tuple[str, ...] = ()  # of the content
    mapping: Mapping[str, Fill] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()  # the paths that there are
    postal_address: str = ""  # the organisation's
    content_purpose: str = MARKETING  # of its template
    trial: Trial | None = None  # of the email with example customers


def service_email(name: str) -> str:
    """Why a campaign cannot send the email `name`, which is not marketing, and what to do."""
    return (
        f"“{name}” is a service email: it has no link to unsubscribe, and a campaign sends marketing. "
        "Choose a marketing email."
    )


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
    bad = service_email(f.content) if f.content is not None and f.content_purpose != MARKETING else bad
    line("content", "message", f"The email “{f.content}” is compiled.", bad)
    lines += checks(f.placeholders, f.mapping, f.fields)
    lines += trial.checks(f.trial) if f.trial else []
    line("sender", "message", f"Sent as {f.sender}.", None if f.sender else "Choose who the email is from.")
    bad = None if f.postal_address.strip() else (
        "Marketing email must name your postal address: give it in Settings › Organisation."
    )  # fmt: skip
    line("postal_address", "message", "The email can name your postal address.", bad)
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
