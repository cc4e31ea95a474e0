"""From the JSON of a rule to a checked one, or every error with its path ("groups.0.conditions.1.value")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ceap.customers.contracts import Field, FieldType
from ceap.kit.problem import FieldError, Invalid
from ceap.segments import operators, shapes
from ceap.segments.contracts import Limits
from ceap.segments.operators import Operator
from ceap.segments.rules import BehaviourCondition, FieldCondition, Join, Rule
from ceap.segments.windows import Span

_MESSAGES = {
    "missing": "Fill this in.",
    "extra_forbidden": "There is no such part of a rule.",
    "union_tag_invalid": "A condition is of the kind “field” or “behaviour”.",
    "union_tag_not_found": "A condition is of the kind “field” or “behaviour”.",
    "too_long": "These are too many.",
    "string_too_short": "Fill this in.",
    "string_type": "Give a text.",
    "int_type": "Give a whole number.",
    "model_type": "Give an object.",
    "model_attributes_type": "Give an object.",
}
OF_PURCHASES = ("item", "category", "outlet")
OF_EVENTS = ("item", "campaign")


@dataclass(frozen=True)
class OnField:
    """A checked condition on a field: the field, its operator, the value read."""

    field: Field
    operator: Operator
    value: Any


@dataclass(frozen=True)
class OnBehaviour:
    """A checked behaviour condition."""

    behaviour: str
    event: str | None
    comparison: str
    times: int
    window: Span | None
    filters: tuple[tuple[str, str], ...]


Checked = OnField | OnBehaviour


@dataclass(frozen=True)
class CheckedGroup:
    join: Join
    conditions: tuple[Checked, ...]


@dataclass(frozen=True)
class CheckedRule:
    """A rule every part of which is known and fits: what expressions and sentences are made from."""

    join: Join
    groups: tuple[CheckedGroup, ...]
    source: Rule


def _path(location: Sequence[int | str]) -> str:
    parts = [str(part) for part in location]
    if len(parts) > 4 and parts[0] == "groups" and parts[2] == "conditions" and parts[4] in ("field", "behaviour"):
        del parts[4]  # pydantic's name of the union's member
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


def check(data: Any, fields: Mapping[str, Field], limits: Limits | None = None) -> CheckedRule:
    """The checked rule of JSON `data`.

    Args:
        fields: the live fields, by column.
        limits: how large it may be; None to leave that out (a rule saved under earlier limits still runs).

    Raises:
        Invalid: something is wrong; every error with its path.
    """
    rule, errors = parse(data), []
    if limits:
        errors += _too_large(rule, limits)
    groups = []
    for g, group in enumerate(rule.groups):
        conditions = [
            _condition(condition, fields, f"groups.{g}.conditions.{c}", errors)
            for c, condition in enumerate(group.conditions)
        ]
        groups.append(CheckedGroup(group.join, tuple(one for one in conditions if one)))
    if errors:
        raise Invalid(_summary(errors), errors=errors)
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


def _condition(
    condition: FieldCondition | BehaviourCondition, fields: Mapping[str, Field], path: str, errors: list[FieldError]
) -> Checked | None:
    if isinstance(condition, BehaviourCondition):
        return _behaviour(condition, path, errors)
    field = fields.get(condition.field)
    if field is None:
        message = f"The field “{condition.field}” does not exist or was retired; choose another one."
        errors.append(FieldError(f"{path}.field", message))
        return None
    known = operators.operators(field.column, FieldType(field.type))
    operator = known.get(condition.operator)
    if operator is None:
        message = f"“{field.label}” cannot be compared with “{condition.operator}”; choose one of {', '.join(known)}."
        errors.append(FieldError(f"{path}.operator", message))
        return None
    try:
        return OnField(field, operator, shapes.read(operator.shape, condition.value))
    except shapes.Refused as refused:
        errors.append(FieldError(".".join(filter(None, (path, "value", refused.at))), refused.message))
        return None


def _behaviour(condition: BehaviourCondition, path: str, errors: list[FieldError]) -> Checked | None:
    before, window = len(errors), None
    if condition.behaviour == "did" and condition.event is None:
        errors.append(FieldError(f"{path}.event", "Choose which event."))
    if condition.behaviour == "purchased" and condition.event is not None:
        errors.append(FieldError(f"{path}.event", "A purchase has no event name; leave this out."))
    if condition.comparison == "at_least" and condition.times == 0:
        errors.append(FieldError(f"{path}.times", "Everybody did it at least 0 times; give at least 1."))
    if condition.window:
        try:
            window = shapes.span(condition.window.model_dump(mode="json"))
        except shapes.Refused as refused:
            errors.append(FieldError(".".join(filter(None, (path, "window", refused.at))), refused.message))
    known = OF_PURCHASES if condition.behaviour == "purchased" else OF_EVENTS
    for n, one in enumerate(condition.filters):
        if one.on not in known:
            message = f"“{condition.behaviour}” can be narrowed by {', '.join(known)}."
            errors.append(FieldError(f"{path}.filters.{n}.on", message))
        try:
            shapes.read(shapes.Shape.TEXT, one.value)
        except shapes.Refused as refused:
            errors.append(FieldError(f"{path}.filters.{n}.value", refused.message))
    if condition.event is not None:
        try:
            shapes.read(shapes.Shape.TEXT, condition.event)
        except shapes.Refused as refused:
            errors.append(FieldError(f"{path}.event", refused.message))
    if len(errors) > before:
        return None
    return OnBehaviour(
        condition.behaviour, condition.event, condition.comparison, condition.times, window,
        tuple((one.on, one.value) for one in condition.filters),
    )  # fmt: skip
