"""What can go wrong with a file or a model arrives on the wire as a sentence that names the field and the remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry, Organisation
from ceap.core.learning.versions import MODEL
from ceap.customers import actions as customers
from ceap.customers.models import Customer
from ceap.jobs.actions import rescue
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.learning import queries as models
from ceap.learning.actions import adding
from ceap.segments.contracts import DISCOVER
from tests.learning import chain
from tests.learning.test_files import members
from tests.learning.wire import Wire, finish

pytestmark = [pytest.mark.django_db, pytest.mark.req("O-2")]


def table(n: int = 150, **columns: list[Any]) -> pa.Table:
    made = chain.ready_made(n)
    for name, values in columns.items():
        made = made.set_column(made.column_names.index(name), name, [values])
    return made


def looked(wire: Wire, tmp_path: Path, made: pa.Table, roles: dict[str, str] | None = None) -> dict[str, Any]:
    file = wire.upload(chain.write(tmp_path, made, "bad.csv"))["file"]
    if roles:
        wire.work("PUT", f"/learning/files/{file['id']}", {"columns": file["columns"] | roles})
    return wire.ask("GET", f"/learning/files/{file['id']}")


def test_too_few_all_alike_and_two_examples_of_a_label_are_said_before_training_and_refused(tmp_path: Path) -> None:
    wire = Wire()
    few = looked(wire, tmp_path, table(30))
    assert few["look"]["problems"] == ["There are 30 usable customers; at least 100 are needed."]
    same: dict[str, Any] = {f"{name}_sales": [5.0] * 150 for name in ("luxury", "fresh", "dry")}
    alike = looked(wire, tmp_path, table(**same), {f"{name}_sales": "sales" for name in ("luxury", "fresh", "dry")})
    assert alike["look"]["problems"] == ["All customers are alike: no column differs between them."]
    rare = looked(wire, tmp_path, table(cluster_category=["a"] * 148 + ["b"] * 2), {chain.LABEL: "label"})
    assert rare["look"]["labels"] == [
        {"label": "a", "customers": 148, "few": False}, {"label": "b", "customers": 2, "few": True},
    ]  # fmt: skip
    assert rare["look"]["problems"] == ["Only one label has 10 customers or more; to learn labels, at least two must."]
    for file in (few, alike, rare):
        refused = wire.ask("POST", "/learning/train", {"file": file["id"]}, 422)
        assert [(one["field"], one["message"]) for one in refused["errors"]] == [("file", file["look"]["problems"][0])]
    assert not Job.objects.filter(kind="learning.train").exists()


def test_what_learns_nothing_is_a_warning_and_what_is_no_amount_is_counted(tmp_path: Path) -> None:
    wire = Wire()
    found = looked(wire, tmp_path, table(outlet_city=["Galle"] * 150, dry_sales=[7.5] * 150), {"dry_sales": "sales"})
    assert found["look"]["warnings"] == [
        "dry is the same for every customer: it tells nothing.",
        "There is one outlet only: outlets cannot be told apart.",
    ]
    assert found["look"]["problems"] == []
    bad = ["inf", "-3", "1e999", *map(str, range(1, 148))]
    cells = {
        (one["column"], one["what"]): one for one in looked(wire, tmp_path, table(fresh_sales=bad))["look"]["findings"]
    }
    assert cells["fresh_sales", "is infinite"]["rows"] == 2
    assert cells["fresh_sales", "is negative"]["examples"] == [{"row": 2, "value": "-3"}]


def test_a_file_that_is_no_table_too_large_or_with_impossible_columns_is_refused_and_not_kept(tmp_path: Path) -> None:
    wire = Wire()
    file = tmp_path / "a.csv"
    for content, words in ((b"", "is empty"), (b"a,a\n1,2\n", "more than one column"), (b"\x00\x01", "is not text")):
        file.write_bytes(content)
        assert words in wire.upload(file, 422)["detail"]
        assert str(tmp_path) not in wire.upload(file, 422)["detail"]
    Organisation.objects.create(settings={"import_max_mb": 1})
    file.write_bytes(b"id,x_sales\n" + b"1,2\n" * 300_000)
    assert "larger than 1 MB" in wire.upload(file, 413)["detail"]
    assert models.files().ids() == []
    kept = wire.upload(chain.write(tmp_path, table()))["file"]
    for roles, words in (
        ({"outlet_city": "id"}, "Only one column can be 'id'"), ({"nope": "sales"}, "no column 'nope'"),
        (dict.fromkeys(("luxury_sales", "fresh_sales", "dry_sales"), "unused"), "set at least one column to sales"),
    ):  # fmt: skip
        refused = wire.ask("PUT", f"/learning/files/{kept['id']}", {"columns": kept["columns"] | roles}, 422)
        assert refused["errors"][0]["field"] == "columns"
        assert words in refused["detail"]
    without = {name: "unused" if role == "id" else role for name, role in kept["columns"].items()}
    body = {"columns": without, "add": True}
    assert wire.ask("PUT", f"/learning/files/{kept['id']}", body, 422)["errors"][0]["field"] == "add"
    assert models.files().about(kept["id"]).columns == kept["columns"]


def test_who_may_not_import_customers_cannot_have_them_added(tmp_path: Path) -> None:
    wire = Wire("Bo", customers_import=Level.DISABLED)
    kept = wire.upload(chain.write(tmp_path, table()))["file"]
    assert wire.ask("PUT", f"/learning/files/{kept['id']}", {"add": True}, 403)["detail"].startswith("This needs")
    assert models.files().about(kept["id"]).add is False


def deployed(wire: Wire, tmp_path: Path, n: int = 150) -> str:
    file: str = wire.upload(chain.write(tmp_path, chain.ready_made(n)))["file"]["id"]
    wire.work("PUT", f"/learning/files/{file}", {"add": True})
    wire.work("POST", "/learning/train", {"file": file, "segments": 3})
    wire.deploy(1)
    return file


def test_a_new_file_needs_the_columns_of_training_and_a_used_one_cannot_be_forgotten(tmp_path: Path) -> None:
    wire = Wire()
    file = deployed(wire, tmp_path)
    before = members()
    assert sum(map(len, before.values())) == 150
    assert "version 1" in wire.ask("DELETE", f"/learning/files/{file}", expect=409)["detail"]
    lacking = wire.upload(chain.write(tmp_path, table().drop_columns(["fresh_sales"]), "lacking.csv"))["file"]["id"]
    refused = wire.ask("POST", "/segments/discovered/score", {"file": lacking}, 422)
    assert "There is no column 'fresh_sales'" in refused["detail"]
    wire.ask("DELETE", f"/learning/files/{lacking}", expect=204)
    new = chain.ready_made(50, seed=3)
    cities = ["Atlantis"] * 4 + new["outlet_city"].to_pylist()[4:]
    new = new.set_column(1, "outlet_city", [cities])
    ids = pa.array([*range(10_000_000, 10_000_010), *range(5_000, 5_040)])
    other = wire.upload(chain.write(tmp_path, new.set_column(0, "Customer_ID", ids), "new.csv"))["file"]["id"]
    wire.work("POST", "/segments/discovered/score", {"file": other})
    assert sum(map(len, members().values())) == 10  # those who are not there were not to be added
    receipt = wire.ask("GET", f"/learning/files/{other}")["receipt"]
    assert (receipt["matched"], receipt["unmatched"], receipt["added"]) == (10, 40, 0)
    last = wire.ask("GET", "/learning/scorings")["items"][0]
    assert (last["source"], last["customers"]) == ("new.csv", 50)
    assert [one["rows"] for one in last["findings"] if one["what"] == "an outlet that was not in training"] == [4]


def test_a_damaged_version_is_refused_the_former_serves_and_the_page_says_so(tmp_path: Path) -> None:
    wire = Wire()
    file = deployed(wire, tmp_path)
    before, scored = members(), models.scored()
    wire.work("POST", "/learning/train", {"file": file, "segments": 4, "seed": 2})
    model = models.folder() / "000002" / MODEL
    model.write_bytes(model.read_bytes()[:-9])
    refused = wire.ask("POST", "/segments/discovered/versions/2/deploy", expect=409)
    assert "deploy another version, or train again" in refused["detail"]
    assert wire.ask("GET", "/learning/state")["in_use"] == 1
    second, first = wire.ask("GET", "/learning/versions")["items"]
    assert "damaged" in second["damaged"]
    assert first["damaged"] is None
    (models.folder() / "000001" / MODEL).unlink()
    state = wire.ask("GET", "/learning/state")
    assert "missing" in state["damaged"]
    assert "Segments keep the members of the last scoring" in state["damaged"]
    assert wire.ask("POST", "/segments/discovered/score", {"file": file}, 409)["detail"].startswith(
        "The file of version 1"
    )
    assert members() == before
    assert models.scored() == scored
    trained = wire.work("POST", "/learning/train", {"file": file, "segments": 3})
    wire.deploy(trained.result["version"])
    assert wire.ask("GET", "/learning/state")["damaged"] is None
    # whom a new segment goes on from cannot be told without the damaged file: none takes the place of an old one
    found = members()
    assert {key: found[key] for key in before} == {key: set() for key in before}
    assert sum(map(len, found.values())) == 150


def test_adding_customers_that_is_killed_half_way_goes_on_and_adds_nobody_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "CHUNK", 40)
    wire = Wire()
    file: str = wire.upload(chain.write(tmp_path, chain.ready_made(150)))["file"]["id"]
    wire.work("PUT", f"/learning/files/{file}", {"add": True})
    wire.work("POST", "/learning/train", {"file": file, "segments": 3})
    real, calls = adding.upsert_many, []  # type: ignore[attr-defined]

    def dies(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise SystemExit  # as a killed process: nothing after it runs
        return real(*arguments, **options)

    monkeypatch.setattr(adding, "upsert_many", dies)
    wire.ask("POST", "/segments/discovered/versions/1/deploy", expect=204)
    with pytest.raises(SystemExit):
        finish()
    assert Customer.objects.count() == 80
    assert wire.ask("GET", f"/learning/files/{file}")["receipt"]["added"] == 80
    Job.objects.filter(kind=DISCOVER).update(lease_until=now() - timedelta(seconds=1))
    rescue()
    finish()
    assert Job.objects.get(kind=DISCOVER).state == "done"
    assert Customer.objects.count() == 150
    receipt = wire.ask("GET", f"/learning/files/{file}")["receipt"]
    assert (receipt["added"], receipt["matched"], receipt["rows"]) == (150, 0, 150)
    assert sum(map(len, members().values())) == 150


def test_customers_that_were_merged_count_once_and_erased_ones_not_at_all(tmp_path: Path) -> None:
    wire = Wire()
    file = deployed(wire, tmp_path)
    one, other, gone = Customer.objects.order_by("pk").values_list("pk", flat=True)[:3]
    customers.merge(SYSTEM, one, other)
    customers.erase(SYSTEM, gone)
    wire.work("POST", "/segments/discovered/score", {"file": file})
    found = members()
    everybody = [customer for segment in found.values() for customer in segment]
    assert len(everybody) == len(set(everybody))
    assert Customer.objects.count() == 150  # nobody was added in place of who is gone
    assert wire.ask("GET", f"/learning/files/{file}")["add"] is False
    assert one in everybody
    assert other not in everybody
    assert gone not in everybody


def test_the_table_of_recommendations_is_checked_kept_used_and_restored(tmp_path: Path) -> None:
    wire = Wire()
    before = wire.ask("GET", "/learning/recommendations")
    assert before["edited"] is False
    row = {"type": "Tea", "channel": "sms", "offer": 'Two "for" one', "timing": "Now", "reason": "{top}\nis liked"}
    for bad, field in (
        ({"when": {"sped": 1}}, "rows.0.when"), ({"when": {"spend": 9}}, "rows.0.when"),
        ({"offer": " "}, "rows.0.offer"),
    ):  # fmt: skip
        refused = wire.ask("PUT", "/learning/recommendations", {"rows": [{"when": {}} | row | bad]}, 422)
        assert [one["field"] for one in refused["errors"]] == [field]
    assert wire.ask("PUT", "/learning/recommendations", {"rows": []}, 422)["errors"][0]["field"] == "rows"
    assert wire.ask("GET", "/learning/recommendations") == before
    rows = [{"when": {"share of fresh": 0.8, "spend": -0.2}} | row, {"when": {}} | row | {"type": "Thanks"}]
    assert wire.ask("PUT", "/learning/recommendations", {"rows": rows}) == before | {"rows": rows, "edited": True}
    file = wire.upload(chain.write(tmp_path, chain.ready_made(120)))["file"]["id"]
    wire.work("POST", "/learning/train", {"file": file, "segments": 3})
    said = [one["recommendation"]["type"] for one in wire.ask("GET", "/learning/versions/1")["segments"]]
    assert set(said) <= {"Tea", "Thanks"}
    assert wire.ask("DELETE", "/learning/recommendations") == before
    assert AuditEntry.objects.filter(verb="learning.recommendations").count() == 2
