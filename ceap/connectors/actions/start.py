"""Checking, starting and deleting imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.connectors import queries
from ceap.connectors.contracts import Form, Options, State, Target, Unknown
from ceap.connectors.files import columns, forget, parts
from ceap.connectors.models import Import
from ceap.connectors.targets import Row, Seen, chosen, fields_of, required, take
from ceap.connectors.targets.fields import PROPERTY
from ceap.core.happenings import property_fault
from ceap.core.values.dates import DateForm
from ceap.core.values.numbers import NumberForm
from ceap.core.values.text import composed
from ceap.customers import queries as customers
from ceap.customers.actions import add_field, add_name_fields
from ceap.customers.contracts import IDENTITY_FIELDS, Policy
from ceap.jobs.actions import enqueue
from ceap.kit.problem import Conflict, FieldError, Invalid

CHECKED = 5_000


@dataclass(frozen=True)
class Checked:
    """What would become of the first `rows` rows (`all`: that is the whole file)."""

    rows: int
    all: bool
    created: int
    updated: int
    unchanged: int
    rejected: int
    said: list[tuple[int, Row]]


def check(
    actor: Actor, id: UUID | str, mapping: Mapping[str, Any], options: Mapping[str, Any], form: Form | None = None
) -> Checked:
    """Bring in the first 5,000 rows and take it all back.

    Raises:
        NotFound: there is no such import. Invalid: mapping or options are wrong. BadFile: the file is damaged.
        Conflict: the file is not read in the form `form` any more.
    """
    row = queries.opened(actor, id)
    _same(row, form)
    wanted = _options(actor, row, options)
    with transaction.atomic():
        mapped = _mapping(actor, row, mapping, wanted)
        pieces = parts(queries.path_of(row), Form(**row.form), CHECKED)
        part = next(pieces, None)
        if part is None:
            return Checked(0, True, 0, 0, 0, 0, [])
        given = chosen(part.table, mapped)
        told = take(actor, Target(row.target), given, wanted, source=row.file_name, seen=Seen(), dry=True)
        transaction.set_rollback(True)
    columns_of = {key: column for column, key in mapped.items()}
    said = [(number, Row(0, "", text, why)) for number, text, why in part.torn]
    said += [(part.numbers[r.index], replace(r, field=columns_of.get(r.field, r.field))) for r in told.said]
    return Checked(
        part.size, next(pieces, None) is None, told.created, told.updated, told.unchanged,
        told.rejected + len(part.torn), sorted(said, key=lambda pair: pair[0])[:200],
    )  # fmt: skip


def start(
    actor: Actor, id: UUID | str, mapping: Mapping[str, Any], options: Mapping[str, Any], form: Form | None = None
) -> Import:
    """Begin to bring a file in.

    Args:
        mapping: column → field key, "prop:<name>" (purchases, events, items), "" (left out) or, for customers,
            {"label", "type", "options"?} of a new custom field.
        options: `contracts.Options`.
        form: what the actor saw the file read as.

    Raises:
        NotFound: there is no such import. Conflict: it was started before, or the file is read in another form by now.
        Invalid: mapping or options are wrong.
    """
    with transaction.atomic():
        queries.opened(actor, id)
        row = Import.objects.select_for_update().get(pk=id)
        if row.state != State.DRAFT:
            raise Conflict("This import was started already.")
        _same(row, form)
        wanted = _options(actor, row, options)
        row.mapping = _mapping(actor, row, mapping, wanted)
        row.options, row.state = asdict(wanted), State.RUNNING
        job = enqueue(
            "connectors.import", actor, subject=f"import:{row.pk}", import_id=str(row.pk), actor_kind=actor.kind,
            actor_id=actor.id,
        )  # fmt: skip
        row.job_id = job.pk
        row.save()
        audit(actor, "imports.start", "import", row.pk, row.file_name, after={"mapping": row.mapping})
    return row


def delete(actor: Actor, id: UUID | str) -> None:
    """Forget a draft and its file.

    Raises:
        NotFound: there is no such import. Conflict: it was started: its receipt stays.
    """
    with transaction.atomic():
        queries.get(actor, id)
        row = Import.objects.select_for_update().get(pk=id)
        if row.state != State.DRAFT:
            raise Conflict("This import was started; its receipt stays.")
        path = queries.path_of(row)
        audit(actor, "imports.delete", "import", row.pk, row.file_name)
        row.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
        transaction.on_commit(lambda: forget(path))


def _same(row: Import, form: Form | None) -> None:
    """That the file is still read as whoever decides saw it."""
    if form is not None and form != Form(**row.form):
        raise Conflict("Somebody changed how this file is read. Load the page again and look at its columns.")


def _are_words(given: Any) -> bool:
    return isinstance(given, list | tuple) and all(isinstance(one, str) for one in given)


def _options(actor: Actor, row: Import, given: Mapping[str, Any]) -> Options:
    known = {f.name for f in fields(Options)}
    errors = [FieldError(f"options.{key}", "There is no such option.") for key in given if key not in known]
    for key in known & given.keys() - {"chunk"}:
        if not (_are_words(given[key]) if key == "match" else isinstance(given[key], str)):
            errors.append(FieldError(f"options.{key}", "Give a list of words." if key == "match" else "Give a word."))
    if errors:
        raise Invalid(" ".join(e.message for e in errors), errors=errors)
    chosen = Options.of(dict(given))
    if not chosen.match or not set(chosen.match) <= set(IDENTITY_FIELDS):
        errors.append(FieldError("options.match", f"Choose among {', '.join(IDENTITY_FIELDS)}."))
    customers.require_seen(actor, *chosen.match)
    if chosen.policy not in set(Policy):
        errors.append(FieldError("options.policy", f"Choose one of {', '.join(Policy)}."))
    if chosen.bad_values not in ("reject", "leave_out"):
        errors.append(FieldError("options.bad_values", "Choose reject or leave_out."))
    if chosen.dates not in {"", *DateForm}:
        errors.append(FieldError("options.dates", f"Choose one of {', '.join(DateForm)}."))
    if chosen.numbers not in set(NumberForm):
        errors.append(FieldError("options.numbers", f"Choose one of {', '.join(NumberForm)}."))
    if chosen.unknown_customer not in set(Unknown):
        errors.append(FieldError("options.unknown_customer", f"Choose one of {', '.join(Unknown)}."))
    if chosen.no_customer not in (Unknown.REJECT, Unknown.ANONYMOUS):
        errors.append(FieldError("options.no_customer", "Choose reject or anonymous."))
    if not isinstance(chosen.chunk, int) or not 1 <= chosen.chunk <= 200_000:
        errors.append(FieldError("options.chunk", "Give a number from 1 to 200,000."))
    if errors:
        raise Invalid(" ".join(e.message for e in errors), errors=errors)
    return chosen


def _mapping(actor: Actor, row: Import, given: Mapping[str, Any], options: Options) -> dict[str, str]:
    """The mapping with new fields created and made sure of."""
    target = Target(row.target)
    known = {f.key for f in fields_of(target, actor)}
    present = columns(queries.path_of(row), Form(**row.form))
    errors, mapped = [], {}
    for column, wanted in given.items():
        if column not in present:
            errors.append(FieldError(f"mapping.{column}", "The file has no such column."))
        elif isinstance(wanted, dict) and target is Target.CUSTOMERS:
            label, kind, choices = (
                wanted.get("label") or column,
                wanted.get("type", "text"),
                wanted.get("options") or [],
            )
            if not _are_words([label, kind]) or not _are_words(choices):
                fault = "Give a new field a label and a type, and options as a list of words."
                errors.append(FieldError(f"mapping.{column}", fault))
                continue
            mapped[column] = add_field(actor, label, kind, options=choices).key
        elif not wanted:
            continue
        elif not isinstance(wanted, str):
            errors.append(FieldError(f"mapping.{column}", "Give the key of a field, or leave it empty."))
        elif wanted in known:
            mapped[column] = wanted
        elif target.has_properties and wanted.startswith(PROPERTY):
            mapped[column] = composed(wanted)
            if fault := property_fault(mapped[column].removeprefix(PROPERTY)):
                errors.append(FieldError(f"mapping.{column}", fault))
        else:
            errors.append(FieldError(f"mapping.{column}", f"There is no field “{wanted}”."))
    for key in {k for k in mapped.values() if list(mapped.values()).count(k) > 1}:
        errors.append(FieldError("mapping", f"Two columns are mapped to “{key}”."))
    errors += [FieldError(f, message) for f, message in required(target, set(mapped.values()), options.match)]
    if errors:
        raise Invalid(" ".join(dict.fromkeys(e.message for e in errors)), errors=errors)
    if target is Target.CUSTOMERS:
        add_name_fields(actor, mapped.values())
    return mapped
