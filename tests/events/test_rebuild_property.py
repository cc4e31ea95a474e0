"""Whatever happens to the store, rebuilding from the beginning gives the rows that following the log gave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ceap.catalog import actions as catalog
from ceap.catalog.contracts import NewItem
from ceap.core import changelog
from ceap.core.changelog import NewEntry
from ceap.customers.models import Customer, CustomField
from ceap.events import actions, queries
from ceap.events.loading import Loader
from ceap.events.queries import warehouse
from ceap.kit.clock import frozen, now
from tests import actors
from tests.counts import often

pytestmark = pytest.mark.django_db
TABLES = ("customers", "events", "purchases", "items")
OLD = datetime(2024, 1, 1, tzinfo=UTC)
N = 6
who = st.integers(0, N - 1)
texts = st.sampled_from(["", "x", "Kandy", "O'Neill\n", "日本"])
TYPES = {"a": "text", "b": "number", "c": "multiple", "d": "date", "e": "boolean"}
VALUES = {
    "a": texts,
    "b": st.one_of(st.integers(-5, 5), texts),
    "c": st.lists(texts, max_size=2),
    "d": st.just("2026-01-31"),
    "e": st.booleans(),
}

batch = st.lists(st.tuples(who, st.sampled_from(["k1", "k2", "k4", "k5"])), min_size=1, max_size=4)
step = st.one_of(
    st.tuples(st.just("edit"), who, texts, st.fixed_dictionaries({}, optional=VALUES)),
    st.tuples(st.just("merge"), who, who),
    st.tuples(st.just("erase"), who),
    st.tuples(st.just("delete"), who),
    st.tuples(st.just("field"), st.sampled_from(sorted(TYPES))),
    st.tuples(st.just("drop field"), st.sampled_from(sorted(TYPES))),
    st.tuples(st.just("event"), who, st.sampled_from(["k1", "k2", "k3", None]), st.booleans()),
    st.tuples(st.just("purchase"), who, st.sampled_from(["o1", "o2", None]), st.integers(0, 3)),
    st.tuples(st.just("batch"), batch),
    st.tuples(st.just("item"), st.sampled_from("pq"), texts.filter(bool)),
    st.tuples(st.just("archive")),
    st.tuples(st.just("sync")),
)  # fmt: skip


class Shop:
    """A store that things happen to."""

    def __init__(self) -> None:
        self.ids = [Customer.objects.create(full_name=f"N{n}", created_at=OLD, updated_at=OLD).pk for n in range(N)]
        self.actor, self.versions = actors.actor("Owner"), 0
        with frozen(OLD):  # the archive takes a beginning of the log
            self.changed(*self.ids)

    def log(self, *entries: NewEntry) -> None:
        with connection.cursor() as cursor:
            changelog.append(cursor, entries, connection.vendor)

    def changed(self, *ids: int) -> None:
        with connection.cursor() as cursor:
            changelog.customers_changed(cursor, ids, connection.vendor)

    def do(self, kind: str, *values: Any) -> None:
        getattr(self, kind.replace(" ", "_"))(*values)

    def edit(self, n: int, city: str, custom: dict[str, Any]) -> None:
        rows = Customer.objects.filter(pk=self.ids[n], merged_into=None, erased_at=None)
        if rows.update(city=city, custom=custom):
            self.changed(self.ids[n])

    def merge(self, n: int, into: int) -> None:
        live = Customer.objects.filter(merged_into=None, erased_at=None)
        if n != into and live.filter(pk__in=[self.ids[n], self.ids[into]]).count() == 2:
            Customer.objects.filter(pk=self.ids[n]).update(merged_into_id=self.ids[into])
            self.changed(self.ids[n], self.ids[into])

    def erase(self, n: int) -> None:
        if Customer.objects.filter(pk=self.ids[n], merged_into=None).update(erased_at=OLD, full_name="", custom={}):
            self.changed(self.ids[n])

    def delete(self, n: int) -> None:
        row = Customer.objects.filter(pk=self.ids[n], merged_into=None, erased_at=None, merged=None).first()
        if row:
            row.delete()
            self.changed(self.ids[n])

    def field(self, key: str) -> None:
        if not CustomField.objects.filter(key=key).exists():
            CustomField.objects.create(key=key, label=key, type=TYPES[key], created_at=OLD)
            with connection.cursor() as cursor:
                changelog.fields_changed(cursor, connection.vendor)

    def drop_field(self, key: str) -> None:
        CustomField.objects.filter(key=key).delete()
        with connection.cursor() as cursor:
            changelog.fields_changed(cursor, connection.vendor)

    def event(self, n: int, key: str | None, old: bool) -> None:
        at = OLD if old else now()
        self.log(NewEntry("event", {"at": OLD.isoformat(), "props": {"n": n}}, "visit", self.ids[n], key, at))

    def purchase(self, n: int, key: str | None, lines: int) -> None:
        self.versions += 1  # the same order again says something else
        said = [{"item": "p", "quantity": str(self.versions), "unit_price": "1.25"} for _ in range(lines)]
        self.log(changelog.purchase(f"O{n}", self.ids[n], said, at=OLD, props={"n": n}, dedupe=key))

    def batch(self, rows: list[tuple[int, str]]) -> None:
        data = {"customer": [self.ids[n] for n, _ in rows], "key": [k for _, k in rows], "name": ["b"] * len(rows),
                "at": [OLD] * len(rows), "props": ['{"secret":1}'] * len(rows)}  # fmt: skip
        with transaction.atomic():
            actions.write_batch("events", pa.table(data))

    def item(self, key: str, name: str) -> None:
        catalog.upsert_many(self.actor, [NewItem("product", key, name)])

    def archive(self) -> None:
        warehouse().sync()
        warehouse()._note(force=True)
        actions.archive_passed()

    def sync(self) -> None:
        warehouse().sync()


def contents() -> dict[str, Any]:
    house = warehouse()
    found: dict[str, Any] = {}
    for name in TABLES:
        rows = house.run(house.table(name)).to_pylist()
        found[name] = sorted((sorted(r.items(), key=lambda i: i[0]) for r in rows), key=repr)
    return found


def live_through(steps: list[tuple[Any, ...]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What following the log gives, and what rebuilding gives, after the same history (which is undone)."""
    with transaction.atomic():
        try:
            shop = Shop()
            warehouse().sync()
            for kind, *values in steps:
                shop.do(kind, *values)
            warehouse().sync()
            followed = contents()
            warehouse().rebuild()
            assert Customer.objects.filter(merged_into=None, erased_at=None).count() == len(followed["customers"])
            return followed, contents()
        finally:
            queries.close_warehouse()
            from tests.ground import HOME

            for file in (*HOME.glob("warehouse.duckdb*"), *HOME.glob("archive/*")):
                file.unlink()
            transaction.set_rollback(True)


def check(steps: list[tuple[Any, ...]]) -> None:
    followed, rebuilt = live_through(steps)
    for name in TABLES:
        assert followed[name] == rebuilt[name], f"{name} differ"


MERGED_LATER = [("event", 0, "k1", False), ("sync",), ("merge", 0, 1)]
MERGED_BEFORE = [("merge", 0, 1), ("sync",), ("event", 0, "k1", False)]
OUT_OF_ORDER = [("batch", [(0, "k1")]), ("event", 0, "k1", True), ("event", 1, None, False), ("archive",)]
ANEW = [("purchase", 0, "o1", 2), ("sync",), ("purchase", 0, "o2", 1), ("archive",), ("purchase", 0, None, 1)]
NEW_FIELD = [("sync",), ("field", "a"), ("edit", 0, "x", {"a": "Kandy"})]


@pytest.mark.slow
@settings(max_examples=often(6, 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(step, max_size=25))
@example(MERGED_LATER)
@example(MERGED_BEFORE)
@example(NEW_FIELD)
@example(OUT_OF_ORDER)
@example(ANEW)
def test_rebuilding_gives_the_rows_that_following_the_log_gave(steps: list[tuple[Any, ...]]) -> None:
    check(steps)


@pytest.mark.parametrize(
    ("name", "broken", "steps", "found"),
    [
        ("_redirect", lambda self, moved: None, MERGED_LATER, "events differ"),
        ("_redirected", lambda self, rows: rows, MERGED_BEFORE, "events differ"),
        ("_append", lambda self, name, rows: self.writer.append_new(name, rows, "key"), ANEW, "purchases differ"),
        ("_columns", lambda self: False, NEW_FIELD, "does not have a column"),
    ],
)
def test_a_planted_defect_of_the_incremental_path_is_found(
    name: str, broken: Any, steps: list[tuple[Any, ...]], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = getattr(Loader, name)
    monkeypatch.setattr(Loader, name, lambda self, *a: whole(self, *a) if self.fresh else broken(self, *a))
    with pytest.raises(Exception, match=found):  # rows that are not equal, or a column that is not there
        check(steps)


def test_the_history_of_the_archive_counts_too() -> None:
    steps = [("event", 0, "k1", True), ("event", 1, "k2", True), ("sync",), ("archive",), ("event", 2, "k1", True)]
    followed, rebuilt = live_through(steps)
    assert followed == rebuilt
    assert len(followed["events"]) == 2
