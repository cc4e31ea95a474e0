"""Pure decisions of reports: shares that add to 100, ages, names of files, when schedules fire."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ceap.kit.wall import is_missed, newest_due, next_due
from ceap.reports.contracts import Chart, Every, Point, Share, Timing

MOST_BARS = 12
AGES = ("Under 21", "21–30", "31–40", "41–50", "Over 50", "Unknown")
SEXES = ("Female", "Male", "Unknown")


def age_band(born: date | None, today: date) -> str:
    """The band of someone's age on `today` (S-12)."""
    if born is None or born > today:
        return AGES[-1]
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < 21:
        return AGES[0]
    return AGES[min(1 + (years - 21) // 10, 4)]


def sex(value: str) -> str:
    """Female, Male or Unknown."""
    word = value.strip().capitalize()
    return word if word in SEXES else "Unknown"


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Counts with percentages of one decimal that add to exactly 100.0 (largest remainder); all 0.0 when empty."""
    total = sum(counts.values())
    if not total:
        return [Share(label, 0, 0.0) for label in counts]
    exact = {label: count * 1000 / total for label, count in counts.items()}
    tenths = {label: int(value) for label, value in exact.items()}
    by_remainder = sorted(counts, key=lambda label: (tenths[label] - exact[label], -counts[label], label))
    for label in by_remainder[: 1000 - sum(tenths.values())]:
        tenths[label] += 1
    return [Share(label, count, tenths[label] / 10) for label, count in counts.items()]


def ranked(title: str, counts: Counter[str], last: str) -> Chart:
    """A chart of the most frequent values, `last` at the end; what is too much for it is summed up as "All others"."""
    named = [(label, n) for label, n in counts.most_common() if label != last]
    kept, rest = dict(named[:MOST_BARS]), sum(n for _, n in named[MOST_BARS:])
    if rest:
        kept[f"All others ({len(named) - MOST_BARS})"] = rest
    if counts[last]:
        kept[last] = kept.get(last, 0) + counts[last]
    return Chart(title, shares(kept))


def in_order(title: str, counts: Counter[str], labels: Iterable[str]) -> Chart:
    """A chart of every label in its order, empty ones too."""
    return Chart(title, shares({label: counts[label] for label in labels}))


def last_of_each_day(points: Iterable[Point]) -> list[Point]:
    """One point a day, the last given of each, in order of time."""
    return sorted({point.at: point for point in points}.values(), key=lambda point: str(point.at))


def next_after(moment: datetime, timing: Timing, zone: ZoneInfo) -> datetime:
    """The first time after `moment` at which a schedule fires, in UTC; once on each of its days, whatever clocks do."""
    return next_due(moment, timing.at, zone, lambda day: _falls_on(day, timing))


def missed_at(moment: datetime, timing: Timing, zone: ZoneInfo) -> datetime | None:
    """The time of a schedule that work beginning at `moment` makes up for, in UTC; None when it is on time."""
    newest = newest_due(moment, timing.at, zone, lambda day: _falls_on(day, timing))
    return newest[1] if newest and is_missed(newest[1], moment) else None


def _falls_on(day: date, timing: Timing) -> bool:
    match timing.every:
        case Every.DAY:
            return True
        case Every.WEEK:
            return day.isoweekday() == timing.day
        case Every.MONTH:
            return day.day == min(timing.day or 1, calendar.monthrange(day.year, day.month)[1])


def file_name(title: str, number: int, extension: str) -> str:
    """What a downloaded report is called: letters and digits of its title."""
    words = re.sub(r"[^\w]+", "-", title, flags=re.UNICODE).strip("-")[:60] or "report"
    return f"{words}-v{number}.{extension}"
