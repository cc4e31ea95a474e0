"""`ceap serve`: app, edge and worker as children of one process, started again when they end by themselves."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ceap.kit import logs
from ceap.kit.home import Home
from ceap.kit.lock import HomeInUse, HomeLock, holder
from ceap.kit.process import GRACE, REFUSED_EXIT, SUPERVISOR, child_environment, python, role, stop_on_signals

log = logging.getLogger("ceap.supervisor")
ROLES = ("app", "edge", "worker")
FIRST_WAIT, SETTLED = 0.5, 60.0
LONGEST_WAIT = {"edge": 2.0}  # with its start, events are taken again within 5 s, whatever happened before
OTHERS_LONGEST_WAIT = 30.0


@dataclass
class BackOff:
    """How long a role that ended waits for its next start: twice as long each time, up to `longest` seconds; forgotten
    once it has run for `SETTLED` seconds."""

    longest: float
    wait: float = FIRST_WAIT

    def after(self, ran: float) -> float:
        """The seconds to wait after a run of `ran` seconds."""
        if ran >= SETTLED:
            self.wait = FIRST_WAIT
        wait = min(self.wait, self.longest)
        self.wait = wait * 2
        return wait


@dataclass
class Child:
    """One role's process and when it may be started again."""

    role: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = field(default=0.0)
    clock: Callable[[], float] = time.monotonic
    back_off: BackOff = field(init=False)

    def __post_init__(self) -> None:
        self.back_off = BackOff(LONGEST_WAIT.get(self.role, OTHERS_LONGEST_WAIT))

    def start(self, home: Home) -> None:
        environment = child_environment() | {"CEAP_HOME": str(home.path), SUPERVISOR: str(os.getpid())}
        command = python("-m", "ceap.web.roles", self.role)
        self.process = subprocess.Popen(command, env=environment, cwd=home.path)
        self.started = self.clock()

    def ended(self) -> int | None:
        """The exit code, once, when it has ended since the last look; it is then due again after a back-off."""
        code = self.process.poll() if self.process else None
        if code is None:
            return None
        self.process, at = None, self.clock()
        self.due = at + self.back_off.after(at - self.started)
        return code


def run(home: Home) -> None:
    """Run all roles until SIGTERM or SIGINT, or until one refuses to start.

    Raises:
        HomeInUse: another process holds the home.
    """
    logs.configure("serve")
    stop = threading.Event()
    with HomeLock(home, "serve"):
        found = holder(home, "app")
        if found:
            raise HomeInUse(f"The home {home.path} is already in use by `ceap {found.command}` (process {found.pid}).")
        with role(home, "serve"):
            stop_on_signals(stop)
            log.info("serving %s: app %s, edge %s", home.path, home.app_url, home.edge_url)
            children = [Child(name) for name in ROLES]
            try:
                refused = _watch(children, home, stop)
            finally:
                _end(children)
    if refused:
        sys.exit(REFUSED_EXIT)


def _watch(children: list[Child], home: Home, stop: threading.Event) -> bool:
    while not stop.is_set():
        for child in children:
            code = child.ended()
            if code == REFUSED_EXIT:
                log.error("%s refuses to start (it said why above); stopping", child.role)
                return True
            if code is not None:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
                log.error("%s %s; starting it again in %.1f s", child.role, how, child.due - child.clock())
            if child.process is None and child.clock() >= child.due:
                child.start(home)
        stop.wait(0.1)
    return False


def _end(children: list[Child]) -> None:
    running = [child for child in children if child.process and child.process.poll() is None]
    for child in running:
        assert child.process
        child.process.terminate()
    until = time.monotonic() + GRACE
    for child in running:
        assert child.process
        try:
            child.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("%s did not stop within %.0f s; ending it by force", child.role, GRACE)
            child.process.kill()
            child.process.wait()
