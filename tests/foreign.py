"""Another owner's customer, who is in every place of a home, and every place of the API where one can be named."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import User
from ceap.accounts.queries import actor_of
from ceap.channels.models import Delivery
from ceap.connectors.models import Call, Import
from ceap.consent import actions as consent
from ceap.customers import actions
from ceap.customers.models import Customer, Identity
from ceap.events.queries import warehouse
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.learning.queries import files
from ceap.reports.models import Report
from ceap.segments.models import IdList, RuleChange, Segment
from tests.channels import people
from tests.customers import planting
from tests.permissions_rows import ROWS, SEGMENT_RULE, Values
from tests.permissions_table import TABLE

KEY = 7_654_322  # of the customer: a number that nothing else has
WORDS = {*planting.WORDS, "quinfile", str(KEY)}
NAMES = (planting.EMAIL, planting.PHONE, planting.NAME, "kunde-77", str(KEY))  # how one would name the customer
DEPTH = 4


def sow(owner: User) -> Values:
    """Bring a customer of `owner` into every place that keeps one; returns what names those places in paths."""
    Customer.objects.create(pk=KEY - 2, created_at=now(), updated_at=now())
    assert planting.plant(actor_of(owner)) == KEY
    Customer.objects.filter(pk__gte=KEY - 2).update(owner=owner)
    actions.update(SYSTEM, KEY, {"source": "WhatsApp"})
    closed = consent.suppress(SYSTEM, channel="email", address=planting.OLD, customer_id=KEY)
    for each in (Segment, RuleChange):  # a segment's name and rule are its author's words to all who see segments
        each.objects.update(name="Only one", rule=SEGMENT_RULE)
    Report.objects.update(name="Only one")
    actions.add_field(SYSTEM, "Papers", "file")
    paper = actions.add_file(SYSTEM, KEY, "papers", "quinfile.txt", [b"quinfile"]).custom["papers"][0]["file"]
    Delivery.objects.update(source_id=ROWS["campaign"](owner)["campaign_id"])
    more = {"purpose": "transactional", "address": planting.EMAIL, "content_version_id": people.version(owner).pk}
    people.plan([KEY], people.sender(), kind="test", **more)
    warehouse().sync()
    sent, tried = Delivery.objects.order_by("pk")
    call = Call.objects.get()
    return {
        "customer": KEY, "customer_id": KEY, "duplicate": KEY, "file": paper, "list_id": IdList.objects.get().pk,
        "identity": Identity.objects.get(customer=KEY, kind="loyalty_card").pk, "kind": "email",
        "value": quote(planting.EMAIL), "file_id": files().ids()[0], "delivery_id": tried.pk,
        "campaign_id": sent.source_id, "suppression_id": closed.pk, "call_id": call.pk, "webhook_id": call.webhook_id,
        "job_id": Job.objects.filter(kind="customers.export").latest("created_at").pk,
        "import_id": Import.objects.filter(state="done").get().pk, "report_id": Report.objects.get().pk,
    }  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request, and what it says of the customer."""

    where: str
    path: str
    body: Any
    said: tuple[str, ...]


class Attack:
    """Each operation, called by `client` with the customer named in each place in turn; nothing it does stays."""

    def __init__(self, schema: dict[str, Any], client: Client, owner: User, sown: Values):
        self.schema, self.client, self.owner, self.sown = schema, client, owner, sown
        self.rows: dict[str, Values] = {}
        self.answers: dict[int, int] = {}

    def leaks(self, operation: str, *, every: bool) -> Iterator[str]:
        """What the answers to one operation tell of the customer without having been told; `every`: each name in each
        place, instead of one of the names that a place takes.
        """
        method, path = operation.split(" ", 1)
        for call in self._calls(operation, path, every):
            with transaction.atomic():
                response = self._ask(operation, method.lower(), call)
                text = _text(response)
                transaction.set_rollback(True)
            status = response.status_code
            self.answers[status] = self.answers.get(status, 0) + 1
            yield from (f"{operation} ({call.where}) tells, {status}: {word!r}" for word in told(text, call.said))

    def _calls(self, operation: str, path: str, every: bool) -> Iterator[Asked]:
        rule, values = TABLE[operation], self._values(operation)
        base = rule.body(values) if callable(rule.body) else rule.body
        asked, url = rule.query.format(**values), path.format(**values)
        said = tuple(str(values[name]) for name in _in(path) if name in self.sown)
        yield Asked("as it is", url + asked, base, (*said, *_leaves(asked), *_leaves(base)))
        item = self.schema["paths"][path][operation.partition(" ")[0].lower()]
        for place, name in self._named(item.get("parameters", ()), every):
            there = url + asked
            if place["in"] == "query":
                there += ("&" if asked else "?") + urlencode({place["name"]: name})
            elif place["in"] == "path":
                there = path.format(**values | {place["name"]: quote(name)}) + asked
            yield Asked(place["name"], there, base, (*said, *_leaves(base), name))
        for content in item.get("requestBody", {}).get("content", {}).values():
            places = [{"at": at, "schema": schema} for at, schema in self._places(content["schema"], (), base)]
            for place, name in self._named(places, every):
                body = _put(base, place["at"], int(name) if place["schema"].get("type") == "integer" else name)
                yield Asked(".".join(map(str, place["at"])), url + asked, body, (*said, *_leaves(body)))

    def _named(self, places: Iterable[Any], every: bool) -> Iterator[tuple[Any, str]]:
        """Each place with a name of the customer that it takes (with each, when `every`), the names in turn."""
        turn = 0
        for place in places:
            names = _names(place["schema"])
            for name in names if every else names[turn % len(names) :][:1] if names else ():
                turn += 1
                yield place, name

    def _values(self, operation: str) -> Values:
        """What the path and body are made of: rows of the owner, with the customer wherever one is in them."""
        row = TABLE[operation].row
        if row and row not in self.rows:
            self.rows[row] = ROWS[row](self.owner)
        values = dict(self.rows[row]) if row else {}
        here = {name: value for name, value in self.sown.items() if name in values or "{" + name + "}" in operation}
        return values | here

    def _places(self, schema: dict[str, Any], where: tuple[Any, ...], base: Any) -> Iterator[tuple[Any, Any]]:
        """The leaves of a body: of its schema, and of what an acceptable body says where the schema says anything."""
        schema = self._meant(schema)
        for one in schema.get("anyOf", ()):
            yield from self._places(one, where, base)
        if len(where) <= DEPTH and schema.get("type") == "object" and schema.get("properties"):
            for name, inner in schema["properties"].items():
                yield from self._places(inner, (*where, name), base.get(name) if isinstance(base, dict) else None)
        elif schema.get("type") == "array" and schema.get("items"):
            yield from self._places(schema["items"], (*where, 0), base[0] if isinstance(base, list) and base else None)
        elif isinstance(base, (dict, list)) and base:
            for name, inner in base.items() if isinstance(base, dict) else enumerate(base):
                yield from self._places({} if isinstance(inner, (dict, list)) else {"type": _TYPES[type(inner)]},
                                        (*where, name), inner)  # fmt: skip
        elif where:
            yield where, schema

    def _meant(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.schema["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _ask(self, operation: str, method: str, call: Asked) -> Any:
        if files := TABLE[operation].files:
            form = {name: SimpleUploadedFile(*file) for name, file in files.items()} | (call.body or {})
            return getattr(self.client, method)(call.path, form)
        sent = {} if method == "get" else {"data": call.body or {}, "content_type": "application/json"}
        return getattr(self.client, method)(call.path, **sent)


_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def told(text: str, said: tuple[str, ...]) -> set[str]:
    """The words about the customer in an answer that the request had not said."""
    text = text.lower()
    echoes = {form(each) for each in said for form in (str, _quoted, _as_number, _as_key)}
    for each in sorted(echoes, key=len, reverse=True):
        text = text.replace(each.lower(), "") if each else text
    return {word for word in WORDS if word in text}


def _quoted(said: str) -> str:
    return json.dumps(said)[1:-1]


def _as_number(said: str) -> str:
    return said.lstrip("+")


def _as_key(said: str) -> str:
    return re.sub(r"\W+", "_", said.lower()).strip("_")


def _names(schema: dict[str, Any]) -> tuple[str, ...]:
    """The names of the customer that a place of this schema can take."""
    kinds = [schema, *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    if any(kind.get("type") == "string" and not {"format", "enum"} & kind.keys() for kind in kinds):
        return NAMES
    free = "type" not in schema and not schema.get("anyOf")  # the schema says nothing
    return NAMES if free else (str(KEY),) if any(kind.get("type") == "integer" for kind in kinds) else ()


def _put(base: Any, where: tuple[Any, ...], value: Any) -> Any:
    """`base` with `value` at `where`; what is missing on the way there is made."""
    if not where:
        return value
    first, *rest = where
    found: Any
    if isinstance(first, int) or isinstance(base, list):
        found = deepcopy(base) if isinstance(base, list) and base else [None]
    else:
        found = dict(base) if isinstance(base, dict) else {}
        found.setdefault(first, None)
    found[first] = _put(found[first], tuple(rest), value)
    return found


def _leaves(body: Any) -> tuple[str, ...]:
    if isinstance(body, dict):
        return tuple(leaf for each in (*body.keys(), *body.values()) for leaf in _leaves(each))
    if isinstance(body, (list, tuple)):
        return tuple(leaf for each in body for leaf in _leaves(each))
    return (str(body),) if len(str(body)) > 3 else ()


def _in(path: str) -> list[str]:
    return [part.split("}")[0] for part in path.split("{")[1:]]


def _text(response: Any) -> str:
    """Headers and content as text, unpacked where it is a workbook."""
    content = response.getvalue()
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"\n".join(book.read(name) for name in book.namelist())
    return f"{dict(response.items())}\n{content.decode('utf-8', 'replace')}"
