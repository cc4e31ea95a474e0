"""What a rule means, in plain Python over plain dictionaries; shares no code with expressions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


def same(text: str) -> str:
    """A typed value, as it is compared."""
    return normalize("NFC", text).casefold()


def minus(day: date, count: int, unit: str) -> date:
    if unit in ("days", "weeks"):
        return day - timedelta(days=count * (7 if unit == "weeks" else 1))
    months = count * (12 if unit == "years" else 1)
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += -1 if months > 0 else 1
        if month == 0:
            year, month = year - 1, 12
        if month == 13:
            year, month = year + 1, 1
    while True:
        try:
            return date(year, month, day.day)
        except ValueError:
            day -= timedelta(days=1)


class Oracle:
    def __init__(self, types: dict[str, str], now: datetime, zone: ZoneInfo, users: dict[int, str]):
        self.types, self.now, self.zone, self.users = types, now, zone, users
        self.today = now.astimezone(zone).date()

    def matches(self, rule: dict[str, Any], row: dict[str, Any], purchases: list[dict], events: list[dict]) -> bool:
        join = {"and": all, "or": any}
        return join[rule["join"]](
            join[group["join"]](self.condition(one, row, purchases, events) for one in group["conditions"])
            for group in rule["groups"]
        )

    def condition(self, one: dict[str, Any], row: dict[str, Any], purchases: list[dict], events: list[dict]) -> bool:
        if one["kind"] == "behaviour":
            return self.behaviour(one, row["id"], purchases, events)
        return self.field(self.types[one["field"]], one["operator"], row[one["field"]], one.get("value"))

    def behaviour(self, one: dict[str, Any], customer: int, purchases: list[dict], events: list[dict]) -> bool:
        window = one.get("window")

        def counts(entry: dict) -> bool:
            if entry["customer"] != customer:
                return False
            if window and not self.in_last(entry["at"], window):
                return False
            for one_filter in one.get("filters", []):
                on, wanted = one_filter["on"], one_filter["value"]
                if on == "campaign":
                    if str(entry["campaign"]) != wanted:
                        return False
                    continue
                names = [entry[on]] + ([entry["item_name"]] if on == "item" and "item_name" in entry else [])
                if not any(name is not None and name.casefold() == same(wanted) for name in names):
                    return False
            return True

        if one["behaviour"] == "purchased":
            n = len({p["order_id"] for p in purchases if counts(p) and p["quantity"] > 0})
        else:
            n = len([e for e in events if counts(e) and e["name"] == one["event"]])
        return {"at_least": n >= one["times"], "at_most": n <= one["times"], "exactly": n == one["times"]}[
            one["comparison"]
        ]

    def in_last(self, at: datetime, window: dict) -> bool:
        """`at` is naive UTC."""
        instant = at.replace(tzinfo=UTC)
        if instant > self.now:
            return False
        if window["unit"] == "hours":
            return instant >= self.now - timedelta(hours=window["count"])
        return instant.astimezone(self.zone).date() >= minus(self.today, window["count"], window["unit"])

    def field(self, type: str, operator: str, seen: Any, value: Any) -> bool:
        empty = seen is None or seen == "" or seen == []
        if operator == "is_empty":
            return empty
        if empty:
            return False
        if operator == "is_not_empty":
            return True
        return bool(getattr(self, f"_{type}")(operator, seen, value))

    def _text(self, operator: str, seen: str, value: str) -> bool:
        have, want = seen.casefold(), same(value)
        return {
            "is": have == want,
            "is_not": have != want,
            "contains": want in have,
            "not_contains": want not in have,
            "starts_with": have.startswith(want),
            "ends_with": have.endswith(want),
        }[operator]

    _multiline = _dropdown = _gps = _text

    def _url(self, operator: str, seen: str, value: str) -> bool:
        if not same(value).startswith(("http://", "https://")):
            for scheme in ("http://", "https://"):
                if seen[: len(scheme)].lower() == scheme:
                    return self._text(operator, seen[len(scheme) :], value)
        return self._text(operator, seen, value)

    def _multiple(self, operator: str, seen: list[str], value: list[str]) -> bool:
        have, want = {s.casefold() for s in seen}, {same(v) for v in value}
        return {
            "is": have == want,
            "is_not": have != want,
            "contains_any": bool(have & want),
            "contains_all": want <= have,
        }[operator]

    def _number(self, operator: str, seen: Any, value: Any) -> bool:
        have = float(seen)
        if operator == "between":
            return value[0] <= have <= value[1]
        return {"equals": have == value, "not_equals": have != value, "greater": have > value, "less": have < value}[
            operator
        ]

    def _date(self, operator: str, seen: date, value: Any) -> bool:
        day = date.fromisoformat
        match operator:
            case "on":
                return seen == day(value)
            case "not_on":
                return seen != day(value)
            case "before":
                return seen < day(value)
            case "after":
                return seen > day(value)
            case "between":
                return day(value[0]) <= seen <= day(value[1])
        count, unit = value["count"], value["unit"]
        if unit == "hours":
            count, unit = (count + 23) // 24, "days"
        match operator:
            case "in_last":
                return minus(self.today, count, unit) <= seen <= self.today
            case "before_last":
                return seen < minus(self.today, count, unit)
            case "in_next":
                return self.today < seen <= minus(self.today, -count, unit)
        raise AssertionError(operator)

    def _datetime(self, operator: str, seen: datetime, value: Any) -> bool:
        instant = seen.replace(tzinfo=UTC)
        local = instant.astimezone(self.zone).date()
        if operator in ("on", "not_on", "before", "after", "between"):
            return self._date(operator, local, value)
        hours = value["unit"] == "hours"
        match operator:
            case "in_last":
                return self.in_last(seen, value)
            case "before_last":
                if hours:
                    return instant < self.now - timedelta(hours=value["count"])
                return local < minus(self.today, value["count"], value["unit"])
            case "in_next":
                if hours:
                    return self.now < instant < self.now + timedelta(hours=value["count"])
                return instant > self.now and local <= minus(self.today, -value["count"], value["unit"])
        raise AssertionError(operator)

    def _boolean(self, operator: str, seen: bool, value: Any) -> bool:
        return seen is (operator == "is_true")

    def _user(self, operator: str, seen: int, value: Any) -> bool:
        if operator in ("contains", "not_contains"):
            return (same(value) in self.users.get(seen, "").casefold()) is (operator == "contains")
        return (seen == value) is (operator == "is")
