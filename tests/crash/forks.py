"""Processes to be killed, many and cheap: each is forked from a parent that has imported everything already.

A fork is a process of its own, so kill -9 does to it what it does to any other; only its start costs nothing.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import template

ROOT = Path(__file__).parents[2]
# What holds for every process of a test run: loopback may be called, and the moment to which the run was moved.
GROUND = ("CEAP_OUTBOUND_PRIVATE", "CEAP_OUTBOUND_MAIL_PORTS", "CEAP_CLOCK_SHIFT")


@dataclass
class Child:
    """A running fork. What it prints is in `out`."""

    parent: Forks
    pid: int
    out: Path
    code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative after a signal; None while it runs."""
        if self.code is None:
            self.code = self.parent.ask({"poll": self.pid})
        return self.code

    def wait(self, seconds: float = 120) -> int:
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None:
            assert time.monotonic() < deadline, f"still running after {seconds} s; it said {self.said()}"
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended: the parent knows."""
        self.parent.ask({"signal": number, "to": self.pid})

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def said(self) -> list[str]:
        """The lines that it has printed so far."""
        return self.out.read_text().splitlines()

    def wait_for(self, line: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while line not in self.said():
            assert self.poll() is None, f"ended with {self.code}, and said {self.said()}"
            assert time.monotonic() < deadline, f"did not say {line!r} in time"
            time.sleep(0.002)


class Forks:
    """The parent on one installation: `start` runs a function in a fork."""

    def __init__(self, process: subprocess.Popen[str], folder: Path):
        self.process, self.folder = process, folder
        self.lock, self.number = threading.Lock(), 0

    def ask(self, question: dict[str, Any]) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        with self.lock:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        assert answer, (self.folder / "log").read_text()[-3000:]
        return json.loads(answer)

    def start(self, function: str, *arguments: Any, moved: dict[str, str] | None = None) -> Child:
        """Run `package.module:function` with JSON arguments in a new process.

        Args:
            moved: the variables CEAP_… of another installation, to which the process belongs instead; what it prints
                for errors is in its `out` then too.
        """
        with self.lock:
            self.number += 1
            out = self.folder / f"fork-{self.number}.out"
        out.touch()
        question = {"run": function, "arguments": arguments, "out": str(out), "moved": moved}
        return Child(self, self.ask(question), out)

    def run(self, function: str, *arguments: Any) -> Any:
        """Run it to its end, and return what the last line that it printed says in JSON."""
        child = self.start(function, *arguments)
        assert child.wait() == 0, (function, child.code, child.said())
        said = child.said()
        return json.loads(said[-1]) if said else None


@contextmanager
def forks(folder: Path, *modules: str, **environment: str) -> Iterator[Forks]:
    """A parent that has set Django up on `environment` and imported `modules`; its children end with it.
    Every migration is applied to its store (a PostgreSQL one: see `stores`).

    Args:
        folder: for what the children print, and `log` for their complaints.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CEAP_") or name in GROUND}
    if not environment.get("CEAP_STORE_URL"):
        template.file(Path(environment["CEAP_HOME"]) / "store.sqlite3")
    values = {**kept, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "ceap.web.settings", **environment}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.forks", *modules], cwd=ROOT, env=values, text=True, stderr=log,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    try:
        yield Forks(process, folder)
    finally:
        process.communicate(timeout=60)


def main(modules: list[str]) -> None:
    import django

    django.setup()
    for module in modules:
        importlib.import_module(module)
    gc.freeze()  # what was imported is shared with the children, not looked through and copied by each
    codes: dict[int, int | None] = {}
    answer: int | None
    for line in sys.stdin:
        question = json.loads(line)
        if "run" in question:
            child = _fork(**question)
            codes[child], answer = None, child
        else:
            pid = question.get("poll") or question["to"]
            answer = codes[pid] = _code(pid, codes)
            if answer is None and "signal" in question:
                os.kill(pid, question["signal"])
        print(json.dumps(answer), flush=True)  # noqa: T201
    for pid in codes:
        if _code(pid, codes) is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _code(pid: int, codes: dict[int, int | None]) -> int | None:
    if codes[pid] is None:
        found, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None
    return codes[pid]


def _fork(run: str, arguments: list[Any], out: str, moved: dict[str, str] | None) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        file = os.open(out, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, 1)
        if moved is not None:
            os.dup2(file, 2)
            _move(moved)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
        module, _, name = run.partition(":")
        getattr(importlib.import_module(module), name)(*arguments)
        sys.stdout.flush()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)


def _move(variables: dict[str, str]) -> None:
    """Belong to another installation: settings and store are read afresh."""
    from django.conf import settings
    from django.db import connections

    for name in [name for name in os.environ if name.startswith("CEAP_")]:
        del os.environ[name]
    os.environ.update(variables)
    importlib.reload(sys.modules["ceap.web.settings"])
    settings._setup()  # type: ignore[misc]
    for connection in connections.all(initialized_only=True):
        del connections[connection.alias]
    connections._settings = None  # type: ignore[attr-defined]
    connections.__dict__.pop("settings", None)


if __name__ == "__main__":
    main(sys.argv[1:])
