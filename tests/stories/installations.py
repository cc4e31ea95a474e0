"""Installations that a story runs against: prepared homes, and their roles running on ports of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests import template

ROOT = Path(__file__).resolve().parents[2]
CEAP = [sys.executable, "-m", "ceap"]
KEPT = ("CEAP_CHROMIUM", "CEAP_CLOCK_SHIFT")  # the rest of an installation is as a customer's: its own settings
ROOT_EMAIL = "root@example.test"


@dataclass(frozen=True)
class Installation:
    """A running demo: its two planes, a server key for the second, and its home."""

    url: str
    edge: str
    key: str
    home: Path


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment(**settings: object) -> dict[str, str]:
    """This process's environment with these settings of the product, and no others."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("CEAP_") or k in KEPT}
    return ours | {f"CEAP_{name.upper()}": str(value) for name, value in settings.items()}


def ceap(*words: str, home: Path, cwd: Path = ROOT, **settings: object) -> Any:
    """What a command of `ceap` answers with --json."""
    done = subprocess.run(
        [*CEAP, *words, "--home", str(home), "--json"],
        cwd=cwd, env=environment(**settings), check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def demo(home: Path, *words: str) -> Iterator[Installation]:
    """`ceap demo` with these options on a fresh home, and all its roles running while the block runs."""
    app, edge, sink = free_ports(3)
    ports: dict[str, Any] = {"app_port": app, "edge_port": edge, "sink_port": sink}
    here, there = f"http://127.0.0.1:{app}", f"http://127.0.0.1:{edge}"
    template.file(home / "store.sqlite3")
    ceap("demo", "--no-serve", "--no-open", *words, home=home, **ports)
    key = ceap("key", "create", "shop", "--kind", "server", "--scope", "events:write", home=home, **ports)
    with running("serve", home, f"{here}/readyz", f"{there}/readyz", **ports):
        yield Installation(here, there, key["secret"], home)


def grocery(home: Path) -> AbstractContextManager[Installation]:
    """The synthetic grocery chain with 3,000 customers: trained, deployed, its six segments published."""
    return demo(home, "--scenario", "grocery", "--size", "3000")


@contextmanager
def running(role: str, home: Path, *ready: str, cwd: Path = ROOT, **settings: object) -> Iterator[None]:
    """`ceap <role>` on `home`, started in `cwd`, while the block runs, once every URL of `ready` answers."""
    with (home / f"{role}.log").open("w") as log:
        process = subprocess.Popen(
            [*CEAP, role, "--home", str(home)], cwd=cwd, env=environment(**settings), stdout=log, stderr=log
        )
        try:
            for url in ready:
                _answers(url, process)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _answers(url: str, process: subprocess.Popen[bytes], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer (exit code {process.poll()}); see the role's log in its home")
