"""What fills the variables of a campaign's template."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ceap.campaigns.rules.checks import Check
from ceap.content.contracts import PLACEHOLDER, Fill
from ceap.kit.problem import invalid

MOST = 50


def mapped(
    given: Mapping[str, Any], before: Mapping[str, dict[str, str]], seen: Collection[str]
) -> dict[str, dict[str, str]]:
    """`before` with `given` in it: {placeholder: {"path", "fallback"} | None to remove it}; what is absent stays.

    Args:
        seen: the fields that whoever changes it may see. Another one can stay where somebody chose it, nothing more.

    Raises:
        Invalid: it names the variable.
    """
    result = dict(before)
    for name, fill in given.items():
        field, old = f"mapping.{name}", before.get(name, {"path": "", "fallback": ""})
        if not PLACEHOLDER.fullmatch(name):
            raise invalid(field, "This is no variable that a template can have.")
        if fill is None:
            result.pop(name, None)
            continue
        fill = old | {part: value for part, value in fill.items() if value is not None}
        path = fill["path"]
        if path and path != old["path"] and path not in seen:
            raise invalid(field, f"There is no field “{path}”; choose one of the list.")
        result[name] = {"path": path, "fallback": " ".join(fill["fallback"].split())}
    if len(result) > MOST:
        raise invalid("mapping", f"At most {MOST} variables can be mapped.")
    return result


def checks(placeholders: Collection[str], mapping: Mapping[str, Fill], fields: Collection[str]) -> list[Check]:
    """A line for every variable that cannot be filled, with the remedy; none for a template without variables."""
    lines = []
    for name in placeholders:
        fill = mapping.get(name, Fill())
        if fill.path and fill.path not in fields:
            level, text = "error", "is mapped to a field that is not there any more; choose another one."
        elif not fill.path and not fill.fallback:
            level, text = "error", "is not mapped: choose a field for it, or write a fallback that everybody gets."
        elif not fill.fallback:
            level, text = "warning", "has no fallback: nothing is written where a recipient's field is empty."
        else:
            continue
        lines.append(Check(f"mapping.{name}", level, f"The variable “{name}” {text}", "message"))
    if placeholders and not lines:
        lines.append(Check("mapping", "ok", "Every variable of the email is mapped.", "message"))
    return lines
