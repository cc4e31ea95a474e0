"""`ceap doctor` names what is wrong and the remedy."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ceap.kit.home import Home
from ceap.web import doctor


def findings(home: Home) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in doctor.examine(home)}


@pytest.mark.django_db
def test_a_good_home_has_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ports", lambda home: iter(()))
    monkeypatch.setattr(doctor, "_store", lambda home: iter(()))  # the test's store is not the home's file
    assert doctor.as_json(doctor.examine(Home.load()))["ok"]


def test_a_missing_home_is_named_with_its_remedy(tmp_path: Path) -> None:
    found = findings(Home(tmp_path / "none"))
    assert (found["home"].state, found["home"].remedy) == ("fail", "Run `ceap init`, or give --home.")


def test_a_secret_that_others_can_read_fails(home: Path) -> None:
    secret = home / "secret.key"
    assert Home.load().secret
    secret.chmod(0o644)
    assert [f.state for f in doctor._files(Home.load()) if f.what == "home's files"] == ["fail"]
    secret.chmod(0o600)


def test_a_port_taken_by_a_stranger_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        monkeypatch.setenv("CEAP_EDGE_PORT", str(port))
        found = {f.what: f for f in doctor._ports(Home.load())}
    assert found[f"port {port} (edge)"].state == "fail"
