"""A maker of reports, and a folder of reports that is empty after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from ceap.accounts.models import User
from tests.actors import user
from tests.reports.setting import signed_in


@pytest.fixture(autouse=True)
def reports_folder(home: Path) -> Iterator[Path]:
    yield home / "reports"
    for file in (home / "reports").glob("*"):
        file.unlink()


@pytest.fixture
def owner(db: None) -> User:
    return user("Ada")


@pytest.fixture
def ada(owner: User) -> Client:
    return signed_in(owner)
