"""What rendering an email for example customers showed, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ceap.campaigns.rules.checks import Check
from ceap.content.contracts import Reason

NAMED = 3  # customers named with a fault, fields named
EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True)
class Fault:
    """Why the email cannot be made for some example customers.

    reason: a `Reason`; fields: labels of those whose value is the cause ("" = hidden from who asks); count: how many
    examples; names: those of them that whoever asks may see, at most `NAMED`.
    """

    reason: str
    fields: tuple[str, ...] = ()
    count: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """How many example customers were tried, of how many who would receive it, and what failed."""

    tried: int
    of: int
    faults: tuple[Fault, ...] = ()


def extremes(known: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Customers with the outermost values of each field: an empty one, the longest, the first and the last.

    known: {customer: {field: value}}; moments as such, dates as ISO text.
    """
    chosen: set[int] = set()
    for key in sorted({key for values in known.values() for key in values}):
        full = {one: values[key] for one, values in known.items() if values.get(key) not in EMPTY}
        empty = [one for one in known if one not in full]
        chosen |= set(empty[:1])
        if full:
            chosen.add(max(full, key=lambda one: len(str(full[one]))))
        for kind in (str, int | float, date):  # a moment is a date too
            alike = {one: value for one, value in full.items() if isinstance(value, kind)}
            ordered = sorted(alike, key=lambda one: _place(alike[one]))
            chosen |= {*ordered[:1], *ordered[-1:]}
    return chosen


def _place(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# Reason -> what goes wrong, how a field stands in that sentence, what to do.
CAUSES = {
    Reason.ERROR: (
        "the template breaks", "on the value of",
        "Guard it with {% if %}, write it in another way, or mend the value.",
    ),
    Reason.EMPTY: (
        "the subject, the message or a link in it is empty or leads nowhere", "because of",
        "Give it a fallback (the filter default), or leave out what depends on it.",
    ),
    Reason.NO_UNSUBSCRIBE: (
        "the link to unsubscribe is missing", "because of", "Keep the link in the email, outside of every condition.",
    ),
    Reason.TIMEOUT: ("the template takes too long", "because of", "Make its loops shorter."),
    Reason.MEMORY: ("the template needs too much memory", "because of", "Make its loops and texts shorter."),
    Reason.TOO_LARGE: ("the message becomes too large", "because of", "Shorten it, or cut the value (truncate)."),
    Reason.CRASH: ("the template ends its renderer", "because of", "Take out what was added last and check again."),
}  # fmt: skip


def checks(trial: Trial) -> list[Check]:
    """A line for each cause; an error where it fails for every example, else a hint: the others get their email."""
    if not trial.faults:
        text = f"The email was tried for all {trial.of:,} who would receive it."
        if trial.tried < trial.of:
            text = (
                f"The email was tried for {trial.tried:,} of the {trial.of:,} who would receive it, among them empty "
                "fields and the longest, first and last values."
            )
        return [Check("examples", "ok", text, "message")]
    lines = []
    for n, fault in enumerate(trial.faults):
        whole = fault.count == trial.tried
        cause, through, remedy = CAUSES[Reason(fault.reason)]
        cause += f" {through} {_fields(fault.fields)}" if fault.fields else ""
        who = "every example customer" if whole else f"{fault.count:,} of {trial.tried:,} example customers"
        named = f" ({', '.join(fault.names)}{' …' if fault.count > len(fault.names) else ''})" if fault.names else ""
        sentence = f"For {who}{named} the email cannot be made: {cause}."
        rest = "" if whole else " Whoever it fails for gets nothing, the others are sent it."
        key = "examples" if n == 0 else f"examples.{n + 1}"
        lines.append(Check(key, "error" if whole else "warning", f"{sentence} {remedy}{rest}", "message"))
    return lines


def _fields(labels: Collection[str]) -> str:
    """The fields in a sentence."""
    seen = sorted({f"“{label}”" if label else "a field that you may not see" for label in labels})
    return " or ".join(seen[:NAMED])
