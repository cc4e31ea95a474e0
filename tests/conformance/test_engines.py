"""Every engine selects the people that plain Python selects: every operator of every type, with everything awkward.

`CEAP_TEST_WAREHOUSE_URL=… pytest tests/conformance -m engines` asks another warehouse alone (its tables customers,
purchases and events are replaced: give it a database or a folder of its own).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ceap.core import engine
from ceap.core.engine import Engine, Given
from ceap.segments import operators
from ceap.segments.rules import KINDS
from ceap.segments.windows import start_of
from tests.conformance import ground
from tests.conformance.ground import CODEGEN, QUICK, WORLDS, Asked, changing, thinned, world
from tests.segments.lake import FIELDS

pytestmark = pytest.mark.engines
ASKED = os.environ.get("CEAP_TEST_WAREHOUSE_URL", "")
SERVER = os.environ.get("CEAP_TEST_STORE_URL") or os.environ.get("CEAP_TEST_POSTGRESQL_URL", "")
URLS = (
    [ASKED] if ASKED else ["duckdb://", *([SERVER] if SERVER.startswith("postgres") else []), "spark-local-cluster://"]
)


def at_once(url: str) -> int:
    """Conditions in one scan."""
    return 80 if url.startswith("spark") else 400


@pytest.fixture(scope="module", params=URLS, ids=lambda url: url.partition(":")[0])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    url = request.param
    found = engine.connect(f"{url}{tmp_path_factory.mktemp('lake')}{QUICK}" if url == "spark-local-cluster://" else url)
    yield found
    with found.writing() as writer:
        for table in ("customers", "purchases", "events"):
            writer.drop(table)
    found.close()


@pytest.mark.req("S-1", "S-3")
def test_an_engine_selects_the_people_that_plain_python_selects(opened: Engine, request: pytest.FixtureRequest) -> None:
    """Spark, which takes seconds for a scan, is asked less: some texts, and one of the days that are not ordinary."""
    url = request.node.callspec.params["opened"]
    spark = url.startswith("spark")
    wrong = []
    for n, (zone, now) in enumerate(WORLDS[:1] + WORLDS[2:3] if spark else WORLDS):
        asked = Asked(opened, world(zone, now))
        found = changing(asked.world, n == 0)
        wrong += asked.disagreements(thinned(found) if spark else found, at_once(url))
    assert not wrong, f"{len(wrong)} disagreements, such as {wrong[:5]}"


@pytest.mark.skipif(not URLS[-1].startswith("spark"), reason="asks Spark")
def test_spark_selects_the_same_people_by_code_that_it_generates(tmp_path: Path) -> None:
    """A sample, because making Java code of everything would take minutes."""
    spark = engine.connect(f"spark-local-cluster://{tmp_path}{QUICK}")
    for name, value in CODEGEN.items():
        spark.backend()._session.conf.set(name, value)
    asked = Asked(spark, world(*WORLDS[0]))
    assert not asked.disagreements(changing(asked.world, True)[::61], 12)
    spark.close()


def test_every_type_and_every_operator_is_asked() -> None:
    """A new type, operator or shape without a case fails here, or has no values to be asked with."""
    of = world(*WORLDS[0])
    found = {(FIELDS[c["field"]].type, c["operator"]) for c in ground.conditions(of) if c["kind"] == "field"}
    wanted = {(type, one.key) for type, listed in operators.BY_TYPE.items() for one in listed}
    wanted |= {(FIELDS["created_by"].type, one.key) for one in operators.BASIC_USER}
    assert found == wanted
    assert {one["kind"] for one in ground.conditions(of)} == set(KINDS)


def _lowered(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower case in place of folding."""
    monkeypatch.setattr(operators, "folded", lambda column, wanted: column.lower())


def _nulls_are_true(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows counts as yes."""
    run = engine.run

    def broken(expr: Any, given: Given) -> pa.Table:
        found = run(expr, given)
        return pa.table({n: found[n] if n == "id" else found[n].fill_null(True) for n in found.column_names})

    monkeypatch.setattr(engine, "run", broken)


def _days_of_utc(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days begin at midnight in Greenwich."""
    monkeypatch.setattr(operators, "start_of", lambda day, zone: start_of(day, ZoneInfo("UTC")))


@pytest.mark.parametrize("bug", [_lowered, _nulls_are_true, _days_of_utc], ids=lambda bug: bug.__name__.strip("_"))
def test_an_engine_with_a_defect_is_found_out(
    bug: Callable[[Engine, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = engine.connect("duckdb://")
    asked = Asked(duckdb, world(*WORLDS[0]))
    found = [
        one for one in changing(asked.world, True) if one.get("field") in ("c_my_multiline", "marketing_opt_in_at")
    ]
    assert not asked.disagreements(found, 400)
    bug(duckdb, monkeypatch)
    assert asked.disagreements(found, 400)
    duckdb.close()
