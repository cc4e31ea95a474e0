"""One model of each kind, trained once for all tests of this folder; they leave both as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.learning import chain


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of versions whose version 1 learnt labels, and is in use."""
    folder = tmp_path_factory.mktemp("labelled")
    chain.train(chain.write(folder, chain.ready_made(4_000)), folder, labels=chain.LABEL)
    return folder


@pytest.fixture(scope="session")
def discovered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of versions whose version 1 discovered segments."""
    folder = tmp_path_factory.mktemp("discovered")
    file = chain.write(folder, chain.ready_made(2_000).drop_columns([chain.LABEL]))
    chain.train(file, folder)
    return folder
