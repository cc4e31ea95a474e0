"""One table of values through every door: each keeps the same, or refuses the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import Organisation, User
from ceap.connectors.models import Import
from ceap.core import addresses
from ceap.core.values.identities import Reading
from ceap.customers.models import Customer
from ceap.edge import wire
from ceap.kit.problem import Invalid
from ceap.segments.queries import checked
from tests import actors
from tests.connectors.bringing import bring, lines
from tests.segments.people import Browser, on, rule
from tests.web.test_commands import Command, run  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = "refused"
# Field, what is given, what is kept. Identities differ from row to row: one person is not named twice.
TABLE: list[tuple[str, str, str]] = [
    ("phone", "0812-9999-0001", "+6281299990001"),
    ("phone", "0062 812 9999 0002", "+6281299990002"),
    ("phone", "628129990003.0", "+628129990003"),
    ("phone", "+62 (0)812-9999-0004", "+6281299990004"),
    ("phone", "555-2671", REFUSED),
    ("phone", "1.23E+11", REFUSED),
    ("email", "Ann@xn--exmple-cua.test", "ann@exämple.test"),
    ("email", "zoe\u0301@example.test", "zoé@example.test"),
    ("email", "<a@b.org>", REFUSED),
    ("email", "a@b", REFUSED),
    ("email", "test@test.com", REFUSED),
    ("customer_id", "E\u0301mile", "Émile"),
    ("customer_id", " Two  Blanks ", "Two Blanks"),
    ("customer_id", "n/a", REFUSED),
    ("customer_id", "1.23E+15", REFUSED),
    ("customer_id", "[object Object]", REFUSED),
    ("customer_id", "x" * 121, REFUSED),
    ("full_name", "Zoe\u0308  王伟", "Zoë 王伟"),
    ("sex", "F", "Female"),
    ("sex", "X", REFUSED),
    ("time_zone", " Asia/Jakarta", "Asia/Jakarta"),
    ("time_zone", "Mars", REFUSED),
    ("date_of_birth", "15-Jan-1984", "1984-01-15"),
    ("date_of_birth", "1/2/1984", REFUSED),
    ("date_of_birth", "31/02/1984", REFUSED),
    ("balance_available", "1,234.50", "1234.5"),
    ("balance_available", "(12.50)", "-12.5"),
    ("balance_available", "12%", REFUSED),
]
IDENTITIES = ("phone", "email", "customer_id")
FIELDS = list(dict.fromkeys(["customer_id", *(field for field, *_ in TABLE)]))
WRITTEN = (*IDENTITIES, "full_name", "sex", "time_zone")  # what a rule gives as text
Outcomes = dict[tuple[str, str], str]


@pytest.fixture
def user() -> User:
    Organisation.objects.update_or_create(id=1, defaults={"settings": {"default_region": "ID"}})
    return actors.user("Uma")


def given(number: int, field: str, value: str) -> dict[str, str]:
    return {"customer_id": f"row-{number}"} | {field: value}


def kept(field: str, row: Customer) -> str:
    value = getattr(row, field)
    if field == "balance_available":
        return f"{value.normalize():f}"
    return addresses.email(value) if field == "email" else str(value)


def by_page(user: User) -> Outcomes:
    found: Outcomes = {}
    browser = Browser(user)
    for number, (field, value, _) in enumerate(TABLE):
        body = json.dumps({"values": given(number, field, value)})
        answer = browser.post("/api/customers", body, "application/json")
        if answer.status_code == 422:
            found[field, value] = REFUSED
            continue
        assert answer.status_code in (200, 201), answer.content
        found[field, value] = kept(field, Customer.objects.latest("pk"))
    return found


def by_search(user: User) -> Outcomes:
    """Who is found by what was given, of those that the page stored just now."""
    found: Outcomes = {}
    for field, value, wanted in TABLE:
        if wanted is not REFUSED and field in (*IDENTITIES, "full_name"):
            answer = Browser(user).get("/api/customers", {"search": value}).json()
            rows = [Customer.objects.get(pk=one["id"]) for one in answer["items"]]
            found[field, value] = kept(field, rows[0]) if len(rows) == 1 else f"{len(rows)} found"
    return found


def file() -> str:
    rows = [given(number, field, value) for number, (field, value, _) in enumerate(TABLE)]
    cells = [",".join('"' + row.get(field, "") + '"' for field in FIELDS) for row in rows]
    return "\n".join([",".join(FIELDS), *cells]) + "\n"


def of_rows(refused: set[int]) -> Outcomes:
    """What the rows of the file became; a sheet's row 2 is the first of the table."""
    found: Outcomes = {}
    rows = iter(Customer.objects.order_by("pk"))
    for number, (field, value, _) in enumerate(TABLE):
        found[field, value] = REFUSED if number + 2 in refused else kept(field, next(rows))
    return found


def by_file(_: User) -> Outcomes:
    row = bring(file(), {field: field for field in FIELDS}, match=["customer_id"])
    return of_rows({line for line, *_ in lines(row)})


def by_data_plane(_: User) -> Outcomes:
    reading = Reading.of(Organisation.objects.get().settings)
    found: Outcomes = {}
    for field, value, _wanted in TABLE:
        if field in IDENTITIES:
            try:
                found[field, value] = wire.identity({field: value}, reading)[1]
            except ValueError:
                found[field, value] = REFUSED
    return found


def by_rule(_: User) -> Outcomes:
    """Rules also ask for ids and addresses that are refused today: somebody may want to find them."""
    found: Outcomes = {}
    for field, value, wanted in TABLE:
        if field in WRITTEN and not (field in ("customer_id", "email") and wanted is REFUSED):
            try:
                condition = checked(rule(on(field, "is", value)), SYSTEM).flat()[0]
                found[field, value] = addresses.email(condition.value) if field == "email" else condition.value  # type: ignore[union-attr]
            except Invalid:
                found[field, value] = REFUSED
    return found


def test_every_door_keeps_or_refuses_the_same(user: User, run: Command, tmp_path: Path) -> None:  # noqa: F811
    def by_command(_: User) -> Outcomes:
        path = tmp_path / "people.csv"
        path.write_text(file())
        maps = [word for field in FIELDS for word in ("--map", f"{field}={field}")]
        told = run("import", str(path), *maps, code=3)
        return of_rows({one["row"] for one in told["findings"]})

    doors: list[Callable[[User], Outcomes]] = [by_page, by_search, by_file, by_command, by_data_plane, by_rule]
    for door in doors:
        if door is not by_search:
            Customer.objects.all().delete()
        found = door(user)
        wanted = {(field, value): result for field, value, result in TABLE if (field, value) in found}
        assert (door.__name__, found) == (door.__name__, wanted)
        assert len(found) >= 10 or door is by_search


def test_a_file_is_called_the_same_whichever_door_it_comes_through(user: User, run: Command, tmp_path: Path) -> None:  # noqa: F811
    content, browser = b"email\nann@example.org\n", Browser(user)
    for url, more in (
        ("/api/connectors/imports", {"target": "customers"}), ("/api/segments/lists", {}), ("/api/learning/files", {})
    ):  # fmt: skip
        sent = SimpleUploadedFile("Kunden\u200b u\u0308bersicht.csv", content)
        answer = browser.post(url, {"file": sent, **more})
        assert answer.status_code == 201, answer.content
        assert "Kunden \u00fcbersicht.csv" in json.dumps(answer.json(), ensure_ascii=False)
    path = tmp_path / "Kunden\u200b u\u0308bersicht.csv"
    path.write_bytes(content)
    run("import", str(path), "--match", "email")
    assert set(Import.objects.values_list("file_name", flat=True)) == {"Kunden \u00fcbersicht.csv"}
