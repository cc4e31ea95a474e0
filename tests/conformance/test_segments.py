"""From the store to a membership, on DuckDB and on Spark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.events.queries import close_warehouse
from ceap.segments import actions, queries
from ceap.segments.models import Segment
from tests.actors import actor
from tests.conformance.ground import QUICK
from tests.segments.people import WHATSAPP, customers

pytestmark = [pytest.mark.engines, pytest.mark.django_db]


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    if request.param == "spark":
        monkeypatch.setenv("CEAP_WAREHOUSE_URL", f"spark-local-cluster://{tmp_path / 'lake'}{QUICK}")
    yield request.param
    close_warehouse()


@pytest.mark.req("S-11")
def test_a_segment_is_previewed_and_built(engine: str) -> None:
    ids = customers({"source": "whatsapp"}, {"source": "Web"}, {"source": ""}, {"source": "WHATSAPP"})
    assert queries.preview(actor("Owner"), WHATSAPP).matched == 2
    one = actions.create(SYSTEM, name="A", rule=WHATSAPP)
    actions.build_pending()
    version = queries.current(Segment.objects.get(pk=one.pk))
    assert version is not None
    assert set(queries.members(version)) == {ids[0], ids[3]}
