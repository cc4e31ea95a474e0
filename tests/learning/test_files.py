"""A dirty file through the API: kept, looked at, learnt from, deployed, its customers added, scored again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ceap.accounts.models import AuditEntry
from ceap.core import bitmaps
from ceap.core.learning import grocery
from ceap.customers.models import Customer
from ceap.learning import queries as models
from ceap.segments import queries as segments
from ceap.segments.models import Segment
from tests.learning import chain
from tests.learning.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.req("O-2")]
ROLES = {
    "Customer_ID": "id", "outlet_city": "outlet", "luxury_sales": "sales", "fresh_sales": "sales",
    "dry_sales": "sales", "cluster_category": "unused",
}  # fmt: skip


def members() -> dict[str, set[int]]:
    found = {}
    for row in Segment.objects.filter(kind="discovered", archived_at=None):
        version = segments.current(row)
        found[row.model_key] = set(bitmaps.unpack(version.bitmap or b"")) if version else set()
    return found


def findings(look: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(one["column"], one["what"]): one["rows"] for one in look["findings"]}


def test_a_dirty_file_is_looked_at_learnt_from_deployed_and_its_customers_are_members(tmp_path: Path) -> None:
    wire = Wire()
    made = chain.ready_made(600)
    file = wire.upload(chain.write(tmp_path, grocery.soiled(made, part=0.02)))["file"]
    look = wire.ask("GET", f"/learning/files/{file['id']}")
    assert look["columns"] == ROLES
    assert look["look"]["problems"] == []
    found = findings(look["look"])
    assert found["fresh_sales", "is written in words"] == 5
    assert found["luxury_sales", "is missing"] == 12
    assert found["outlet_city", "another spelling"] > 12
    assert found["dry_sales", "currency sign taken away"] > 0
    assert look["look"]["rows"] == look["look"]["usable"] + look["look"]["refused"] + sum(
        rows for (column, _), rows in found.items() if column == "id"
    )
    assert look["look"]["customers"] == {"named": 600, "matched": 0, "unmatched": 600}
    learnt = ROLES | {"cluster_category": "label"}
    wire.work("PUT", f"/learning/files/{file['id']}", {"columns": learnt, "match": "customer_id", "add": True})
    look = wire.ask("GET", f"/learning/files/{file['id']}")["look"]
    assert {one["label"] for one in look["labels"] if one["few"]} == {"99"}
    assert findings(look)["label", "a label of fewer than 10 customers"] == 3
    trained = wire.work("POST", "/learning/train", {"file": file["id"]})
    assert trained.result["metrics"]["neural"]["accuracy"] > 0.95
    assert Customer.objects.count() == 0
    evaluated = wire.work("POST", "/learning/versions/1/evaluation", {"file": file["id"]}).result
    assert evaluated["metrics"]["accuracy"] > 0.95
    assert sum(evaluated["segments"].values()) == evaluated["metrics"]["customers"]
    wire.deploy(1)
    usable = look["usable"]
    assert sum(map(len, members().values())) == usable
    receipt = wire.ask("GET", f"/learning/files/{file['id']}")["receipt"]
    counts = {name: receipt[name] for name in ("rows", "matched", "added", "repeated", "unnamed", "unmatched")}
    assert counts == {"rows": 612, "matched": 0, "added": 600, "repeated": 12, "unnamed": 0, "unmatched": 0}
    assert Customer.objects.count() == 600
    head = models.scored()
    assert head is not None
    assert (head.version, head.source, head.file) == (1, "chain.csv", file["id"])
    before = members()
    assert {one.actor_name for one in AuditEntry.objects.filter(verb="customers.upsert")} == {"Ada"}
    wire.work("POST", "/segments/discovered/score", {"file": file["id"]})
    assert Customer.objects.count() == 600
    assert members() == before
    receipt = wire.ask("GET", f"/learning/files/{file['id']}")["receipt"]
    assert (receipt["added"], receipt["matched"], receipt["repeated"]) == (0, 600, 12)
