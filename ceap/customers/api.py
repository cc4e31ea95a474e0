"""The wire of customers: parse, call, return."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Query, Router
from ninja import Status as Answer
from ninja.files import UploadedFile

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.customers import actions, queries, schemas
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import Customer, CustomField
from ceap.customers.queries import Filters
from ceap.jobs import queries as jobs
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.kit.problem import Conflict, NotFound, invalid

router = Router(tags=["customers"])
SUGGESTING = {FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTIPLE}
MANY = Query([])
MOST_COLUMNS = 100
IN_LISTS = (
    "customer_id", "email", "phone", "source", "status", "city", "province", "country", "marketing_opt_in",
    "last_activity_at", "updated_at", "created_at",
)  # fmt: skip


def _row(customer: Customer, hidden: set[str], shown: list[Field]) -> dict[str, Any]:
    owner = customer.owner
    found = {name: getattr(customer, name) for name in IN_LISTS} | {
        "id": customer.pk, "name": str(customer), "owner": {"id": owner.pk, "name": owner.name} if owner else None,
        "added_by": customer.added_by,
    }  # fmt: skip
    found |= {name: "" if isinstance(found[name], str) else None for name in hidden & found.keys()}
    return found | {"values": queries.facts(customer, shown)}


def _customer(request: HttpRequest, row: Customer) -> dict[str, Any]:
    who = actor(request)
    found = queries.facts(row, queries.known_to(who))
    return {
        "id": row.pk, "name": str(row), "version": row.version, "values": found, "users": queries.names_of(found),
        "added_by": row.added_by, "identities": queries.identities_of(who, row), "may": queries.may(who, row),
    }  # fmt: skip


def _field(field: Field, row: CustomField | None = None) -> dict[str, Any]:
    return {
        "id": row and row.pk, "key": field.key, "label": field.label, "type": field.type, "group": field.group,
        "options": list(field.options), "custom": field.custom, "editable": field.editable,
        "suggests": field.type in SUGGESTING, "retired_at": row and row.retired_at, "roles": list(field.roles),
    }  # fmt: skip


@router.get("", response=schemas.CustomersOut)
def index(
    request: HttpRequest,
    search: str = "",
    source: list[str] = MANY,
    status: list[str] = MANY,
    city: list[str] = MANY,
    owner: list[str] = MANY,
    consent: str = "",
    reachable: str = "",
    sort: str = "newest",
    columns: list[str] = MANY,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Customers the caller may see: searched (from 3 characters), filtered, ordered, by keyset.

    `owner` takes user ids, "me" and "none"; "none" in other filters means empty. `sort`: newest, name, updated,
    last_activity. `columns` are the keys of fields whose values each row brings along, beside what it always has.
    """
    who = actor(request)
    shown = _columns(who, columns)
    filters = Filters(search, source, status, city, owner, consent, reachable)
    found = queries.page(who, filters, sort=sort, cursor=cursor, limit=limit)
    counts = queries.counts(who, filters)
    hidden = queries.hidden_from(who)
    rows = [_row(each, hidden, shown) for each in found.items]
    users = queries.user_names_in([row["values"] for row in rows])
    return {
        "items": rows, "users": users, "next": found.next, "total": counts.visible,
        "everybody": counts.total, "matched": counts.matched, "owned_only": counts.owned_only,
        "counted_at": counts.counted_at,
    }  # fmt: skip


def _columns(who: Actor, keys: list[str]) -> list[Field]:
    if len(keys) > MOST_COLUMNS:
        raise invalid("columns", f"Ask for at most {MOST_COLUMNS} columns.")
    queries.require_seen(who, *keys)
    known = {field.key: field for field in queries.known_to(who)}
    if unknown := [key for key in keys if key not in known]:
        raise invalid("columns", f"There is no field “{unknown[0]}”.")
    return [known[key] for key in keys]


@router.post("", response={201: schemas.CustomerOut})
def create(request: HttpRequest, body: schemas.CustomerIn) -> Any:
    """Add a customer."""
    return Answer(201, _customer(request, actions.create(actor(request), body.values)))


@router.get("/fields", response=list[schemas.FieldOut])
def fields(request: HttpRequest, retired: bool = False) -> Any:
    """Every field a customer has; with `retired` also the custom ones out of use."""
    who = actor(request)
    rows = {row.key: row for row in queries.all_fields(who)}
    live = [_field(f, rows.get(f.key) if f.custom else None) for f in queries.fields_for(who)]
    gone = [_field(queries.contract(row), row) for row in rows.values() if row.retired_at] if retired else []
    return [*live, *gone]


def _changed(row: CustomField) -> dict[str, Any]:
    return _field(queries.contract(row), row)


@router.post("/fields", response={201: schemas.FieldOut})
def add_field(request: HttpRequest, body: schemas.FieldIn) -> Any:
    """Add a custom field."""
    made = actions.add_field(actor(request), body.label, body.type, key=body.key, options=body.options)
    return Answer(201, _changed(made))


@router.put("/fields/order", response=list[schemas.FieldOut])
def order_fields(request: HttpRequest, body: schemas.FieldOrderIn) -> Any:
    """Put the custom fields in use in this order."""
    return [_changed(row) for row in actions.order_fields(actor(request), body.ids)]


@router.put("/fields/{key}/roles", response=schemas.FieldAccessOut)
def limit_field(request: HttpRequest, key: str, body: schemas.FieldAccessIn) -> Any:
    """Say which roles may see a field; none = everybody."""
    return {"key": key, "roles": actions.limit_field(actor(request), key, body.roles)}


@router.get("/fields/roles", response=list[schemas.RoleNameOut])
def roles(request: HttpRequest) -> Any:
    """The roles that a field can be limited to, by name."""
    return [{"key": key, "name": name} for key, name in queries.role_names(actor(request)).items()]


@router.get("/fields/{key}/uses", response=list[schemas.FieldUseOut])
def uses(request: HttpRequest, key: str) -> Any:
    """Where a field is used: rules of segments, templates."""
    return queries.uses(actor(request), key)


@router.patch("/fields/{field_id}", response=schemas.FieldOut)
def change_field(request: HttpRequest, field_id: UUID, body: schemas.FieldChange) -> Any:
    """Rename a custom field, change its options."""
    return _changed(actions.change_field(actor(request), field_id, label=body.label, options=body.options))


@router.post("/fields/{field_id}/retire", response=schemas.FieldOut)
def retire_field(request: HttpRequest, field_id: UUID) -> Any:
    """Take a custom field out of use; its values are kept."""
    return _changed(actions.retire_field(actor(request), field_id))


@router.post("/fields/{field_id}/restore", response=schemas.FieldOut)
def restore_field(request: HttpRequest, field_id: UUID) -> Any:
    """Take a retired field back into use."""
    return _changed(actions.restore_field(actor(request), field_id))


@router.get("/suggestions", response=list[str])
def suggestions(request: HttpRequest, field: str, search: str = "") -> Any:
    """Values that the field has among the customers the caller may see."""
    return queries.suggestions(actor(request), field, search)


@router.get("/resolve", response=schemas.ResolvedOut)
def resolve(request: HttpRequest, kind: str, value: str) -> Any:
    """Whom an identity names, of the customers the caller may see; null = nobody."""
    who = actor(request)
    who.require("customers_view")
    queries.require_seen(who, kind)
    found = queries.resolve(kind, value)
    return {"id": found if found and queries.visible_to(who).filter(pk=found).exists() else None}


@router.get("/views", response=list[schemas.SavedViewOut])
def views(request: HttpRequest, page: str = "/customers") -> Any:
    """Saved views of a page: one's own, then shared ones."""
    who = actor(request)
    who.require("customers_view")
    return [
        {
            "id": v.pk, "name": v.name, "query": v.query, "shared": v.shared, "mine": v.created_by_id == who.user_id,
            "created_by": v.created_by.name,
        }
        for v in queries.views(who, page)
    ]  # fmt: skip


@router.post("/views", response={201: schemas.SavedViewOut})
def save_view(request: HttpRequest, body: schemas.SavedViewIn) -> Any:
    """Save filters under a name."""
    view = actions.save_view(actor(request), body.page, body.name, body.query, shared=body.shared)
    return Answer(201, {
        "id": view.pk, "name": view.name, "query": view.query, "shared": view.shared, "mine": True,
        "created_by": actor(request).name,
    })  # fmt: skip


@router.delete("/views/{view_id}", response={204: None})
def delete_view(request: HttpRequest, view_id: UUID) -> Any:
    """Forget one of one's own views."""
    actions.delete_view(actor(request), view_id)
    return Answer(204, None)


@router.post("/exports", response={202: schemas.ExportStarted})
def export(request: HttpRequest, body: schemas.ExportIn) -> Any:
    """Export everything the filters leave, as a job; its result is the manifest."""
    filters = Filters(**body.filters.model_dump())
    return Answer(202, {"job": actions.start_export(actor(request), filters, body.format).pk})


@router.get("/exports/{job_id}/file")
def export_file(request: HttpRequest, job_id: UUID) -> Any:
    """The file of an export of one's own that is done: of the list of customers, or of segments."""
    who = actor(request)
    who.require("customers_export")
    job = jobs.get(who, job_id)
    if not job.kind.endswith(".export") or (who.kind != "system" and job.created_by_id != who.user_id):
        raise NotFound("There is no such export.")
    if job.state != "done" or not job.result:
        raise Conflict("The export is not ready yet.")
    path = actions.folder() / str(job.result["file"])
    if not path.exists():
        raise NotFound("This export is not kept any more; start it again.")
    name = f"customers-{job.finished_at:%Y-%m-%d}.{job.result['format']}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@router.get("/{int:customer}", response=schemas.CustomerOut)
def read(request: HttpRequest, customer: int) -> Any:
    """One customer; the key of a merged one answers with whom it was merged into."""
    who = actor(request)
    who.require("customers_view")
    return _customer(request, queries.find(who, customer))


@router.patch("/{int:customer}", response=schemas.CustomerOut)
def update(request: HttpRequest, customer: int, body: schemas.CustomerChange) -> Any:
    """Change fields of a customer; null or "" empties one."""
    return _customer(request, actions.update(actor(request), customer, body.values, version=body.version))


@router.post("/{int:customer}/fields/{key}/files", response={201: schemas.CustomerOut})
def add_file(request: HttpRequest, customer: int, key: str, file: File[UploadedFile]) -> Any:
    """Keep a file in a field of the customer, or a drawn signature (a PNG picture); answers the customer."""
    made = actions.add_file(actor(request), customer, key, file.name or "file", file.chunks())
    return Answer(201, _customer(request, made))


@router.get("/{int:customer}/files/{uuid:file}")
def open_file(request: HttpRequest, customer: int, file: UUID) -> HttpResponse:
    """A file of the customer: pictures to be shown, everything else to be downloaded; nothing in it can run."""
    found = queries.open_file(actor(request), customer, file)
    answer = HttpResponse(found.data, content_type=found.content_type)
    shown = found.content_type.startswith("image/")
    answer["Content-Disposition"] = content_disposition_header(not shown, found.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@router.delete("/{int:customer}/files/{uuid:file}", response=schemas.CustomerOut)
def remove_file(request: HttpRequest, customer: int, file: UUID) -> Any:
    """Take a file or signature away from the customer; answers the customer."""
    return _customer(request, actions.remove_file(actor(request), customer, file))


@router.post("/{int:customer}/identities", response={201: schemas.IdentityOut})
def add_identity(request: HttpRequest, customer: int, body: schemas.IdentityIn) -> Any:
    """Add a way to recognise a customer."""
    return Answer(201, actions.add_identity(actor(request), customer, body.kind, body.value))


@router.delete("/{int:customer}/identities/{int:identity}", response={204: None})
def remove_identity(request: HttpRequest, customer: int, identity: int) -> Any:
    """Take an additional identity away."""
    actions.remove_identity(actor(request), customer, identity)
    return Answer(204, None)


@router.post("/{int:customer}/merge", response=schemas.CustomerOut)
def merge(request: HttpRequest, customer: int, body: schemas.MergeIn) -> Any:
    """Make another customer part of this one."""
    return _customer(request, actions.merge(actor(request), customer, body.duplicate))


@router.post("/{int:customer}/erase", response={204: None})
def erase(request: HttpRequest, customer: int) -> Any:
    """Wipe the customer's personal data for good."""
    actions.erase(actor(request), customer)
    return Answer(204, None)
