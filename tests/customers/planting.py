"""One person who went through every door of a home, and the raw search for what is left of that person."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.db import connection, transaction
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.channels.mailbox import Mailbox
from ceap.channels.models import Delivery
from ceap.connectors import actions as connectors
from ceap.connectors.models import Call, Notice, Webhook
from ceap.consent import actions as consent
from ceap.core import bitmaps, changelog, copies
from ceap.core.engine import connect
from ceap.customers import actions
from ceap.customers.queries import Filters, discover
from ceap.events import actions as events
from ceap.events import queries as house
from ceap.events.models import Entry
from ceap.jobs import actions as jobs
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.ids import uuid7
from ceap.learning import actions as learning
from ceap.reports import actions as reports
from ceap.segments import actions as segments
from ceap.segments.models import IdList, MembershipVersion, RuleChange, Segment
from tests.connectors.bringing import bring

NAME, EMAIL, OLD, PHONE = "Quintilia Zevenhuizen", "quintilia@zeven.test", "old-quin@zeven.test", "+491719876543"
NOTE, STREET = "prefers the violet elephants by the window", "Kanalgasse 77"
PROP = "whispered-secret-prop"
IP = "2001:db8:77::4e1f"
WORDS = (
    "quintilia", "zevenhuizen", "old-quin", "1719876543", "171 9876543", "violet elephants", "kanalgasse", PROP, IP,
)  # fmt: skip


def plant(by: Actor) -> int:
    """The person's key, once every door has been gone through."""
    actions.add_field(SYSTEM, "Note", "multiline")
    bo = actions.create(SYSTEM, {"customer_id": "b-1", "full_name": "Bo Other", "email": "bo@other.test"})
    values = {"customer_id": "kunde-77", "full_name": NAME, "email": OLD, "phone": PHONE, "street": STREET}
    pk = actions.create(SYSTEM, values | {"note": NOTE}).pk
    actions.update(SYSTEM, pk, {"email": EMAIL})
    actions.add_identity(SYSTEM, pk, "loyalty_card", "card-quintilia-1")
    with transaction.atomic(), connection.cursor() as cursor:
        _events(cursor, pk, bo.pk)
        batch = {"name": ["seen", "seen"], "at": [now()] * 2, "customer": [pk, bo.pk]}
        events.write_batch("events", pa.table(batch | {"props": [f'{{"p": "{PROP}"}}', f'{{"to": "{EMAIL}"}}']}))
    house.warehouse().sync()
    with house_old():
        events.archive_passed()
    with transaction.atomic(), connection.cursor() as cursor:
        _events(cursor, pk, bo.pk, "later")
    house.warehouse().sync()
    consent.grant(SYSTEM, pk, channel="email", source="form", evidence={"form": f"signed by {NAME}", "ip": IP})
    Delivery.objects.create(
        source_kind="campaign", source_id=uuid7(), customer_id=pk, sender_id=uuid7(), content_version_id=uuid7(),
        address=EMAIL, state="sent", detail=f"250 OK {EMAIL}", due_at=now(), planned_at=now(), token=uuid7().hex,
    )  # fmt: skip
    _files(by, pk)
    _texts(by)
    Mailbox(Home.load()).add("shop@x.test", [EMAIL], f"To: {EMAIL}\r\nSubject: Hi\r\n\r\nDear {NAME}".encode())
    logs = Home.load().path / "logs"
    logs.mkdir(exist_ok=True)
    (logs / "app.log").write_text(f"customer {EMAIL} was read\nnext line\n")
    return pk


def house_old() -> Any:
    """Entries look old enough for the archive."""
    from ceap.kit import clock

    return clock.shifted(timedelta(days=400)) if hasattr(clock, "shifted") else _later()


class _later:
    def __enter__(self) -> None:
        Entry.objects.update(at=now() - timedelta(days=400))

    def __exit__(self, *_: object) -> None:
        pass


def _events(cursor: Any, pk: int, other: int, label: str = "first") -> None:
    lines = [{"item": "a", "quantity": "1", "unit_price": "9.90"}]
    entries = [
        changelog.event("signed", pk, props={"note": NOTE, "p": PROP}, dedupe=f"{EMAIL}-{label}"),
        changelog.event("shared", other, props={"with": EMAIL, "keep": label}),
        changelog.event("visit", None, props={"typed": "0171 9876543"}),
        changelog.purchase(f"o-{label}", pk, lines, props={"gift for": NAME, "p": PROP}),
    ]
    changelog.append(cursor, entries, connection.vendor)


def _files(by: Actor, pk: int) -> None:
    rows = f'id,name,mail,phone,born\nkunde-77,"{NAME}",{EMAIL},0171 9876543,31.02.1999\nb-2,Cy Third,cy@x.test,,\n'
    fields = {"id": "customer_id", "name": "full_name", "mail": "email", "born": "date_of_birth"}
    bring(rows, fields, name=f"export for {NAME}.csv")
    connectors.upload(SYSTEM, "customers", "book.xlsx", [workbook()])
    sink = io.BytesIO()
    pq.write_table(pa.table({"mail": [EMAIL, "bo@other.test"], "name": [NAME, "Bo"]}), sink)
    connectors.upload(SYSTEM, "customers", "rows.parquet", [sink.getvalue()])
    segments.upload_list(by, "ids.csv", [f"email\n{EMAIL}\n{OLD}\nbo@other.test\n".encode()])
    table = "Customer_ID,fresh_sales,dry_sales,mail\n"
    table += "".join(f"k-{n},{n},{n + 1},m{n}@x.test\n" for n in range(20)) + f"kunde-77,5,6,{EMAIL}\n"
    learning.upload(by, "chain.csv", [table.encode()])
    for format in ("csv", "xlsx"):
        actions.write_export(SYSTEM, Filters(), format, f"{uuid7()}.{format}", lambda done, total: None)
    _report(by, pk)


def _report(by: Actor, pk: int) -> None:
    rule = {"join": "and", "groups": [{"join": "and", "conditions": [
        {"kind": "field", "field": "email", "operator": "is", "value": EMAIL}]}]}  # fmt: skip
    segment = Segment.objects.create(
        name=f"Only {NAME}", description="one", rule=rule, created_by_id=by.user_id, created_at=now(), updated_at=now()
    )
    RuleChange.objects.create(segment=segment, rule_version=1, name=segment.name, rule=rule, changed_at=now())
    segment.current = MembershipVersion.objects.create(
        segment=segment, number=1, rule=rule, rule_version=1, state="ready", size=1, total=2,
        bitmap=bitmaps.pack(BitMap([pk])), data_as_of=now(), created_at=now(), ready_at=now(),
    )  # fmt: skip
    segment.save()
    row = reports.create(by, subject_kind="segment", subject_id=segment.pk, format="xlsx")
    jobs.run(str(row.job_id))


def _texts(by: Actor) -> None:
    actions.save_view(by, "/customers", f"About {NAME}", {"q": EMAIL})
    filters = {"filters": {"q": NAME}}
    Job.objects.create(kind="customers.export", args=filters, message=f"Sent {EMAIL}", created_at=now())
    hook = Webhook.objects.create(url="https://x.test/", secret=b"s", created_at=now(), updated_at=now())
    notice = Notice.objects.create(event="customer.changed", data={"who": EMAIL}, at=now())
    Call.objects.create(webhook=hook, notice=notice, due_at=now(), created_at=now(), answer=f"unknown {EMAIL}")


def workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for n, row in enumerate([("Name", "Mail", "Note"), ("Bo", "bo@other.test", "fine"), (NAME, EMAIL, NOTE)]):
        sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()


def left(home: Path) -> set[tuple[str, str]]:
    """(file or table, word) of everything that still names the person, in whatever it is packed."""
    found = set()
    for name, content in _contents(home):
        text = content.lower()
        found |= {(name, word) for word in WORDS if word.encode() in text}
    return found | _rows()


OF_TESTS = ("test-store", "erasures.jsonl.")


def unlisted(home: Path) -> set[str]:
    """The files of a home, by their path below it, that the table of copies has no line for."""
    discover()
    names = (str(file.relative_to(home)) for file in home.rglob("*") if file.is_file())
    return {name for name in names if not name.startswith(OF_TESTS) and copies.place_of(name) is None}


# What the tables of the warehouse are made from: a table of the store, or what events and purchases say.
MADE_FROM = {"customers": "customers_customer", "items": "catalog_item"}
SAID = {
    "events": "seq key customer name at item amount campaign props",
    "purchases": (
        "key order_id customer item item_name category outlet quantity unit_price amount original currency at props"
    ),
    "_redirects": "old new",
    "_place": "tx seq mark as_of version",
}


def unlisted_columns(home: Path) -> set[str]:
    """The columns of the warehouse, "table.column", of which nobody has said what they are made from."""
    discover()
    house.close_warehouse()
    opened, found = connect(f"duckdb://{home / 'warehouse.duckdb'}"), set()
    try:
        for name in opened.backend().list_tables():
            made = copies.TABLES[MADE_FROM[name]].columns if name in MADE_FROM else set(SAID.get(name, "").split())
            known = {column.removesuffix("_id") for column in made} | made
            columns = {one for one in opened.backend().table(name).columns if not one.startswith("c_")}
            found |= {f"{name}.{column}" for column in columns - known}
    finally:
        opened.close()
    return found


def _contents(home: Path) -> Iterator[tuple[str, bytes]]:
    # The locks of processes stay closed: to open one's own and close it would release it (ceap/kit/leases.py).
    paths = [file for file in sorted(home.rglob("*")) if file.is_file() and file.suffix != ".lock"]
    files = {file: file.read_bytes() for file in paths}
    for file, content in files.items():
        name = str(file.relative_to(home))
        yield name, content
        if content[:4] == b"PAR1":
            yield f"{name}!", repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
        elif content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from ((f"{name}!{one}", archive.read(one)) for one in archive.namelist())
        elif name.endswith(".duckdb"):
            yield f"{name}!", _unpacked(file)


def _unpacked(file: Path) -> bytes:
    """Every row of a warehouse: its blocks are compressed."""
    house.close_warehouse()
    opened = connect(f"duckdb://{file}")
    try:
        tables = opened.backend().list_tables()
        return "".join(str(opened.backend().table(name).to_pyarrow().to_pylist()) for name in tables).encode()
    finally:
        opened.close()


def _rows() -> set[tuple[str, str]]:
    """Of PostgreSQL there are no files to read: every row as text."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall()).lower()
            found |= {(f"table {table}", word) for word in WORDS if word in text}
    return found


__all__ = ["EMAIL", "NAME", "IdList", "left", "plant", "workbook"]
