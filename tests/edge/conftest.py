from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge.rig import Edge, edge_on


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One real edge for the module's tests."""
    with edge_on(tmp_path_factory.mktemp("edge")) as running:
        yield running
