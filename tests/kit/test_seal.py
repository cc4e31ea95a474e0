"""Sealed secrets, and the home's own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceap.kit.home import Home
from ceap.kit.seal import CannotUnseal, OtherDestination, seal, unseal

SECRET = "a home's secret"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.dictionaries(st.text(), JSON, max_size=4))
def test_what_was_sealed_comes_back(data: dict[str, object]) -> None:
    assert unseal(SECRET, seal(SECRET, data)) == data
    assert unseal(SECRET, memoryview(seal(SECRET, data))) == data


@pytest.mark.parametrize("to", [None, {}, {"host": "mail.a.test"}, {"host": "mail.a.test", "port": 26}])
def test_what_was_sealed_for_a_destination_is_given_out_for_no_other(to: dict[str, object] | None) -> None:
    sealed = seal(SECRET, {"password": "hunter2"}, to={"host": "mail.a.test", "port": 25})
    assert unseal(SECRET, sealed, to={"host": "mail.a.test", "port": 25, "more": 1}) == {"password": "hunter2"}
    with pytest.raises(OtherDestination, match="enter it again"):
        unseal(SECRET, sealed, to=to)


def test_the_same_data_seals_to_something_else_each_time_and_shows_nothing() -> None:
    sealed = {seal(SECRET, {"password": "hunter2-hunter2"}) for _ in range(50)}
    assert len(sealed) == 50
    assert not any(b"hunter2" in one or b"password" in one for one in sealed)


@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(position: int, bit: int) -> None:
    sealed = bytearray(seal(SECRET, {"password": "hunter2"}))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(CannotUnseal):
        unseal(SECRET, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(12), b"\x02" + bytes(40)])
def test_cut_off_and_unknown_versions_are_refused(sealed: bytes) -> None:
    with pytest.raises(CannotUnseal):
        unseal(SECRET, sealed)


def test_another_home_cannot_unseal() -> None:
    with pytest.raises(CannotUnseal):
        unseal("another secret", seal(SECRET, {}))


def test_many_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    code = "import sys; from ceap.kit.home import Home; sys.stdout.write(Home.load(sys.argv[1]).secret)"
    env = {k: v for k, v in os.environ.items() if k != "CEAP_SECRET"}
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(12)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert said == {(tmp_path / "secret.key").read_text()}
    assert len(said.pop()) >= 64
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_the_secret_stays_the_same(tmp_path: Path) -> None:
    assert Home.load(tmp_path).secret == Home.load(tmp_path).secret
