"""From the JSON of a rule to a checked one, or every error with its path ("groups.0.conditions.1.value")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ceap.core.happenings import property_fault
from ceap.core.values.text import composed
from ceap.customers.contracts import Field, FieldType
from ceap.kit.problem import FieldError, Invalid
from ceap.segments import operators, shapes
from ceap.segments.conditions import (
    MARKS,
    MEASURES,
    PROPERTY,
    Checked,
    CheckedGroup,
    CheckedRule,
    Known,
    Narrowed,
    OnBehaviour,
    OnCampaign,
    OnField,
    OnMoment,
    OnSegment,
    What,
    narrowed_by,
)  # fmt: skip
from ceap.segments.contracts import RESERVED, Limits
from ceap.segments.operators import Operator
from ceap.segments.rules import (
    ANY,
    KINDS,
    MOST_TIMES,
    Behaviour,
    BehaviourCondition,
    CampaignCondition,
    Comparison,
    Condition,
    FieldCondition,
    Filter,
    Measure,
    MomentCondition,
    Period,
    Rule,
    SegmentCondition,
    Window,
)  # fmt: skip
from ceap.segments.shapes import Shape
from ceap.segments.windows import Dates, Span

_KIND = f"A condition is of one of the kinds {', '.join(f'“{kind}”' for kind in KINDS)}."
_MESSAGES = {
    "missing": "Fill this in.",
    "extra_forbidden": "There is no such part of a rule.",
    "union_tag_invalid": _KIND,
    "union_tag_not_found": _KIND,
    "too_long": "These are too many.",
    "string_too_short": "Fill this in.",
    "string_type": "Give a text.",
    "int_type": "Give a whole number.",
    "model_type": "Give an object.",
    "model_attributes_type": "Give an object.",
    "uuid_parsing": "There is no such segment; choose another one.",
    "uuid_type": "There is no such segment; choose another one.",
    "recursion_loop": "This is nested too deeply.",
}
NOBODY_KNOWN = Known()


def _path(location: Sequence[int | str]) -> str:
    parts = [str(part) for part in location]
    if len(parts) > 4 and parts[0] == "groups" and parts[2] == "conditions" and parts[4] in KINDS:
        del parts[4]  # pydantic's names of the members of unions
        if len(parts) > 5 and parts[4] == "window" and parts[5] in ("last", "period"):
            del parts[5]
    return ".".join(parts)


def parse(data: Any) -> Rule:
    """The shape of `data`, without looking at fields and values.

    Raises:
        Invalid: it is not a rule; each error with its path.
    """
    try:
        rule = Rule.model_validate(data)
    except ValidationError as error:
        found = [
            FieldError(_path(e["loc"]) or "rule", _MESSAGES.get(e["type"], e["msg"] + "."))
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise Invalid(_summary(found), errors=found) from None
    empty = [FieldError("groups", "Add at least one group.")] if not rule.groups else []
    for g, group in enumerate(rule.groups):
        if not group.conditions:
            empty.append(FieldError(f"groups.{g}.conditions", "Add at least one condition."))
    if empty:
        raise Invalid(_summary(empty), errors=empty)
    return rule


def check(
    data: Any, fields: Mapping[str, Field], limits: Limits | None = None, known: Known = NOBODY_KNOWN
) -> CheckedRule:
    """The checked rule of JSON `data` (or of a rule that `parse` gave).

    Args:
        fields: the live fields, by column.
        limits: how large it may be; None to leave that out (a rule saved under earlier limits still runs).
        known: the segments and campaigns that it may name.

    Raises:
        Invalid: something is wrong; every error with its path.
    """
    rule = data if isinstance(data, Rule) else parse(data)
    check = _Check(fields, known, strict=limits is not None)
    if limits:
        check.errors += _too_large(rule, limits)
    groups = []
    for g, group in enumerate(rule.groups):
        conditions = [
            check.condition(condition, f"groups.{g}.conditions.{c}") for c, condition in enumerate(group.conditions)
        ]
        groups.append(CheckedGroup(group.join, tuple(one for one in conditions if one)))
    if check.errors:
        raise Invalid(_summary(check.errors), errors=check.errors)
    return CheckedRule(rule.join, tuple(groups), rule)


def _summary(errors: Sequence[FieldError]) -> str:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{errors[0].field}: {errors[0].message}{more}"


def _too_large(rule: Rule, limits: Limits) -> list[FieldError]:
    found = []
    if len(rule.groups) > limits.groups:
        found.append(
            FieldError("groups", f"A rule has at most {limits.groups} groups; this one has {len(rule.groups)}.")
        )
    for g, group in enumerate(rule.groups):
        if len(group.conditions) > limits.conditions:
            message = f"A group has at most {limits.conditions} conditions; this one has {len(group.conditions)}."
            found.append(FieldError(f"groups.{g}.conditions", message))
    return found


@dataclass
class _Check:
    """Reads conditions one by one and collects what is wrong with them; a method gives None when something was."""

    fields: Mapping[str, Field]
    known: Known
    strict: bool = True  # whether a value that no customer can have is refused; a rule saved earlier still runs
    errors: list[FieldError] = field(default_factory=list)

    def wrong(self, path: str, message: str) -> None:
        self.errors.append(FieldError(path, message))

    def read(self, path: str, reader: Callable[[Any], Any], value: Any) -> Any:
        try:
            return reader(value)
        except shapes.Refused as refused:
            self.wrong(".".join(filter(None, (path, refused.at))), refused.message)
            return None

    def condition(self, condition: Condition, path: str) -> Checked | None:
        before = len(self.errors)
        found: Checked | None
        match condition:
            case FieldCondition():
                found = self.on_field(condition, path)
            case BehaviourCondition():
                found = self.on_behaviour(condition, path)
            case MomentCondition():
                found = self.on_moment(condition, path)
            case SegmentCondition():
                found = self.on_segment(condition, path)
            case CampaignCondition():
                found = self.on_campaign(condition, path)
        return found if len(self.errors) == before else None

    def operator(self, known: Mapping[str, Operator], key: str, label: str, path: str) -> Operator | None:
        if key not in known:
            self.wrong(path, f"“{label}” cannot be compared with “{key}”; choose one of {', '.join(known)}.")
        return known.get(key)

    def on_field(self, condition: FieldCondition, path: str) -> OnField | None:
        found = self.fields.get(condition.field)
        if found is None:
            why = "does not exist, was retired, or is hidden from your role"
            message = f"The field “{condition.field}” {why}; choose another one."
            self.wrong(f"{path}.field", message)
            return None
        known = operators.operators(found.column, FieldType(found.type))
        operator = self.operator(known, condition.operator, found.label, f"{path}.operator")
        if operator is None:
            return None
        value = self.value(operator, condition.value, f"{path}.value")
        return OnField(found, operator, self.asked(found, operator, value, f"{path}.value"))

    def asked(self, of: Field, operator: Operator, value: Any, path: str) -> Any:
        """A text (or several) in the form in which the field keeps it."""
        if isinstance(value, tuple) and operator.shape is Shape.OPTIONS:
            each = (self.asked(of, operator, one, f"{path}.{n}") for n, one in enumerate(value))
            return tuple(dict.fromkeys(each))
        if not isinstance(value, str):
            return value
        try:
            return self.known.asked(of, operator.key, value)
        except ValueError as error:
            if self.strict:
                self.wrong(path, f"{of.label} {error}.")
            return value

    def value(self, operator: Operator, value: Any, path: str) -> Any:
        return self.read(path, lambda one: shapes.read(operator.shape, one), value)

    def what(self, condition: Behaviour, path: str) -> What:
        event = None
        if condition.behaviour == "did" and condition.event is None:
            self.wrong(f"{path}.event", "Choose which event.")
        if condition.behaviour == "purchased" and condition.event is not None:
            self.wrong(f"{path}.event", "A purchase has no event name; leave this out.")
        if condition.event is not None:
            event = self.read(f"{path}.event", lambda one: shapes.read(Shape.TEXT, one), condition.event)
            if event in RESERVED:
                self.wrong(f"{path}.event", "Use the condition on another segment instead of this event.")
        narrowed = [
            self.narrowed(condition.behaviour, one, f"{path}.filters.{n}") for n, one in enumerate(condition.filters)
        ]
        return What(condition.behaviour, event, tuple(one for one in narrowed if one))

    def narrowed(self, behaviour: str, one: Filter, path: str) -> Narrowed | None:
        known, on = narrowed_by(behaviour), one.on
        if on.startswith(PROPERTY):
            if fault := property_fault(on.removeprefix(PROPERTY)):
                self.wrong(f"{path}.on", fault)
                return None
            on = PROPERTY
        if on not in known:
            names = ", ".join(name for name in known if name != PROPERTY)
            self.wrong(f"{path}.on", f"“{behaviour}” can be narrowed by {names} and prop:<name of a property>.")
            return None
        operator = self.operator(known[on], one.operator, one.on, f"{path}.operator")
        return (
            Narrowed(composed(one.on), operator, self.value(operator, one.value, f"{path}.value")) if operator else None
        )

    def on_behaviour(self, condition: BehaviourCondition, path: str) -> OnBehaviour:
        what, measures = self.what(condition, path), MEASURES[condition.behaviour]
        if condition.measure not in measures:
            self.wrong(f"{path}.measure", f"“{condition.behaviour}” is measured by one of {', '.join(measures)}.")
        window = self.window(condition.window, f"{path}.window")
        return OnBehaviour(what, condition.measure, condition.comparison, self.measured(condition, path), window)

    def measured(self, condition: BehaviourCondition, path: str) -> Any:
        """What the measure is compared with."""
        counted, between = condition.measure is Measure.COUNT, condition.comparison is Comparison.BETWEEN
        if counted and not between:
            if condition.value is not None:
                self.wrong(f"{path}.value", "How often is given as “times”; leave this out.")
            if condition.times is None:
                self.wrong(f"{path}.times", "Fill this in.")
            elif condition.times == 0 and condition.comparison is Comparison.AT_LEAST:
                self.wrong(f"{path}.times", "Everybody did it at least 0 times; give at least 1.")
            return condition.times
        if condition.times is not None:
            self.wrong(f"{path}.times", "Give this as “value”, and leave “times” out.")
        found = self.read(
            f"{path}.value", lambda one: shapes.read(Shape.NUMBERS if between else Shape.NUMBER, one), condition.value
        )
        if condition.measure is Measure.SHARE and found is not None:
            if any(not 0 <= one <= 100 for one in (found if between else (found,))):
                self.wrong(f"{path}.value", "Give a percentage from 0 to 100.")
            return found
        if counted and found is not None:
            if any(one != int(one) or not 0 <= one <= MOST_TIMES for one in found):
                self.wrong(f"{path}.value", f"Give whole numbers from 0 to {MOST_TIMES:,}.")
            return int(found[0]), int(found[1])
        return found

    def window(self, window: Window | Period | None, path: str) -> Span | Dates | None:
        if isinstance(window, Period):
            dates: Dates | None = self.read(path, lambda one: shapes.dates(one.from_, one.to), window)
            return dates
        span: Span | None = self.read(path, shapes.span, window.model_dump(mode="json")) if window else None
        return span

    def on_moment(self, condition: MomentCondition, path: str) -> OnMoment | None:
        what = self.what(condition, path)
        known = {one.key: one for one in operators.DATETIME}
        operator = self.operator(known, condition.operator, condition.which, f"{path}.operator")
        if operator is None:
            return None
        return OnMoment(what, condition.which, operator, self.value(operator, condition.value, f"{path}.value"))

    def on_segment(self, condition: SegmentCondition, path: str) -> OnSegment:
        key = condition.segment
        if key not in self.known.segments:
            self.wrong(f"{path}.segment", "This segment does not exist, or you may not see it; choose another one.")
        elif key in self.known.archived:
            name = self.known.segments[key]
            self.wrong(f"{path}.segment", f"The segment “{name}” is archived; unarchive it or choose another one.")
        return OnSegment(key, self.known.segments.get(key), condition.operator == "not_in")

    def on_campaign(self, condition: CampaignCondition, path: str) -> OnCampaign | None:
        key = self.read(f"{path}.campaign", lambda one: shapes.read(Shape.TEXT, one), condition.campaign)
        window = self.window(condition.window, f"{path}.window")
        mark = MARKS.get(condition.operator)
        if mark is None:
            self.wrong(f"{path}.operator", f"Choose one of {', '.join(MARKS)}.")
            return None
        if key == ANY:
            return OnCampaign(None, "", mark, window)
        return OnCampaign(key, self.known.campaigns.get(str(key), ""), mark, window)
