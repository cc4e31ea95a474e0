"""A rule in plain words, with visible brackets."""

from __future__ import annotations

from collections.abc import Mapping

from ceap.segments.shapes import Spoken
from ceap.segments.validation import Checked, CheckedGroup, CheckedRule, OnBehaviour

_COMPARISON = {"at_least": "at least", "at_most": "at most", "exactly": "exactly"}


def times(count: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def condition(checked: Checked, users: Mapping[int, str]) -> str:
    """One condition: "Source is “WhatsApp”", "purchased at least 3 times in the last 365 days"."""
    if isinstance(checked, OnBehaviour):
        return _behaviour(checked)
    value = Spoken(users)(checked.operator.shape, checked.value)
    return f"{checked.field.label} {checked.operator.phrase.replace('{value}', value)}"


def _behaviour(checked: OnBehaviour) -> str:
    what = "purchased" if checked.behaviour == "purchased" else f"did “{checked.event}”"
    narrowed = "".join(f" with {on} “{value}”" for on, value in checked.filters)
    if checked.times == 0:
        how_often = f"never {what}{narrowed}"
    else:
        how_often = f"{what}{narrowed} {_COMPARISON[checked.comparison]} {times(checked.times)}"
    return how_often + (f" in the last {checked.window.words()}" if checked.window else "")


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
