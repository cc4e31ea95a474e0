"""Roles that end are started again soon, from a fixed place, with nothing taken from the working folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ceap.kit.home import Home
from ceap.kit.process import child_environment, python
from ceap.web.supervisor import BackOff, Child

ROOT = Path(__file__).parents[2]
STRAY = "raise SystemExit('imported from the working folder')"


class _Ended:
    """A process that has ended."""

    def poll(self) -> int:
        return -9


def waits(role: str, runs: list[float]) -> list[float]:
    """The back-off after each of `runs` (seconds that the role lived), on a clock that only this moves."""
    at, found = [1000.0], []
    child = Child(role, clock=lambda: at[0])
    for ran in runs:
        child.process, child.started = _Ended(), at[0]  # type: ignore[assignment]
        at[0] += ran
        assert child.ended() == -9
        found.append(child.due - at[0])
        at[0] = child.due
    return found


def test_an_edge_that_is_killed_ten_times_waits_two_seconds_at_most() -> None:
    assert waits("edge", [0.2] * 10) == pytest.approx([0.5, 1, 2, 2, 2, 2, 2, 2, 2, 2])


def test_other_roles_wait_half_a_minute_at_most() -> None:
    assert waits("worker", [0.2] * 8) == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30])


@pytest.mark.parametrize(("ran", "then"), [(59.9, 2.0), (60.0, 0.5)])
def test_a_minute_of_health_forgets_the_back_off(ran: float, then: float) -> None:
    assert waits("edge", [0.2, 0.2, 0.2, ran])[-1] == pytest.approx(then)
    assert waits("edge", [0.2, 0.2, 0.2, 60.0, 0.2])[-1] == pytest.approx(1.0)


def test_the_wait_is_capped_and_not_what_it_would_have_been() -> None:
    back_off = BackOff(5.0)
    assert [back_off.after(0) for _ in range(40)][-1] == 5.0


def strays(folder: Path) -> Path:
    for name in ("liquid", "json", "typer", "uvicorn", "django", "logging"):
        (folder / f"{name}.py").write_text(STRAY)
    return folder


def test_a_child_process_imports_nothing_from_the_working_folder(tmp_path: Path) -> None:
    code = "import subprocess, json, liquid, uvicorn, sys; from ceap.web import roles; print(liquid.__file__)"
    inner = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {code!r}]).returncode)"
    for each in (code, inner):  # the child itself, and a child of its own that knows nothing of this
        done = subprocess.run(
            python("-c", each), cwd=strays(tmp_path), env=child_environment(), capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert str(tmp_path) not in done.stdout


@pytest.mark.parametrize("words", [[sys.executable, "-m", "ceap"], [str(Path(sys.executable).parent / "ceap")]])
def test_the_command_line_imports_nothing_from_the_working_folder(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / "strays"
    folder.mkdir()
    for name in ("liquid", "typer", "django"):  # what `python -m` itself imports first is beyond the program
        (folder / f"{name}.py").write_text(STRAY)
    done = subprocess.run(
        [*words, "doctor", "--json", "--home", str(tmp_path / "none")], cwd=folder, capture_output=True, text=True
    )
    assert "imported from the working folder" not in done.stdout + done.stderr
    assert '"does not exist"' in done.stdout or "does not exist" in done.stdout


def test_every_python_child_is_started_by_the_one_helper() -> None:
    found = {
        str(file.relative_to(ROOT)) for file in (ROOT / "ceap").rglob("*.py")
        if re.search(r"sys\.executable, *[\"'*]|\[sys\.executable", file.read_text())
    }  # fmt: skip
    assert found == {"ceap/kit/process.py"}


def test_a_home_is_made_private_and_an_older_one_is_made_so(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        home = Home(tmp_path / "home").create()
        assert home.open_to_others() == []
        (home.path / "archive" / "part.parquet").write_text("people")
        home.path.chmod(0o755)
        (home.path / "run").chmod(0o750)
        (tmp_path / "elsewhere").write_text("not of the home")
        (home.path / "link").symlink_to(tmp_path / "elsewhere")
        assert home.tighten() == 3
        modes = {str(p.relative_to(home.path)): p.stat().st_mode & 0o777 for p in home.open_to_others()}
        assert modes == {}
        assert home.path.stat().st_mode & 0o777 == 0o700
        assert (home.path / "archive" / "part.parquet").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_relative_files_of_the_settings_lie_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CEAP_STORE_URL", raising=False)
    home = Home(tmp_path, {"store_url": "sqlite:///data/store.sqlite3", "warehouse_url": "duckdb://w.duckdb"})
    assert home.store_file == tmp_path / "data" / "store.sqlite3"
    assert home.warehouse_url == f"duckdb://{tmp_path}/w.duckdb"
    assert Home(tmp_path).store_url == f"sqlite:///{tmp_path}/store.sqlite3"
    assert Home(tmp_path, {"store_url": "sqlite:////var/x.sqlite3"}).store_file == Path("/var/x.sqlite3")
