"""What imports and webhooks are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ceap.core.sheets import BadFile, Choice, Form
from ceap.core.sheets.encodings import CHOICES as ENCODINGS
from ceap.core.values.dates import DateForm
from ceap.core.values.numbers import NumberForm

__all__ = [
    "ENCODINGS",
    "TEST",
    "BadFile",
    "CallState",
    "Choice",
    "Form",
    "Guess",
    "Happening",
    "Hook",
    "Options",
    "State",
    "Target",
    "Unknown",
]  # fmt: skip


KINDS = {"csv": "Text", "xlsx": "Excel workbook", "parquet": "Parquet"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}


def form_words(form: dict[str, Any], choice: dict[str, Any], sheets: list[tuple[str, bool]]) -> str:
    """How a file is read, in words: "Text · Cyrillic (Windows-1251), chosen · semicolon · row 1 names the columns"."""

    def part(name: str, words: str) -> str:
        return f"{words}, chosen" if name in choice else words

    words = [KINDS[form["kind"]]]
    if form["kind"] == "csv":
        words.append(part("encoding", ENCODINGS.get(form["encoding"], form["encoding"])))
        words.append(part("delimiter", DELIMITERS.get(form["delimiter"], form["delimiter"])))
    if form["kind"] == "xlsx":
        words.append(part("sheet", f"sheet “{form.get('sheet', '')}”"))
        others = [f"“{name}”{' (hidden)' if hidden else ''}" for name, hidden in sheets if name != form.get("sheet")]
        words += [f"not read: {', '.join(others)}"] if others else []
    if form["kind"] != "parquet":
        row = form.get("header_row", 1)
        words.append(
            part("header_row", f"row {row} names the columns" if form["header"] else "no row names the columns")
        )
    return " · ".join(words)


class Target(StrEnum):
    CUSTOMERS = "customers"
    ITEMS = "items"
    PURCHASES = "purchases"
    EVENTS = "events"
    RATES = "rates"

    @property
    def has_properties(self) -> bool:
        """Whether a column that is none of its fields can be kept as a property."""
        return self in (Target.ITEMS, Target.PURCHASES, Target.EVENTS)


class State(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Unknown(StrEnum):
    """What happens with a purchase or event of a customer that is not known."""

    REJECT = "reject"
    CREATE = "create"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Guess:
    """What a column of the file seems to be: a field's key ("" = none), how sure (0 to 1) and why."""

    column: str
    samples: list[str]
    field: str
    confidence: float
    why: str
    type: str  # of a new custom field


@dataclass(frozen=True)
class Options:
    """How an import goes about it.

    match: identity fields by which customers are recognised. policy: both, create, update. bad_values: "reject" the row
    or "leave_out" the value. dates: the form of dates in digits ("": those that could be two are refused), numbers:
    that of numbers, of `ceap.core.values`. unknown_customer: for purchases and events; no_customer: for those that name
    nobody (reject or anonymous). item_kind: kind of imported
    items.
    """

    match: tuple[str, ...] = ("customer_id",)
    policy: str = "both"
    bad_values: str = "reject"
    dates: str = ""
    numbers: str = NumberForm.POINT
    unknown_customer: str = Unknown.REJECT
    no_customer: str = Unknown.REJECT
    item_kind: str = "product"
    chunk: int = 50_000

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        values = {k: v for k, v in given.items() if k in cls.__dataclass_fields__}
        if given.get("day_first") is not None:  # of imports that began before forms had names
            values.setdefault("dates", DateForm.DAY_FIRST if given["day_first"] else DateForm.MONTH_FIRST)
        if given.get("decimal_comma"):
            values.setdefault("numbers", NumberForm.COMMA)
        if "match" in values:
            values["match"] = tuple(values["match"])
        return cls(**values)


class Happening(StrEnum):
    """What a webhook can be told of."""

    ENTERED = "segment.entered"
    LEFT = "segment.left"


TEST = "webhook.test"


class Hook(StrEnum):
    """Whether a webhook is told; GONE: its server answered that it wants no more (410)."""

    ON = "on"
    OFF = "off"
    GONE = "gone"


class CallState(StrEnum):
    """WAITING for its time or turn; STOPPED: the webhook was switched off or gone before everything was sent."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    STOPPED = "stopped"
