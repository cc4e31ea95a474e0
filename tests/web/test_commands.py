"""`ceap …` from the command line: what each command does, answers as JSON, and refuses with a sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from ceap.accounts.contracts import SYSTEM
from ceap.campaigns.contracts import Status
from ceap.campaigns.models import Campaign
from ceap.channels.models import Delivery
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.web import cli
from tests.campaigns import setting
from tests.channels import people
from tests.ground import HOME
from tests.segments.people import WHATSAPP

Command = Callable[..., Any]
LISTED = [
    "init", "serve", "app", "edge", "worker", "import", "segment", "campaign", "export", "warehouse", "user", "key",
    "doctor", "bench",
]  # fmt: skip
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run `ceap` with these words on the tests' home; returns its JSON, after checking its exit code."""
    monkeypatch.setattr("django.setup", lambda: None)  # done already; again, it would bind the logs to this capture
    store = HOME / "store.sqlite3"  # the tests' store is a file of another name
    store.touch()

    def command(*words: str, code: int = 0, as_json: bool = True) -> Any:
        words = (*words, "--home", str(HOME), *(["--json"] if as_json else []))
        monkeypatch.setattr(sys, "argv", ["ceap", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert ended.value.code == code, said.err or said.out
        return json.loads(said.out) if as_json else said.out

    yield command
    store.unlink()


def _leaves(command: Any, name: str = "ceap") -> dict[str, Any]:
    """Every command that can be run, by what one types."""
    if not isinstance(command, TyperGroup):
        return {} if command.hidden else {name: command}
    return {k: v for one, each in command.commands.items() for k, v in _leaves(each, f"{name} {one}").items()}


def test_every_command_takes_a_home_and_answers_in_json() -> None:
    cli.load_commands()
    found = _leaves(typer.main.get_command(cli.app))
    lacking = {
        name: missing
        for name, command in found.items()
        if (missing := {"--home", "--json"} - {option for p in command.params for option in p.opts})
    }
    assert lacking == {}
    assert set(LISTED) <= {name.split()[1] for name in found}
    assert "ceap warehouse rebuild" in found


def test_the_first_init_makes_an_administrator_with_a_one_time_password_and_the_second_keeps_it(run: Command) -> None:
    made = run("init", "--email", "root@example.test", "--name", "Root")
    assert made["email"] == "root@example.test"
    assert len(made["one_time_password"]) >= 12
    again = run("init", "--email", "other@example.test")
    assert "one_time_password" not in again
    [only] = run("user", "list")
    assert (only["email"], only["role"], only["active"]) == ("root@example.test", "Administrator", True)


def test_users_are_made_and_reset_and_a_second_one_of_an_address_is_refused(run: Command) -> None:
    run("init", "--email", "root@example.test")
    made = run("user", "create", "ann@example.test", "--name", "Ann", "--role", "analyst")
    assert made["role"] == "Analyst"
    before = run("user", "list")
    refused = run("user", "create", "Ann@example.test", "--name", "Twice", code=1)
    assert refused["status"] in (409, 422)
    assert run("user", "list") == before
    link = run("user", "reset", "ann@example.test", "--remove-second-factors")
    assert link["email"] == "ann@example.test"
    assert link["url"].startswith("http")
    assert run("user", "reset", "nobody@example.test", code=1)["status"] == 404
    assert run("user", "create", "x@example.test", "--name", "X", "--role", "emperor", code=1)["status"] in (404, 422)


def test_keys_show_their_secret_once_and_can_be_revoked(run: Command) -> None:
    made = run("key", "create", "shop", "--scope", "events:write")
    [listed] = run("key", "list")
    assert made["secret"].startswith("ceap_srv_")
    assert made["secret"] not in json.dumps(listed)
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("shop", ["events:write"], None)
    assert run("key", "revoke", made["id"])["revoked_at"]
    assert run("key", "list")[0]["revoked_at"]
    assert run("key", "create", "shop", "--scope", "everything", code=1)["status"] == 422
    assert len(run("key", "list")) == 1


def test_a_campaign_is_launched_paused_resumed_and_cancelled(run: Command) -> None:
    made = setting.draft(SYSTEM)
    key = str(made.pk)
    assert run("campaign", "list") == [{"id": key, "name": "Spring", "status": "draft", "planned": None}]
    assert run("campaign", "pause", key, code=1)["detail"] == "A draft campaign cannot be paused."
    assert run("campaign", "launch", key) == {"id": key, "name": "Spring", "status": "running"}
    assert run("campaign", "launch", key, code=1)["status"] == 409
    setting.run_planning(made.pk)
    assert run("campaign", "pause", key)["status"] == "paused"
    assert run("campaign", "resume", key)["status"] == "running"
    assert run("campaign", "cancel", key, as_json=False) == "Spring is cancelled.\n"
    assert run("campaign", "resume", key, code=1)["detail"] == "A cancelled campaign cannot be resumed."
    assert [one["planned"] for one in run("campaign", "list", "--status", "cancelled,draft")] == [3]
    assert run("campaign", "list", "--status", "running") == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    unknown = run("campaign", "report", "019b0000-0000-7000-8000-000000000000", code=1)
    assert unknown["detail"] == "There is no such campaign."


def test_a_launch_that_is_refused_names_every_reason_and_changes_nothing(run: Command) -> None:
    made = setting.draft(SYSTEM, content_version_id=None, name=" x ")
    refused = run("campaign", "launch", str(made.pk), code=1)
    assert refused["errors"] == [{"field": "content", "message": "Choose the email to send."}]
    assert Campaign.objects.get().status == Status.DRAFT


def test_the_report_of_a_campaign_adds_up(run: Command) -> None:
    made = setting.launched(SYSTEM)
    found = run("campaign", "report", str(made.pk))
    assert (found["name"], found["status"], found["planned"]) == ("Spring", "running", 3)
    assert sum(found["states"].values()) == 3
    words = run("campaign", "report", str(made.pk), as_json=False)
    assert words.startswith("Spring · running · 3 planned\n")


def test_a_file_comes_in_with_a_receipt_and_goes_out_again(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("customer id,full name,email\nK1,=Ada,ada@example.test\nK2,Bob,not an address\n")
    tried = run("import", str(file), "--dry-run", code=3)
    assert (tried["created"], tried["rejected"]) == (1, 1)
    assert Customer.objects.count() == 0
    came = run("import", str(file), code=3)
    assert (came["state"], came["created"], came["rejected"]) == ("done", 1, 1)
    [finding] = came["findings"]
    assert (finding["row"], finding["value"], finding["rejected"]) == (3, "not an address", True)
    again = run("import", str(file), code=3)
    assert (again["created"], again["unchanged"], Customer.objects.count()) == (0, 1, 1)
    out = tmp_path / "out.csv"
    assert run("export", str(out))["rows"] == 1
    assert "'=Ada" in out.read_text()
    assert run("import", str(file), "--map", "full name", code=2, as_json=False) == ""
    assert run("import", str(file), "--target", "wishes", code=1)["status"] in (404, 422)
    receipt = run("receipt", came["import"], as_json=False)
    assert "not an address" in receipt
    assert run("receipt", came["import"])[0]["value"] == "not an address"


def test_the_warehouse_is_rebuilt_to_the_same_rows(run: Command) -> None:
    people.customers(4)
    house = warehouse()
    house.sync()
    before = house.count("customers")
    rebuilt = run("warehouse", "rebuild")
    assert rebuilt["rows"]["customers"] == before
    state = run("warehouse", "status")
    assert state["archive"]["damaged"] == []
    assert {one["consumer"] for one in state["consumers"]} >= {"warehouse"}


def test_a_benchmark_or_a_scale_that_does_not_exist_is_refused(run: Command) -> None:
    run("bench", "F-999", code=2, as_json=False)
    run("bench", "F-6", "--scale", "huge", code=2, as_json=False)


@pytest.mark.parametrize("words", ["campaign list", "user list", "key list", "warehouse status", "segment list"])
def test_a_home_that_is_not_there_is_named_and_not_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str
) -> None:
    monkeypatch.setenv("CEAP_HOME", str(HOME))
    missing = tmp_path / "nowhere"
    monkeypatch.setattr(sys, "argv", ["ceap", *words.split(), "--home", str(missing)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert f"There is no installation in {missing}: `ceap init" in capsys.readouterr().err
    assert not missing.exists()


def test_a_store_of_an_older_version_is_refused_with_the_remedy(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ceap.web.store.pending", lambda: ["segments.0009_more"])
    refused = run("campaign", "list", code=1)
    assert refused["status"] == 409
    assert "lacks 1 changes of this version: `ceap init" in refused["detail"]


def test_an_import_names_what_it_leaves_and_ends_with_a_code_when_rows_are_refused(
    run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("customer_id,full_name,Shoe size,Wishes\nx1,Ann,38,blue\nx2,Bo,41,red\n")
    told = run("import", str(file))
    assert (told["created"], told["rejected"]) == (2, 0)
    assert told["not_taken"] == {
        "Shoe size": "--map 'Shoe size=new:number'", "Wishes": "--map 'Wishes=new:text'",
    }  # fmt: skip
    told = run("import", str(file), "--new-fields")
    assert (told["updated"], told["not_taken"]) == (2, {})
    file.write_text("customer_id,date_of_birth\nx1,1990-01-01\nx2,notadate\n")
    assert run("import", str(file), code=3)["rejected"] == 1
    assert run("import", str(file), "--dry-run", code=3)["rejected"] == 1
    file.write_text("customer_id,date_of_birth\nx1,nodate\nx2,notadate\n")
    assert run("import", str(file), code=4)["rejected"] == 2


def test_an_import_says_how_it_reads_a_file_and_reads_it_as_chosen(
    run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("Our people;\nemail;full_name\na@example.test;Ayşe Yıldız\n".encode("cp1254"))
    words = run("import", str(file), "--match", "email", "--dry-run", "--encoding", "windows-1254", as_json=False)
    assert words.startswith("people.csv: Text · Turkish (Windows-1254), chosen · semicolon · row 2 names the columns\n")
    chosen = ("--encoding", "windows-1254", "--delimiter", "semicolon", "--header-row", "2")
    told = run("import", str(file), "--match", "email", *chosen)
    assert told["choice"] == {"encoding": "windows-1254", "delimiter": "semicolon", "header_row": 2}
    assert (told["form"]["encoding"], told["form"]["delimiter"], told["created"]) == ("cp1254", ";", 1)
    assert Customer.objects.get().full_name == "Ayşe Yıldız"
    assert run("import", str(file), "--sheet", "A", code=1)["detail"] == "A text file has no sheets to choose."


def test_an_import_knows_a_shop_s_export(run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "customers_export.csv"
    file.write_text("First Name,Last Name,Email,Accepts Email Marketing,Tags\nAnn,Lee,ann@example.test,yes,new\n")
    words = run("import", str(file), "--dry-run", as_json=False)
    assert "\nThis looks like a Shopify customer export.\n" in words
    told = run("import", str(file))
    assert (told["layout"], told["created"], list(told["not_taken"])) == (
        "shopify_customers", 1, ["Tags"],
    )  # fmt: skip
    ann = Customer.objects.get()
    said = list(ann.consents.values_list("channel", "granted"))
    assert (ann.full_name, said) == ("Ann Lee", [("email", True)])


def test_rates_come_in_as_every_other_file_does(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("Date;Code;Rate\n20.11.2026;idr;0,0000613\n20.11.2026;CHF;much\n", encoding="utf-16")
    said = run("import", str(file), "--target", "rates", code=3)
    assert [(one["row"], one["column"], one["value"]) for one in said["findings"]] == [(3, "Rate", "much")]
    assert run("rates", "list") == [{"day": "2026-11-20", "currency": "IDR", "rate": "0.0000613"}]


def test_segments_are_created_listed_and_recalculated(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(WHATSAPP))
    made = run("segment", "create", "Fans", str(file))
    assert (made["name"], made["size"]) == ("Fans", 0)
    assert run("segment", "list") == [{"id": made["id"], "name": "Fans", "size": 0, "status": "ready"}]
    assert run("segment", "recalculate") == {"ready": 1}
    assert run("segment", "recalculate", made["id"]) == {"ready": 1}


def test_a_list_becomes_a_segment(run: Command, tmp_path: Path) -> None:
    people_file, ids, missing = (tmp_path / name for name in ("people.csv", "ids.txt", "missing.csv"))
    people_file.write_text("customer_id,email\nC-1,a@example.test\nC-2,b@example.test\n")
    ids.write_text("C-1\nC-9\nC-1\n")
    run("import", str(people_file))
    made = run("segment", "upload", str(ids), "--name", "VIPs", "--missing", str(missing))
    told = {"by": "customer_id", "rows": 3, "found": 1, "duplicates": 1, "missing": 1, "name": "VIPs", "size": 1}
    assert told.items() <= made.items()
    assert "2,C-9,names no customer (by customer_id)" in missing.read_text()
    ids.write_text("b@example.test\n")
    added = run("segment", "upload", str(ids), "--segment", made["id"], "--how", "add")
    assert (added["by"], added["size"]) == ("email", 2)
