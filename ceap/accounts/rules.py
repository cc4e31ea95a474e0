"""Pure decisions of accounts: settings and their bounds, roles, the hashes of the audit trail."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ceap.accounts.contracts import PERMISSIONS, SCOPE_NEEDS, Actor, Level, within
from ceap.core.traces import ERASED
from ceap.core.values.identities import PLACEHOLDERS
from ceap.kit.problem import FieldError, Invalid
from ceap.kit.seal import derive

GENESIS = "0" * 64


@dataclass(frozen=True)
class Setting:
    """A setting of the organisation, as the page Settings › Organisation draws it.

    `kind`: "number" (whole, `low` to `high`), "time" ("HH:MM"), "country" ("GB"), "text" (at most `high` characters,
    several lines), "switch" (true or false) or "words" (at most `high` of them, each up to 100 characters).
    `group` is the heading it stands under, `about` what it does, in a sentence.
    """

    key: str
    label: str
    kind: str
    default: int | str | bool | list[str]
    low: int = 0
    high: int = 0
    optional: bool = False
    hint: str = ""
    group: str = ""
    about: str = ""


SENDING, SEGMENTS, DATA, RETENTION = "Sending", "Segments", "Data", "Retention"
SETTINGS: dict[str, Setting] = {
    s.key: s
    for s in (
        Setting(
            "postal_address", "Postal address", "text", "", high=500, optional=True, group=SENDING,
            about="Stands at the foot of every marketing email, as the law asks; without it no campaign is launched.",
        ),
        Setting(
            "email_cap_per_week", "Marketing emails a customer may get in a week", "number", 3, 1, 100, group=SENDING,
            about="Counted over all campaigns, Monday to Sunday; who has had that many is left out and named.",
        ),
        Setting(
            "quiet_from", "Quiet hours from", "time", "", optional=True, hint="Customer's time zone", group=SENDING,
            about="Marketing that would leave within the quiet hours waits until they end.",
        ),
        Setting(
            "quiet_until", "Quiet hours until", "time", "", optional=True, hint="Customer's time zone", group=SENDING,
            about="They may pass midnight: 21:00 until 08:00.",
        ),
        Setting(
            "approval_above", "Approval is needed above this many recipients", "number", 1000, 0, 1_000_000_000,
            group=SENDING, about="A campaign that targets more is launched only after somebody else has approved it.",
        ),
        Setting(
            "active_campaigns", "Campaigns active at once", "number", 10, 1, 1000, group=SENDING,
            about="Scheduled, running and paused campaigns count; at the limit none is launched.",
        ),
        Setting(
            "tests_per_hour", "Test messages a user may send in an hour", "number", 20, 0, 1000, group=SENDING,
            about="A test may be written with a real customer's data; at the limit no more leave within the hour.",
        ),
        Setting(
            "recalculate_at", "Segments are recalculated daily at", "time", "08:00", hint="Organisation's zone",
            group=SEGMENTS, about="Each day at this time the membership of every active segment is made anew.",
        ),
        Setting(
            "segment_conditions_per_group", "Conditions in a group of a segment's rule", "number", 3, 1, 50,
            group=SEGMENTS, about="At the limit “Add condition” says so; rules saved before keep what they have.",
        ),
        Setting(
            "segment_groups", "Groups in a segment's rule", "number", 2, 1, 20, group=SEGMENTS,
            about="At the limit “Add group” says so; rules saved before keep what they have.",
        ),
        Setting(
            "default_region", "Country of phone numbers without a prefix", "country", "", optional=True, hint="GB",
            group=DATA, about="0812… becomes +62812… when this is ID; while it is empty such numbers are refused.",
        ),
        Setting(
            "placeholders", "Words that stand where an identity is missing", "words", list(PLACEHOLDERS), high=200,
            optional=True, group=DATA, hint="* stands for anything: test@test.*",
            about="A customer ID, email or phone that says one of them is refused: it would join strangers.",
        ),
        Setting(
            "import_max_mb", "Largest file to import, in MB", "number", 2048, 1, 1_000_000, group=DATA,
            about="A larger file is refused before it is read.",
        ),
        Setting(
            "log_days", "Days for which a repeated event id is recognised", "number", 90, 1, 3650, group=DATA,
            about="An event sent again within this time is counted once; later it would be a new one.",
        ),
        Setting(
            "candidate_days", "Candidates expire after this many days", "number", 30, 1, 3650, group=DATA,
            about="How long a suggested next action for a customer is kept when nobody took it.",
        ),
        Setting(
            "legal_hold", "Legal hold on everything", "switch", False, group=RETENTION,
            about="While it is on nothing is deleted by age and nobody can be erased.",
        ),
        Setting(
            "event_days", "Days for which events and purchases are kept", "number", 0, 0, 36_500, group=RETENTION,
            about="By the month in which they happened; 0 keeps them for ever. Totals of former years change.",
        ),
        Setting(
            "delivery_days", "Days for which it is kept where a message went", "number", 730, 0, 36_500,
            group=RETENTION, about="That it was sent, and what came of it, stays; 0 keeps the address for ever.",
        ),
        Setting(
            "import_file_days", "Days for which imported files are kept", "number", 90, 0, 36_500, group=RETENTION,
            about="The receipt stays, without the values that it quotes; 0 keeps the files for ever.",
        ),
        Setting(
            "draft_days", "Days for which an upload waits to be imported", "number", 7, 0, 36_500, group=RETENTION,
            about="An uploaded file that nobody imported is deleted then; 0 keeps it for ever.",
        ),
        Setting(
            "export_days", "Days for which exported files are kept", "number", 30, 0, 36_500, group=RETENTION,
            about="Whoever needs one again exports again; 0 keeps them for ever.",
        ),
        Setting(
            "report_days", "Days for which reports are kept", "number", 730, 0, 36_500, group=RETENTION,
            about="Reports leave History with their files; 0 keeps them for ever.",
        ),
        Setting(
            "job_days", "Days for which finished work is listed", "number", 365, 0, 36_500, group=RETENTION,
            about="What imports, exports and the like did, with their messages; 0 keeps them for ever.",
        ),
        Setting(
            "sign_in_days", "Days for which ended sign-ins are kept", "number", 90, 0, 36_500, group=RETENTION,
            about="From where and with what somebody had signed in; 0 keeps them for ever.",
        ),
    )
}  # fmt: skip
DEFAULTS: dict[str, object] = {key: setting.default for key, setting in SETTINGS.items()}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WORD = 100  # characters


def setting_error(setting: Setting, value: object) -> str | None:
    """Why `value` cannot be this setting, in a sentence; None when it can."""
    return _ERRORS[setting.kind](setting, value) if value != "" or not setting.optional else None


def _number_error(setting: Setting, value: object) -> str | None:
    if type(value) is not int:
        return "Give a whole number."
    return None if setting.low <= value <= setting.high else f"Give a number from {setting.low:,} to {setting.high:,}."


def _time_error(_: Setting, value: object) -> str | None:
    return None if isinstance(value, str) and _TIME.fullmatch(value) else "Give a time like 08:00."


def _country_error(_: Setting, value: object) -> str | None:
    fits = isinstance(value, str) and re.fullmatch("[A-Z]{2}", value)
    return None if fits else "Give a country as two letters, like GB."


def _text_error(setting: Setting, value: object) -> str | None:
    fits = isinstance(value, str) and value.strip() and len(value) <= setting.high and "\x00" not in value
    return None if fits else f"Give at most {setting.high} characters."


def _switch_error(_: Setting, value: object) -> str | None:
    return None if isinstance(value, bool) else "Say true or false."


def _words_error(setting: Setting, value: object) -> str | None:
    fits = isinstance(value, list) and len(value) <= setting.high
    if fits and all(isinstance(one, str) and 0 < len(one.strip()) <= _WORD for one in value):  # type: ignore[attr-defined]
        return None
    return f"Give a list of at most {setting.high} texts, each of at most {_WORD} characters."


_ERRORS: dict[str, Callable[[Setting, object], str | None]] = {
    "number": _number_error, "time": _time_error, "country": _country_error, "text": _text_error,
    "switch": _switch_error, "words": _words_error,
}  # fmt: skip


def checked_settings(current: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """`current` with `changes`.

    Raises:
        Invalid: naming each setting ("settings.<key>") that does not exist or has a wrong value.
    """
    errors = []
    for key, value in changes.items():
        setting = SETTINGS.get(key)
        if message := setting_error(setting, value) if setting else "There is no such setting.":
            errors.append(FieldError(f"settings.{key}", message))
    settings = {**current, **changes}
    quiet = [settings.get(key, "") for key in ("quiet_from", "quiet_until")]
    if not errors and bool(quiet[0]) != bool(quiet[1]):
        missing = "quiet_until" if quiet[0] else "quiet_from"
        errors.append(FieldError(f"settings.{missing}", "Give both ends of the quiet hours, or neither."))
    if errors:
        raise Invalid("; ".join(e.message for e in errors), errors=errors)
    return settings


def checked_grants(grants: Mapping[str, str], *, owned: bool = True) -> dict[str, str]:
    """Grants for storing, without what is disabled. `owned` False: there is nobody who could own (API keys).

    Raises:
        Invalid: naming each key ("grants.<key>") that does not exist or cannot have that level.
    """
    errors, checked = [], {}
    for key, level in grants.items():
        permission = PERMISSIONS.get(key)
        if permission is None:
            errors.append(FieldError(f"grants.{key}", "There is no such permission."))
        elif level not in permission.levels or (level == Level.OWNED and not owned):
            levels = ", ".join(x for x in permission.levels if owned or x != Level.OWNED)
            errors.append(FieldError(f"grants.{key}", f"“{permission.label}” can be: {levels}."))
        elif level != Level.DISABLED:
            checked[key] = str(level)
    if errors:
        raise Invalid("; ".join(e.message for e in errors), errors=errors)
    return checked


def may_grant(actor: Actor, grants: Mapping[str, str], scopes: Iterable[str] = ()) -> list[str]:
    """The permission keys that stand against handing out `grants` and `scopes`: those that reach further than the
    actor's own; [] when it may. Everything that acts for somebody else (role, key, webhook, schedule) asks here.

    A scope counts as what it lets a program do with every customer (`SCOPE_NEEDS`).
    """
    asked = [(key, Level(level)) for key, level in grants.items() if key in PERMISSIONS]
    asked += [(key, Level.ALL) for scope in scopes for key in SCOPE_NEEDS[scope]]
    return list(dict.fromkeys(key for key, level in asked if not within(level, actor.level(key))))


def plain(value: Any) -> Any:
    """`value` as every store gives it back: JSON types only, no NUL, floats that JSON columns do not rewrite."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 2**53:
            return int(value)
        return value if 1e-4 <= abs(value) < 2**53 else repr(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return str(value).replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def qr_path(text: str) -> tuple[int, str]:
    """A QR code (ISO/IEC 18004, correction level M) of `text`.

    Returns:
        Its width in modules, and the dark ones as an SVG path in those units.
    """
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code: Any = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, module in enumerate(row) if module]
    return len(matrix), "".join(dark)


class Hashed(Protocol):
    seq: Any
    at: Any
    actor_kind: Any
    actor_id: Any
    actor_name: Any
    verb: Any
    object_kind: Any
    object_id: Any
    object_name: Any
    before: Any
    after: Any
    previous_hash: Any
    salt: Any


def entry_hash(entry: Hashed) -> str:
    """SHA-256 over the entry's content, its salt if it has one, and the hash of the entry before it."""
    content = [
        entry.seq, entry.previous_hash, entry.at.isoformat(), entry.actor_kind, entry.actor_id, entry.actor_name,
        entry.verb, entry.object_kind, entry.object_id, entry.object_name, entry.before, entry.after,
        *([entry.salt] if entry.salt else []),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def head_signature(home_secret: str, seq: int, hash: str) -> str:
    """HMAC-SHA256 over the newest entry's number and hash, in hex."""
    return hmac.new(derive(home_secret, "audit-head/1"), f"{seq}:{hash}".encode(), hashlib.sha256).hexdigest()


def without_values(value: Any) -> Any:
    """`before` or `after` of an entry with its keys and without any value: what was changed stays, not to what."""
    if isinstance(value, Mapping):
        return {key: without_values(one) for key, one in value.items()}
    return value if value is None or value == [] or value == "" else ERASED
