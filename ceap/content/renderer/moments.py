"""Moments as templates see them: in the recipient's time zone, unless a template asks for another."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil import parser
from liquid import is_undefined
from liquid.exceptions import FilterArgumentError

from ceap.kit.clock import now

NAMED_ZONE = re.compile(r"\|\s*in_zone:\s*(?:\"([^\"]*)\"|'([^']*)')")


class Moment(str):
    """A moment in one time zone; as text it reads "2026-12-31 23:30"."""

    at: datetime

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Moment:
        try:
            local = at.astimezone(zone)
        except OverflowError:  # in the first or last hours that there are
            local = at
        moment = cls(local.strftime("%Y-%m-%d %H:%M"))
        moment.at = local
        return moment


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The IANA zone `name`; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None


class Place:
    """Where the recipient of the message being rendered lives, and the moment that "now" is."""

    def __init__(self) -> None:
        self.zone, self.moment = ZoneInfo("UTC"), now()

    def move(self, name: str) -> None:
        """Go to zone `name`; UTC where there is none."""
        self.zone = zone_of(name or "UTC") or ZoneInfo("UTC")

    def localised(self, value: object) -> object:
        """`value` with its moments in the recipient's zone; mappings and lists are walked."""
        if isinstance(value, dict):
            return {name: self.localised(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.localised(inner) for inner in value]
        return Moment.of(value, self.zone) if isinstance(value, datetime) else value

    def date(self, value: object, form: object = "") -> object:
        """Filter `date`: strftime of a moment or date. "now" is this moment; what is no date comes back as it is."""
        found = self._read(value)
        if found is None or is_undefined(form) or form in (None, ""):
            return value if isinstance(value, str) else str(value)
        try:
            return found.strftime(str(form))
        except ValueError as error:
            raise FilterArgumentError(f"date cannot be written so: {error}", token=None) from error

    def in_zone(self, value: object, name: object) -> object:
        """Filter `in_zone`: the moment in IANA zone `name`; dates and what is no moment come back as they are.

        Raises:
            FilterArgumentError: there is no such zone.
        """
        zone = zone_of(str(name))
        if zone is None:
            raise FilterArgumentError(f"there is no time zone {str(name)[:60]!r}", token=None)
        found = self._read(value)
        return Moment.of(found, zone) if found is not None and found.tzinfo else value

    def _read(self, value: object) -> datetime | None:
        if isinstance(value, Moment):
            return value.at
        if isinstance(value, str):
            text = str(value).strip()
            if text in ("now", "today"):
                return self.moment.astimezone(self.zone)
            if text.isascii() and text.isdigit():
                value = int(text[:20])
            else:
                return self._parsed(text)
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return datetime.fromtimestamp(value, UTC).astimezone(self.zone)
            except (OverflowError, OSError, ValueError):
                return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time())
        return value if isinstance(value, datetime) else None

    def _parsed(self, text: str) -> datetime | None:
        try:
            found: datetime = parser.parse(text)
            return found.astimezone(self.zone) if found.tzinfo else found
        except (parser.ParserError, OverflowError, ValueError):
            return None


def unknown_zone(source: str) -> str | None:
    """The first zone that filters of `source` name and that does not exist."""
    for double, single in NAMED_ZONE.findall(source):
        if zone_of(double or single) is None:
            return str(double or single)
    return None
