"""A full disk and damaged requests are answers in words, and leave nothing half-written."""

from __future__ import annotations

import errno
import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from ceap.customers.models import Customer
from ceap.kit.home import Home
from ceap.web.refusals import DiskFull, Unstorable, answerable
from tests import actors
from tests.test_permissions import browser

pytestmark = pytest.mark.django_db


def sqlite_full() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = 13
    return error


def django_error(cause: Exception) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EDQUOT, "Disk quota exceeded"),
     django_error(sqlite_full()), django_error(psycopg.errors.DiskFull("could not extend file"))],
)  # fmt: skip
def test_every_store_and_file_says_in_the_same_way_that_the_disk_is_full(error: Exception) -> None:
    assert isinstance(answerable(error), DiskFull)


def test_a_value_beyond_the_store_is_a_refusal_and_a_defect_is_none() -> None:
    assert isinstance(answerable(OverflowError("Python int too large")), Unstorable)
    assert answerable(KeyError("x")) is None
    assert answerable(OSError(errno.EACCES, "Permission denied")) is None


@pytest.fixture
def client() -> Client:
    return browser(actors.user("Ada"))


def refused(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer.json()["title"] == "The disk is full"
    assert "nothing was changed" in answer.json()["detail"]


def test_a_write_to_a_full_store_is_503_and_changes_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise django_error(sqlite_full())

    monkeypatch.setattr(import_module("ceap.customers.actions.create"), "audit", full)
    refused(client.post("/api/customers", {"values": {"email": "a@example.org"}}, content_type="application/json"))
    assert not Customer.objects.exists()


@pytest.mark.parametrize("url", ["/api/connectors/imports", "/api/segments/lists", "/api/learning/files"])
def test_an_upload_to_a_full_disk_is_503_and_leaves_no_file(
    url: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    media = Home.load().create().path
    before = {p for p in Path(media).rglob("*") if p.suffix in (".data", ".part", ".arrow", ".csv")}
    file = SimpleUploadedFile("a.csv", b"email,full_name\na@example.org,Ann\n")
    refused(client.post(url, {"file": file, "target": "customers"}))
    assert {p for p in Path(media).rglob("*") if p.suffix in (".data", ".part", ".arrow", ".csv")} == before
