"""What a rule means, in plain Python over plain dictionaries; shares no code with expressions."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from fractions import Fraction
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
    def __init__(
        self, types: dict[str, str], now: datetime, zone: ZoneInfo, users: dict[int, str],
        segments: dict[str, set[int]] | None = None,
    ):  # fmt: skip
        self.segments = segments or {}
        self.types, self.now, self.zone, self.users = types, now, zone, users
        self.today = now.astimezone(zone).date()

    def matches(self, rule: dict[str, Any], row: dict[str, Any], purchases: list[dict], events: list[dict]) -> bool:
        join = {"and": all, "or": any}
        return join[rule["join"]](
            join[group["join"]](self.condition(one, row, purchases, events) for one in group["conditions"])
            for group in rule["groups"]
        )

    def condition(self, one: dict[str, Any], row: dict[str, Any], purchases: list[dict], events: list[dict]) -> bool:
        key = row["id"]
        match one["kind"]:
            case "behaviour":
                return self.behaviour(one, key, purchases, events)
            case "moment":
                found = [entry["at"] for entry in self.entries(one, key, purchases, events)]
                at = (min if one["which"] == "first" else max)(found) if found else None
                return self.field("datetime", one["operator"], at, one.get("value"))
            case "segment":
                return (key in self.segments[one["segment"]]) is (one["operator"] == "in")
            case "campaign":
                return self.campaign(one, key, events)
        return self.field(self.types[one["field"]], one["operator"], row[one["field"]], one.get("value"))

    def entries(self, one: dict[str, Any], customer: int, purchases: list[dict], events: list[dict]) -> list[dict]:
        """The rows of one customer that count."""
        window = one.get("window")
        if one["behaviour"] == "purchased":
            rows = [p for p in purchases if p["quantity"] > 0]
        else:
            rows = [e for e in events if e["name"] == one["event"]]
        return [
            entry
            for entry in rows
            if entry["customer"] == customer
            and (not window or self.in_window(entry["at"], window))
            and all(self.fits(entry, narrowing) for narrowing in one.get("filters", []))
        ]

    def fits(self, entry: dict, narrowing: dict[str, Any]) -> bool:
        on, operator, value = narrowing["on"], narrowing.get("operator", "is"), narrowing["value"]
        number = operator in ("equals", "not_equals", "greater", "less", "between")
        if on.startswith("prop:"):
            seen = json.loads(entry["props"] or "{}").get(on[5:])
            if operator in ("is_empty", "is_not_empty"):
                return (seen in (None, "")) is (operator == "is_empty")
            if isinstance(seen, bool):
                seen = None if number else str(seen).lower()
            elif isinstance(seen, str) and number:
                seen = float(seen) if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", seen) else None
            elif isinstance(seen, int | float) and not number:
                seen = None
            return self.field("number" if number else "text", operator, seen, value)
        if on == "item" and "item_name" in entry:
            both = [one for one in (entry["item"], entry["item_name"]) if one]
            if not both:
                return operator == "is_empty"
            every = operator in ("is_not", "not_contains", "is_empty")
            return (all if every else any)(self.field("text", operator, one, value) for one in both)
        return self.field("number" if on in ("amount", "quantity") else "text", operator, entry[on], value)

    def behaviour(self, one: dict[str, Any], customer: int, purchases: list[dict], events: list[dict]) -> bool:
        found = self.entries(one, customer, purchases, events)
        orders = len({p["order_id"] for p in found}) if one["behaviour"] == "purchased" else len(found)
        measure = one.get("measure", "count")
        if measure == "count":
            n: Any = Fraction(orders)
        else:
            column = "quantity" if measure == "quantity" else "amount"
            n = sum((Fraction(entry[column]) for entry in found if entry[column] is not None), Fraction(0))
        if measure == "average":
            orders = len({p["order_id"] for p in found if p["amount"] is not None})
            if not orders:
                return False
            n /= orders
        if measure == "share":
            everything = self.entries({**one, "filters": []}, customer, purchases, events)
            whole = sum((Fraction(entry["amount"]) for entry in everything if entry["amount"] is not None), Fraction(0))
            if whole <= 0:
                return False
            n *= 100 / whole
        wanted = one["value"] if one.get("value") is not None else one["times"]
        if one["comparison"] == "between":
            return Fraction(str(wanted[0])) <= n <= Fraction(str(wanted[1]))
        w = Fraction(str(wanted))
        return bool({"at_least": n >= w, "at_most": n <= w, "exactly": n == w}[one["comparison"]])

    def campaign(self, one: dict[str, Any], customer: int, events: list[dict]) -> bool:
        def some(name: str) -> bool:
            return any(
                e["customer"] == customer and e["name"] == name
                and (one["campaign"] == "any" or (e["campaign"] or "").casefold() == same(one["campaign"]))
                and (not one.get("window") or self.in_window(e["at"], one["window"]))
                and (name == "message_sent" or json.loads(e["props"] or "{}").get("verdict") != "machine")
                for e in events
            )  # fmt: skip

        return {
            "was_sent": some("message_sent"),
            "was_not_sent": not some("message_sent"),
            "opened": some("message_opened"),
            "not_opened": some("message_sent") and not some("message_opened"),
        }[one["operator"]]

    def in_window(self, at: datetime, window: dict) -> bool:
        if "count" in window:
            return self.in_last(at, window)
        day = at.replace(tzinfo=UTC).astimezone(self.zone).date().isoformat()
        return (window["from"] or "") <= day <= (window["to"] or "9")

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
