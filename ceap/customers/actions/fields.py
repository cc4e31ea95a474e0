"""The organisation's own fields: add, change, order, retire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from ceap.accounts.actions import audit
from ceap.accounts.contracts import ADMINISTRATOR, Actor
from ceap.accounts.queries import role_names
from ceap.core.changelog import fields_changed
from ceap.customers.contracts import ALWAYS_SEEN, CHANNEL_FIELDS, DEFAULT_FIELDS, NAME_FIELDS, FieldType
from ceap.customers.models import CustomField, FieldAccess
from ceap.customers.queries.fields import channel_fields, fields_for, hidden_from, retired
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, FieldError, Invalid, NotFound, invalid

WITH_OPTIONS = {FieldType.DROPDOWN, FieldType.MULTIPLE}
RESERVED = {f.key for f in (*DEFAULT_FIELDS, *CHANNEL_FIELDS)} | {"id", "custom", "first_name"}
MOST_FIELDS = 500


def add_field(actor: Actor, label: str, type: str, *, key: str = "", options: Sequence[str] = ()) -> CustomField:
    """Add a field. Without `key` one is made of the label; it never changes afterwards.

    Raises:
        Invalid: label, type, key or options are wrong.
        Conflict: there are 500 fields already.
    """
    actor.require("fields_manage")
    kind = _kind(type)
    with transaction.atomic():
        rows = CustomField.objects.all()
        if rows.filter(retired_at=None).count() >= MOST_FIELDS:
            raise Conflict(f"There are {MOST_FIELDS} custom fields already; retire one first.")
        row = CustomField(
            label=_label(label), type=kind, key=_key(key, label), options=_options(kind, options), created_at=now(),
            position=(rows.aggregate(last=Max("position"))["last"] or 0) + 1,
        )  # fmt: skip
        row.save(force_insert=True)
        _said(
            actor, "fields.add", row, after={"key": row.key, "label": row.label, "type": kind, "options": row.options}
        )
    return row


def add_name_fields(actor: Actor, keys: Iterable[str]) -> None:
    """Make those of the fields first_name and last_name that there are not yet; one that was retired comes back."""
    wanted = {f.key: f for f in NAME_FIELDS if f.key in keys}
    with transaction.atomic():
        rows = {row.key: row for row in CustomField.objects.filter(key__in=wanted)}
        for key, field in wanted.items():
            row = rows.get(key)
            if row and row.retired_at:
                row.retired_at = None
                row.save(update_fields=["retired_at"])
                _said(actor, "fields.restore", row)
            elif row is None:
                last = CustomField.objects.aggregate(last=Max("position"))["last"] or 0
                taken = CustomField.objects.filter(label__iexact=field.label, retired_at=None).exists()
                label = f"{field.label} (of the name)" if taken else field.label
                row = CustomField.objects.create(
                    label=label, type=field.type, key=key, options=[], created_at=now(), position=last + 1
                )
                _said(actor, "fields.add", row, after={"key": key, "label": label, "type": field.type, "options": []})


def change_field(
    actor: Actor, field: UUID | str, *, label: str | None = None, options: Sequence[str] | None = None
) -> CustomField:
    """Rename a field or change its options; values that customers have stay as they are.

    Raises:
        NotFound, Invalid: there is no such field, or the label or options are wrong.
    """
    actor.require("fields_manage")
    with transaction.atomic():
        row = _locked(actor, field)
        before: dict[str, object] = {}
        after: dict[str, object] = {}
        if label is not None and _label(label, but=row) != row.label:
            before["label"], row.label = row.label, label.strip()
            after["label"] = row.label
        if options is not None and (found := _options(FieldType(row.type), options)) != row.options:
            before["options"], row.options = row.options, found
            after["options"] = found
        if after:
            row.save()
            _said(actor, "fields.change", row, before=before, after=after)
    return row


def retire_field(actor: Actor, field: UUID | str) -> CustomField:
    """Take a field out of use; its values are kept and come back when it is restored."""
    return _retire(actor, field, retired=True)


def restore_field(actor: Actor, field: UUID | str) -> CustomField:
    """Take a retired field back into use."""
    return _retire(actor, field, retired=False)


def limit_field(actor: Actor, key: str, roles: Sequence[str]) -> list[str]:
    """Let only these roles (by key; `API_KEYS` for API keys) see a field, default or custom; none = everybody.

    Administrators see every field. For everybody else it is as if the field were not there: not on pages, not in
    exports, not in rules that they write.

    Raises:
        Forbidden: the actor may not manage fields.
        NotFound: there is no such field for the actor.
        Invalid: a role does not exist, or everybody must see the field, or the actor's own role is left out.
    """
    actor.require("fields_manage")
    known = {f.key: f for f in (*fields_for(actor), *(f for f in retired() if f.seen_by(actor)))}
    known |= {f.key: f for f in channel_fields(actor)}
    if key not in known:
        raise NotFound("There is no such field.")
    chosen = sorted(set(roles) - {ADMINISTRATOR})
    if chosen != sorted(roles) and not chosen:
        chosen = [ADMINISTRATOR]  # administrators alone
    if unknown := set(chosen) - set(role_names()):
        raise invalid("roles", f"There is no role “{sorted(unknown)[0]}”.")
    if chosen and key in ALWAYS_SEEN:
        raise invalid("roles", f"Everybody sees “{known[key].label}”: it is what customers are called on every page.")
    if chosen and not replace(known[key], roles=tuple(chosen)).seen_by(actor):
        raise invalid("roles", "Leave your own role in, or you would not see the field any more.")
    with transaction.atomic():
        row = FieldAccess.objects.select_for_update().filter(key=key).first()
        before = row.roles if row else []
        if chosen != before:
            FieldAccess.objects.update_or_create(key=key, defaults={"roles": chosen})
            named = known[key].label
            audit(actor, "fields.limit", "field", key, named, before={"roles": before}, after={"roles": chosen})
    return chosen


def _retire(actor: Actor, field: UUID | str, *, retired: bool) -> CustomField:
    actor.require("fields_manage")
    with transaction.atomic():
        row = _locked(actor, field)
        if bool(row.retired_at) is not retired:
            row.retired_at = now() if retired else None
            row.save(update_fields=["retired_at"])
            _said(actor, "fields.retire" if retired else "fields.restore", row)
    return row


def order_fields(actor: Actor, ids: Sequence[UUID | str]) -> list[CustomField]:
    """Put the fields in the order of `ids`, which names every field in use that the actor may see once.

    Fields hidden from the actor keep their places among the others.

    Raises:
        Invalid: a field is missing or named twice.
    """
    actor.require("fields_manage")
    with transaction.atomic():
        every = list(CustomField.objects.select_for_update().filter(retired_at=None))
        hidden = hidden_from(actor)
        rows = {str(row.pk): row for row in every if row.key not in hidden}
        wanted = [str(each) for each in ids]
        if sorted(wanted) != sorted(rows):
            raise invalid("ids", "Name every field in use exactly once.")
        following = iter(wanted)
        ordered = [row if row.key in hidden else rows[next(following)] for row in every]
        for position, row in enumerate(ordered, 1):
            row.position = position
        CustomField.objects.bulk_update(ordered, ["position"])
        audit(actor, "fields.order", "field", "all", after={"keys": [rows[each].key for each in wanted]})
        _log()
    return [rows[each] for each in wanted]


def _locked(actor: Actor, field: UUID | str) -> CustomField:
    row = CustomField.objects.select_for_update().filter(pk=field).first()
    if row is None or row.key in hidden_from(actor):
        raise NotFound("There is no such field.")
    return row


def _kind(type: str) -> FieldType:
    try:
        return FieldType(type)
    except ValueError:
        raise invalid("type", f"Choose one of {', '.join(FieldType)}.") from None


def _label(label: str, but: CustomField | None = None) -> str:
    label = " ".join(label.split())
    if not label or len(label) > 80:
        raise invalid("label", "Give a label of 1 to 80 characters.")
    taken = CustomField.objects.filter(label__iexact=label, retired_at=None)
    taken = taken.exclude(pk=but.pk) if but else taken
    if taken.exists() or any(f.label.lower() == label.lower() for f in DEFAULT_FIELDS):
        raise invalid("label", "Another field has this label.")
    return label


def _key(key: str, label: str) -> str:
    made = not key
    key = key.strip().lower() or re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50] or "field"
    if made and key[0].isdigit():
        key = f"f_{key}"[:50]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", key):
        raise invalid("key", "A key is lower-case letters, digits and _, and begins with a letter.")
    taken = RESERVED | set(CustomField.objects.values_list("key", flat=True))
    if made:
        stem, number = key[:46], 2
        while key in taken:
            key, number = f"{stem}_{number}", number + 1
    elif key in taken:
        raise invalid("key", "Another field has this key (it may be retired).")
    return key


def _options(kind: FieldType, options: Sequence[str]) -> list[str]:
    found = [" ".join(option.split()) for option in options if option.strip()]
    if kind not in WITH_OPTIONS:
        if found:
            raise invalid("options", "Only dropdowns and multiple selections have options.")
        return []
    if len({option.lower() for option in found}) != len(found):
        raise Invalid(
            "Each option may be there once.", errors=[FieldError("options", "Each option may be there once.")]
        )
    if any(len(option) > 120 or ";" in option or "|" in option for option in found) or len(found) > 1_000:
        raise invalid("options", "An option has at most 120 characters, without ; and |; at most 1,000 options.")
    return found


def _said(actor: Actor, verb: str, row: CustomField, **values: dict[str, object]) -> None:
    audit(actor, verb, "field", row.pk, row.label, **values)
    _log()


def _log() -> None:
    with connection.cursor() as cursor:
        fields_changed(cursor, connection.vendor)
