"""A rule in plain words, with visible brackets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ceap.segments.conditions import (
    PROPERTY,
    Checked,
    CheckedGroup,
    CheckedRule,
    Narrowed,
    OnBehaviour,
    OnCampaign,
    OnMoment,
    OnSegment,
    What,
)  # fmt: skip
from ceap.segments.rules import Comparison, Measure
from ceap.segments.shapes import Spoken, date_words, number_words
from ceap.segments.windows import Dates, Span

_COMPARISON = {Comparison.AT_LEAST: "at least", Comparison.AT_MOST: "at most", Comparison.EXACTLY: "exactly"}
_NOBODY: Mapping[int, str] = {}
_BASE = {"purchased": "purchase", "did": "do"}


def times(count: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def condition(checked: Checked, users: Mapping[int, str]) -> str:
    """One condition: "Source is “WhatsApp”", "purchased at least 3 times in the last 365 days"."""
    match checked:
        case OnBehaviour():
            return _behaviour(checked)
        case OnMoment():
            return _moment(checked)
        case OnSegment():
            named = "a segment that you may not see" if checked.name is None else f"the segment “{checked.name}”"
            return f"is {'not ' if checked.negated else ''}in {named}"
        case OnCampaign():
            return checked.mark.words.replace("{campaign}", _campaign(checked)) + _window(checked.window)
    value = Spoken(users)(checked.operator.shape, checked.value)
    return f"{checked.field.label} {checked.operator.phrase.replace('{value}', value)}"


def _campaign(checked: OnCampaign) -> str:
    if not checked.campaign:
        return "any campaign"
    return "a campaign that you may not see" if checked.name is None else f"“{checked.name or checked.campaign}”"


def _narrowed(what: What) -> str:
    return "".join(f" with {_filter(one)}" for one in what.filters)


def _filter(one: Narrowed) -> str:
    name, value = one.on.removeprefix(PROPERTY), Spoken(_NOBODY)(one.operator.shape, one.value)
    if one.operator.key == "is":
        return f"{name} {value}"
    phrase = one.operator.phrase.replace("{value}", value)
    return f"{name} that {phrase}"


def _window(window: Span | Dates | None) -> str:
    match window:
        case Span():
            return f" in the last {window.words()}"
        case Dates(first, None) if first:
            return f" since {date_words(first)}"
        case Dates(None, last) if last:
            return f" until {date_words(last)}"
        case Dates(first, last) if first and last:
            return f" from {date_words(first)} to {date_words(last)}"
    return ""


def _compared(checked: OnBehaviour) -> str:
    if checked.comparison is Comparison.BETWEEN:
        return "between " + " and ".join(_number(one) for one in checked.value)
    return f"{_COMPARISON[checked.comparison]} {_number(checked.value)}"


def _number(value: Any) -> str:
    return number_words(Decimal(value))


def _behaviour(checked: OnBehaviour) -> str:
    event = f" “{checked.what.event}”" if checked.what.event else ""
    narrowed, window = event + _narrowed(checked.what), _window(checked.window)
    if checked.never:
        return f"did not {_BASE[checked.what.behaviour]}{narrowed}{window}"
    done = checked.what.behaviour + narrowed
    match checked.measure:
        case Measure.AMOUNT:
            return f"{done} for {_compared(checked)} in all{window}"
        case Measure.AVERAGE:
            return f"{done} for {_compared(checked)} per order{window}"
        case Measure.SHARE:
            return f"{done} for {_compared(checked)} % of the amount of all orders{window}"
        case Measure.QUANTITY:
            return f"{done} {_compared(checked)} pieces{window}"
    if checked.comparison is Comparison.BETWEEN:
        return f"{done} {_compared(checked)} times{window}"
    return f"{done} {_COMPARISON[checked.comparison]} {times(checked.value)}{window}"


def _moment(checked: OnMoment) -> str:
    what = "purchase" if checked.what.behaviour == "purchased" else f"“{checked.what.event}”"
    value = Spoken(_NOBODY)(checked.operator.shape, checked.value)
    phrase = checked.operator.phrase.replace("{value}", value)
    return f"{checked.which} {what}{_narrowed(checked.what)} {phrase}"


def _group(group: CheckedGroup, users: Mapping[int, str]) -> str:
    return f" {group.join} ".join(condition(one, users) for one in group.conditions)


def sentence(rule: CheckedRule, users: Mapping[int, str]) -> str:
    """The whole rule; groups of more than one condition in brackets when there are several groups."""
    several = len(rule.groups) > 1
    parts = [
        f"({_group(group, users)})" if several and len(group.conditions) > 1 else _group(group, users)
        for group in rule.groups
    ]
    return f" {rule.join} ".join(parts)
