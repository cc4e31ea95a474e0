"""One browser, one demo and one fresh home for all stories of a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import template
from tests.stories import installations
from tests.stories.installations import ROOT_EMAIL, Installation, ceap, free_ports, running
from tests.stories.screen import CHROMIUM, FLAGS, PATIENCE, person

FAMILIES = {  # by a part of the name of its stories
    "test_accounts": "fresh home", "test_webhooks": "fresh home", "test_segmentation": "grocery", "[grocery": "grocery",
}  # fmt: skip


class Families(LoadScopeScheduling):  # type: ignore[misc]
    """With `-n`, the stories of one installation stay in one process, for each process would fill one of its own.

    (xdist's own groups do nothing under pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((family for name, family in FAMILIES.items() if name in nodeid), "demo")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Families:
    return Families(config, log)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with person(browser) as opened:
        yield opened


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`ceap demo` on a fresh home, with all its roles running."""
    with installations.demo(tmp_path_factory.mktemp("demo") / "home") as running:
        yield running


@pytest.fixture(scope="package")
def grocery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The grocery chain with its discovered segments, for all stories of segmentation: leave them as they are."""
    with installations.grocery(tmp_path_factory.mktemp("grocery") / "home") as running:
        yield running


@pytest.fixture(scope="package")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home after `ceap init`, to copy, and its administrator's one-time password."""
    home = tmp_path_factory.mktemp("initialised") / "home"
    template.file(home / "store.sqlite3")
    made = ceap("init", "--email", ROOT_EMAIL, "--name", "Root", home=home)
    return home, made["one_time_password"]


@pytest.fixture
def installation(initialised: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An app on a fresh home at `tmp_path`: its URL (with a host name, as passkeys need), the one-time password."""
    home, one_time = initialised
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    [port] = free_ports(1)
    url = f"http://localhost:{port}"
    with running("app", tmp_path, f"{url}/api/sign-in", app_port=port, app_url=url):
        yield url, one_time
