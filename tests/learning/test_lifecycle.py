"""Train, evaluate, deploy, score: from files to files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from ceap.core.learning import grocery, lifecycle, table
from ceap.core.learning.frame import Frame
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.roles import Given
from ceap.core.learning.versions import Damaged, Versions
from ceap.kit.clock import now
from ceap.kit.problem import NotFound
from ceap.web import cli
from ceap.web.cli import app
from tests.learning import chain


@pytest.mark.req("O-2")
def test_labels_are_learnt_and_measured_on_customers_held_out(labelled: Path) -> None:
    known = Versions(labelled).manifest(1)
    metrics = known["metrics"]
    assert known["mode"] == "labels"
    assert metrics["held_out"] == 800
    assert metrics["neural"]["accuracy"] >= 0.995
    assert metrics["neural"]["macro_f1"] >= 0.995
    assert metrics["neural"]["calibration_error"] < 0.01
    assert set(metrics["simple"]) == {"accuracy", "macro_f1"}
    assert metrics["verdict"]


@pytest.mark.req("O-2")
def test_discovery_finds_the_planted_segments_and_stands_beside_a_simple_model(discovered: Path) -> None:
    file = chain.write(discovered, chain.ready_made(2_000), "truth.csv")
    told = Told("nimal", now())
    found = lifecycle.evaluate(file, Versions(discovered), told, Given(label=chain.LABEL))
    assert found["metrics"]["agreement"] >= 0.95
    assert len(found["metrics"]["segments"]) == len(grocery.SEGMENTS)
    training = found["training"]
    assert training["neural"]["stability"] > 0.95
    assert set(training["simple"]) == set(training["neural"]) == {"silhouette", "stability", "held_out"}


@pytest.mark.req("O-2")
def test_scoring_keeps_each_row_in_its_place_with_its_id_as_it_came(labelled: Path, tmp_path: Path) -> None:
    made = chain.ready_made(500, seed=8)
    dirty = grocery.soiled(made.set_column(0, "Customer_ID", [[f"00{n}" for n in range(500)]]), part=0.02)
    file = chain.write(tmp_path, dirty)
    answer, rows = chain.score(file, labelled, tmp_path / "out.csv")
    assert [row["Customer_ID"] for row in rows] == dirty["Customer_ID"].to_pylist()
    refused = [row for row in rows if not row["segment"]]
    assert len(refused) == answer["refused"] > 0
    assert all(row["problem"] and not row["probability"] for row in refused)
    truth = [*made["cluster_category"].to_pylist(), *(None for _ in range(dirty.num_rows - 500))]
    right = [row["segment"] == str(label) for row, label in zip(rows, truth, strict=True) if label and row["segment"]]
    assert np.mean(right) >= 0.995
    assert all(0 < float(row["probability"]) <= 1 for row in rows if row["segment"])


def test_a_parquet_file_gives_the_segments_of_the_same_csv_and_keeps_the_ids_type(
    labelled: Path, tmp_path: Path
) -> None:
    made = chain.ready_made(300, seed=9)
    _, rows = chain.score(chain.write(tmp_path, made, "a.csv"), labelled, tmp_path / "out.csv")
    _, same = chain.score(chain.write(tmp_path, made, "a.parquet"), labelled, tmp_path / "out.parquet")
    assert [int(row["segment"]) for row in rows] == [row["segment"] for row in same]
    assert same[0]["Customer_ID"] == grocery.FIRST_ID


def test_one_customer_is_scored_as_in_a_file(labelled: Path) -> None:
    model, _ = Versions(labelled).load(1)
    made = grocery.chain(50, seed=3)
    outlets = np.array(grocery.OUTLETS, object)[made.outlet]
    whole = Frame({name: made.sales[:, n] for n, name in enumerate(grocery.CATEGORIES)}, outlets)
    together = model.probabilities(whole)
    alone = np.vstack([model.probabilities(whole.take(np.array([n]))) for n in range(50)])
    assert np.allclose(together, alone, atol=1e-5)


def test_an_outlet_never_seen_in_training_is_said_and_its_customers_are_scored(labelled: Path, tmp_path: Path) -> None:
    made = chain.ready_made(200, seed=9)
    cities = ["Atlantis"] * 3 + made["outlet_city"].to_pylist()[3:]
    file = chain.write(tmp_path, made.set_column(1, "outlet_city", [cities]))
    answer, rows = chain.score(file, labelled, tmp_path / "out.csv")
    assert [one["rows"] for one in answer["findings"] if one["what"] == "an outlet that was not in training"] == [3]
    assert all(row["segment"] for row in rows)


def test_the_same_seed_and_data_give_the_same_file(tmp_path: Path) -> None:
    file = chain.write(tmp_path, chain.ready_made(200))
    for labels in (chain.LABEL, None):
        one = chain.train(file, tmp_path / "one", labels=labels, segments=6)
        other = chain.train(file, tmp_path / "other", labels=labels, segments=6)
        assert one["sha256"] == other["sha256"]
        assert {**one, "trained_at": 0} == {**other, "trained_at": 0}


def test_segments_keep_their_keys_when_trained_again_and_who_moved_is_shown(discovered: Path, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    shutil.copytree(discovered, folder)
    versions = Versions(folder)
    versions.deploy(1, "nimal", now())
    made = chain.ready_made(2_000, seed=11)
    known = chain.train(chain.write(tmp_path, made), folder, seed=5, segments=6)
    moved = known["compared"]["moved"]
    stayed = sum(moved[key].get(key, 0) for key in moved)
    assert known["compared"]["with"] == 1
    assert stayed >= 0.97 * 2_000
    assert sorted(one["key"] for one in known["segments"]) == [f"S{n}" for n in range(1, 7)]


def test_deploying_an_older_version_rolls_back_and_the_newest_serves_until_then(labelled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    shutil.copytree(labelled, folder)
    versions = Versions(folder)
    model, facts = versions.load(1)
    assert versions.save(model, {"metrics": facts["metrics"]}) == 2
    assert stat.S_IMODE((folder / "000002").stat().st_mode) == 0o700  # what it learnt from is customers' own
    file = chain.write(tmp_path, chain.ready_made(120))
    first, _ = chain.score(file, folder, tmp_path / "out.csv")
    assert (first["version"], first["deployed"]) == (2, False)
    versions.deploy(2, "nimal", now())
    versions.deploy(1, "kamala", now())
    again, _ = chain.score(file, folder, tmp_path / "out.csv")
    assert (again["version"], again["deployed"]) == (1, True)
    assert [(one["version"], one["by"]) for one in versions.deployments()] == [(2, "nimal"), (1, "kamala")]


@pytest.mark.parametrize("harm", ["bit", "cut", "gone", "manifest"])
def test_a_deployed_model_whose_file_is_damaged_is_refused_with_a_clear_sentence(
    labelled: Path, tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "versions"
    shutil.copytree(labelled, folder)
    versions = Versions(folder)
    versions.deploy(1, "nimal", now())
    file = folder / "000001" / "model.npz"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    match harm:
        case "bit":
            file.write_bytes(content)
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "gone":
            file.unlink()
        case "manifest":
            (folder / "000001" / "manifest.json").write_text('{"format": 1, ')
    output = tmp_path / "out.csv"
    with pytest.raises(Damaged, match="ersion 1 of the model"):
        chain.score(chain.write(tmp_path, chain.ready_made(120)), folder, output)
    assert not output.exists()
    with pytest.raises(Damaged):
        versions.deploy(1, "nimal", now())
    assert len(versions.deployments()) == 1


def test_a_version_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No model has been trained"):
        chain.score(chain.write(tmp_path, chain.ready_made(120)), tmp_path / "none", tmp_path / "out.csv")
    with pytest.raises(NotFound, match="no version 3"):
        Versions(tmp_path / "none").deploy(3, "nimal", now())


KILLED = """
import os, signal, sys
from pathlib import Path
from ceap.core.learning.versions import Versions
model, facts = Versions(Path(sys.argv[1])).load(1)
Path.rename = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
Versions(Path(sys.argv[2])).save(model, {"metrics": facts["metrics"]})
"""


def test_training_killed_while_it_writes_leaves_no_version_and_the_next_one_clears_up(
    labelled: Path, tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    folder = tmp_path / "versions"
    done = subprocess.run([sys.executable, "-c", KILLED, str(labelled), str(folder)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    versions = Versions(folder)
    assert versions.numbers() == []
    assert len(os.listdir(folder)) == 1
    model, facts = Versions(labelled).load(1)
    assert versions.save(model, {"metrics": facts["metrics"]}) == 1
    assert os.listdir(folder) == ["000001"]
    versions.load(1)


def test_training_stopped_half_way_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: float, what: str) -> None:
        if done > 0.3:
            raise InterruptedError

    file = chain.write(tmp_path, chain.ready_made(300))
    with pytest.raises(InterruptedError):
        chain.train(file, tmp_path / "versions", beat=stop)
    assert not (tmp_path / "versions").exists()


@pytest.mark.req("O-2")
def test_the_command_line_trains_evaluates_deploys_and_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEAP_HOME", "")  # put back after the test: the command sets it
    monkeypatch.setenv("CEAP_STORE_URL", "")

    def ceap(*arguments: str) -> Any:
        done = CliRunner().invoke(
            app, ["discover", *arguments, "--home", str(tmp_path / "home"), "--json"], catch_exceptions=False
        )
        return json.loads(done.stdout)

    cli.load_commands()
    file, output = chain.write(tmp_path, chain.ready_made(300)), tmp_path / "out.csv"
    with pytest.raises(NotFound):
        ceap("score", "--input", str(file))
    with pytest.raises(NotFound):
        ceap("deploy")
    known = ceap("train", "--input", str(file), "--labels", chain.LABEL)
    assert (known["version"], known["mode"]) == (1, "labels")
    assert ceap("evaluate", "--input", str(file))["metrics"]["accuracy"] > 0.98
    deployed = ceap("deploy")
    assert (deployed["version"], deployed["before"]) == (1, None)
    answer = ceap("score", "--input", str(file), "--output", str(output))
    assert (answer["usable"], answer["deployed"]) == (300, True)
    assert table.read(output).table.column_names == ["Customer_ID", "segment", "probability", "problem"]
    assert [row["in_use"] for row in ceap("list")] == [True]
