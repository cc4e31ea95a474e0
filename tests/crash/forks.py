"""Processes to be killed, many and cheap: each is forked from a parent that has imported everything already.

A fork is a process of its own, so kill -9 does to it what it does to any other; only its start costs nothing.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests import template

ROOT = Path(__file__).parents[2]
# What holds for every process of a test run: loopback may be called, and the moment to which the run was moved.
GROUND = ("CEAP_OUTBOUND_PRIVATE", "CEAP_OUTBOUND_MAIL_PORTS", "CEAP_CLOCK_SHIFT")


@dataclass
class Child:
    """A running fork. What it prints is in `out`."""

    parent: Parent
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


class Parent:
    """The process that has imported the product, on no home of anybody's; it answers one question at a time."""

    def __init__(self, process: subprocess.Popen[str], log: Path):
        self.process, self.log, self.lock = process, log, threading.Lock()

    def ask(self, question: dict[str, Any]) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        with self.lock:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        assert answer, self.log.read_text()[-3000:]
        return json.loads(answer)


@cache
def _parent() -> Parent:
    """One for all installations of a process of pytest, from its first fork until its end: it costs 4 s to start."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ceap-forks-")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CEAP_") or name in GROUND}
    values = {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "ceap.web.settings", "CEAP_HOME": str(folder / "home")}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.forks"], cwd=ROOT, env={**kept, **values}, text=True, stderr=log,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    stack.callback(process.communicate, timeout=60)
    return Parent(process, folder / "log")


class Forks:
    """The processes of one installation: `start` runs a function in a fork. What they print is in files of `folder`."""

    def __init__(self, parent: Parent, folder: Path, environment: dict[str, str], log: Path | None):
        self.parent, self.folder, self.environment, self.log = parent, folder, environment, log
        self.children: list[Child] = []

    def start(self, function: str, *arguments: Any) -> Child:
        """Run `package.module:function` with JSON arguments in a new process."""
        file, name = tempfile.mkstemp(".out", "fork-", self.folder)
        os.close(file)
        errors = str(self.log or name)
        question = {
            "run": function, "arguments": arguments, "out": name, "errors": errors, "environment": self.environment,
        }  # fmt: skip
        self.children.append(Child(self.parent, self.parent.ask(question), Path(name)))
        return self.children[-1]

    def run(self, function: str, *arguments: Any) -> Any:
        """Run it to its end, and return what the last line that it printed says in JSON."""
        child = self.start(function, *arguments)
        assert child.wait() == 0, (function, child.code, child.said())
        said = child.said()
        return json.loads(said[-1]) if said else None


@contextmanager
def forks(folder: Path, *modules: str, **environment: str) -> Iterator[Forks]:
    """Processes on the installation of `environment` that need not import `modules`; they end with the block.
    Every migration is applied to its store (a PostgreSQL one: see `stores`).

    Args:
        folder: for what the processes print, and `log` for their complaints.
    """
    if not environment.get("CEAP_STORE_URL"):
        template.file(Path(environment["CEAP_HOME"]) / "store.sqlite3")
    (folder / "log").touch()
    parent = _parent()
    parent.ask({"import": modules})
    kept = {name: os.environ[name] for name in GROUND if name in os.environ}
    found = Forks(parent, folder, {**kept, **environment}, folder / "log")
    try:
        yield found
    finally:
        for child in found.children:
            child.kill()


def programs(environment: Mapping[str, str]) -> Forks:
    """Processes on the installation of the variables CEAP_… of `environment`; who starts one ends it."""
    parent = _parent()
    parent.ask({"import": ["tests.programs_run"]})
    variables = {name: value for name, value in environment.items() if name.startswith("CEAP_")}
    return Forks(parent, parent.log.parent, variables, None)


def main() -> None:
    import django

    django.setup()
    codes: dict[int, int | None] = {}
    answer: int | None
    for line in sys.stdin:
        question = json.loads(line)
        if "import" in question:
            answer = _import(question["import"])
        elif "run" in question:
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


def _import(modules: list[str]) -> None:
    if missing := [module for module in modules if module not in sys.modules]:
        for module in missing:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # it is shared with the children, not looked through and copied by each


def _code(pid: int, codes: dict[int, int | None]) -> int | None:
    if codes[pid] is None:
        found, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None
    return codes[pid]


def _fork(run: str, arguments: list[Any], out: str, errors: str, environment: dict[str, str]) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        file = os.open(out, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_APPEND), 2)
        _move(environment)
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
    main()
