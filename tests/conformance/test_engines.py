"""Every engine selects the people that plain Python selects: every operator of every type, with everything awkward.

`CEAP_TEST_WAREHOUSE_URL=… pytest tests/conformance -m engines` asks another warehouse alone (its tables customers,
purchases and events are replaced: give it a database or a folder of its own).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ceap.core import engine
from ceap.core.engine import Engine
from ceap.segments import operators
from tests.conformance import ground
from tests.conformance.ground import WORLDS, Asked, changing, thinned, world
from tests.segments.lake import FIELDS

pytestmark = pytest.mark.engines
ASKED = os.environ.get("CEAP_TEST_WAREHOUSE_URL", "")
SERVER = os.environ.get("CEAP_TEST_STORE_URL") or os.environ.get("CEAP_TEST_POSTGRESQL_URL", "")
URLS = (
    [ASKED] if ASKED else ["duckdb://", *([SERVER] if SERVER.startswith("postgres") else []), "spark-local-cluster://"]
)

# Hundreds of expressions over a hundred rows: making Java code of them would take minutes.
QUICK = "?spark.sql.codegen.wholeStage=false&spark.sql.codegen.factoryMode=NO_CODEGEN"


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


@pytest.mark.req("S-1")
def test_an_engine_selects_the_people_that_plain_python_selects(opened: Engine, request: pytest.FixtureRequest) -> None:
    url = request.node.callspec.params["opened"]
    wrong = []
    for n, (zone, now) in enumerate(WORLDS):
        asked = Asked(opened, world(zone, now))
        found = changing(asked.world, n == 0)
        wrong += asked.disagreements(thinned(found) if url.startswith("spark") else found, at_once(url))
    assert not wrong, f"{len(wrong)} disagreements, such as {wrong[:5]}"


def test_every_type_and_every_operator_is_asked() -> None:
    """A new type, operator or shape without a case fails here, or has no values to be asked with."""
    of = world(*WORLDS[0])
    found = {(FIELDS[c["field"]].type, c["operator"]) for c in ground.conditions(of) if c["kind"] == "field"}
    wanted = {(type, one.key) for type, listed in operators.BY_TYPE.items() for one in listed}
    wanted |= {(FIELDS["created_by"].type, one.key) for one in operators.BASIC_USER}
    assert found == wanted
