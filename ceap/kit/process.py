"""What every role does about its own process: a pid file, an end with its supervisor, a refusal to start."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from ceap.kit.home import PRIVATE, Home
from ceap.kit.problem import Conflict, Problem

log = logging.getLogger("ceap.process")
SUPERVISOR = "CEAP_SUPERVISOR_PID"
GRACE = 20.0  # seconds a role may take to stop
NICENESS = 10  # of threads that work while pages and other requests go first
REFUSED_EXIT = 78  # EX_CONFIG: starting again would not help


class StartRefused(Conflict):
    """The role cannot start, and would not the next time either, until somebody acts."""


def refuse(problem: Problem, *, as_json: bool = False) -> NoReturn:
    """End this process with what stood in the way: its sentence on stderr (or all of it as JSON on stdout)."""
    if as_json:
        sys.stdout.write(f"{json.dumps(problem.body())}\n")
    else:
        lines = [f"ceap: {problem.detail}", *(f"  {error.field}: {error.message}" for error in problem.errors)]
        sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(REFUSED_EXIT if isinstance(problem, StartRefused) else 1)


def python(*words: str) -> list[str]:
    """The command that runs this Python with `words`; nothing is imported from the working folder (`-P`)."""
    return [sys.executable, "-P", *words]


def child_environment() -> dict[str, str]:
    """This process's environment for a Python child: its own children import nothing from their working folder."""
    return {**os.environ, "PYTHONSAFEPATH": "1"}


@contextmanager
def role(home: Home, name: str) -> Iterator[None]:
    """Be the process of role `name` of `home`: writes run/<name>.pid, and stops when its supervisor has died.

    Its files are for their owner alone, and its working folder is the home, wherever it was started.
    """
    os.umask(PRIVATE)
    home.create()
    if name == "app" and (count := home.tighten()):
        log.warning(
            "%d folders and files of %s could be read by other users of this machine; no more", count, home.path
        )
    os.chdir(home.path)
    (home.path / "run" / f"{name}.ready").unlink(missing_ok=True)
    end_with_supervisor()
    file = home.path / "run" / f"{name}.pid"
    file.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        (home.path / "run" / f"{name}.ready").unlink(missing_ok=True)
        if file.exists() and file.read_text().strip() == str(os.getpid()):
            file.unlink()


def step_back() -> None:
    """Let others go before the calling thread and those that it starts, where the system can say so of a thread."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def ready(home: Home, name: str) -> None:
    """Say, by run/<name>.ready, that the role has begun its work (for roles that listen on no port)."""
    (home.path / "run" / f"{name}.ready").touch()


def end_with_supervisor() -> None:
    """Have this process stop (SIGTERM, then by force) once the supervisor that started it is gone."""
    supervisor = int(os.environ.get(SUPERVISOR, "0"))
    if not supervisor:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    # Elsewhere, and when the parent died before prctl, a look at the parent does it.
    threading.Thread(target=_watch, args=(supervisor,), daemon=True, name="supervisor watch").start()


def _watch(supervisor: int) -> None:
    pause = threading.Event()
    while os.getppid() == supervisor:
        pause.wait(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    pause.wait(GRACE)
    os._exit(1)


def stop_on_signals(stop: threading.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT (call it in the main thread)."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def serve_http(server: Any, stop: threading.Event) -> None:
    """Run a uvicorn server until a signal, also one that comes while the role is still starting; then set `stop`."""

    def end() -> None:
        stop.wait()
        server.should_exit = True

    stop_on_signals(stop)  # uvicorn raises the signal again once it has stopped; what follows must still run
    threading.Thread(target=end, daemon=True, name="stop").start()
    try:
        server.run()
    finally:
        stop.set()


def join(threads: Iterable[threading.Thread], seconds: float) -> None:
    """Wait for threads to end, `seconds` for all of them together."""
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
