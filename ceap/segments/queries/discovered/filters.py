"""What the customers of discovered segments are narrowed to, on the dashboard, in details and in reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ceap.kit.problem import FieldError, Invalid

OLDEST, LONGEST = 150, 36_600  # years, days
MOST = 200  # values of one filter
NONE = "All customers"


@dataclass(frozen=True)
class Filters:
    """Every part narrows further; what is left out narrows nothing.

    age_from, age_to: years, both included. outlets: the main outlet is one of them. categories: something of one of
    them was bought. last_within: the last purchase was on one of that many days before today, or today; last_over: it
    was longer ago than that many days (both: in between). Days are those of the organisation's zone. A customer of whom
    that is not known does not match.
    """

    age_from: int | None = None
    age_to: int | None = None
    outlets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    last_within: int | None = None
    last_over: int | None = None

    def __bool__(self) -> bool:
        """Whether they narrow anything."""
        return self != Filters()

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Filters:
        """The filters of JSON such as `json` gives, or of a query's parameters; numbers may come as text.

        Raises:
            Invalid: something is wrong; every error names its part.
        """
        wrong = [
            FieldError(name, "There is no such filter.")
            for name in sorted(data.keys() - {field.name for field in fields(cls)})
        ]
        ages = [_whole(data, name, 0, OLDEST, "years", wrong) for name in ("age_from", "age_to")]
        days = [_whole(data, name, 0, LONGEST, "days", wrong) for name in ("last_within", "last_over")]
        names = [_names(data, name, wrong) for name in ("outlets", "categories")]
        found = cls(ages[0], ages[1], names[0], names[1], days[0], days[1])
        if found.age_from is not None and found.age_to is not None and found.age_from > found.age_to:
            wrong.append(
                FieldError("age_from", f"The lowest age, {found.age_from}, is above the highest, {found.age_to}.")
            )
        if found.last_within is not None and found.last_over is not None and found.last_over >= found.last_within:
            message = (
                f"Nobody bought within {found.last_within} days and longer ago than {found.last_over}: give fewer days."
            )
            wrong.append(FieldError("last_over", message))
        if wrong:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise Invalid(f"{wrong[0].field}: {wrong[0].message}{more}", errors=wrong)
        return found

    def json(self) -> dict[str, Any]:
        """What `read` reads, with lists for tuples; parts that narrow nothing are left out."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {name: value for name, value in told.items() if value not in (None, [])}

    def words(self) -> str:
        """In words: "Age 25–40 · outlet Galle or Kandy · bought fresh · last purchase within 30 days"."""
        parts = [
            self._age(),
            f"outlet {_either(self.outlets)}" if self.outlets else "",
            f"bought {_either(self.categories)}" if self.categories else "",
            self._last(),
        ]
        told = " · ".join(filter(None, parts))
        return told[:1].upper() + told[1:] if told else NONE

    def _age(self) -> str:
        match self.age_from, self.age_to:
            case None, None:
                return ""
            case None, top:
                return f"age up to {top}"
            case low, None:
                return f"age {low} and over"
            case low, top:
                return f"age {low}" if low == top else f"age {low}–{top}"

    def _last(self) -> str:
        within, over = self.last_within, self.last_over
        parts = [f"within {_days(within)}"] if within is not None else []
        parts += [f"longer ago than {_days(over)}"] if over is not None else []
        return f"last purchase {' but '.join(parts)}" if parts else ""


def _days(count: int) -> str:
    return f"{count:,} day{'' if count == 1 else 's'}"


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _whole(data: Mapping[str, Any], name: str, least: int, most: int, unit: str, wrong: list[FieldError]) -> int | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    try:
        number = int(value) if isinstance(value, str) else value
        if type(number) is not int or not least <= number <= most:
            raise ValueError
    except ValueError:
        wrong.append(FieldError(name, f"Give a whole number of {unit} from {least} to {most:,}."))
        return None
    return number


def _names(data: Mapping[str, Any], name: str, wrong: list[FieldError]) -> tuple[str, ...]:
    value = data.get(name)
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        wrong.append(FieldError(name, "Give a list of names."))
        return ()
    if len(value) > MOST:
        wrong.append(FieldError(name, f"Give at most {MOST} names."))
        return ()
    return tuple(sorted(dict.fromkeys(one for one in value if one)))
