"""F-15: from `ceap serve` to ready, and the resident memory of all roles at rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from benchmarks.frame import ROOT, Result, Scale, free_port

ID = "F-15"
WORK = "`ceap serve` cold start < 4 s; resident memory idle < 400 MiB, all roles"
ROLES = ("serve", "app", "edge", "worker")


def run(scale: Scale) -> Result:
    ports = {"CEAP_APP_PORT": str(free_port()), "CEAP_EDGE_PORT": str(free_port())}
    os.environ |= ports
    home = Path(os.environ["CEAP_HOME"])
    first, _ = _start(home, ports, rest=0)  # makes the store
    starts = [_start(home, ports, rest=0)[0] for _ in range(1 if scale == "small" else 4)]
    seconds, memory = _start(home, ports, rest=5 if scale == "small" else 30)
    seconds = sorted([*starts, seconds])[len(starts) // 2]
    total = sum(rss for rss, _ in memory.values())
    own = sum(pss for _, pss in memory.values())
    each = ", ".join(f"{role} {rss:.0f}" for role, (rss, _) in memory.items())
    return Result(
        ID, scale, seconds, "s", reached=seconds < 4 and total < 400, n=len(starts) + 2,
        note="ready = app and edge answer /readyz with 200 and the worker has begun; median. First start of an empty "
        f"home {first:.1f} s. At rest {total:.0f} MiB resident ({each}; shared pages counted once: {own:.0f} MiB)",
    )  # fmt: skip


def _start(home: Path, ports: dict[str, str], *, rest: float) -> tuple[float, dict[str, tuple[float, float]]]:
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "ceap", "serve"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for port in ports.values():
            while True:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                        if answer.status == 200:
                            break
                except OSError:
                    if time.perf_counter() - begun > 60 or process.poll() is not None:
                        raise RuntimeError("it did not become ready") from None
                    time.sleep(0.02)
        while not (home / "run" / "worker.ready").exists():
            if time.perf_counter() - begun > 60:
                raise RuntimeError("the worker did not begin")
            time.sleep(0.02)
        took = time.perf_counter() - begun
        time.sleep(rest)
        return took, {role: _memory(int((home / "run" / f"{role}.pid").read_text())) for role in ROLES}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process and its children, in MiB."""
    lines = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line[:3] in ("Rss", "Pss")
    )
    rss, pss = (int(lines[name].split()[0]) / 1024 for name in ("Rss", "Pss"))
    for child in _children(pid):
        if ROLES[0] not in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):  # the roles are counted themselves
            more = _memory(child)
            rss, pss = rss + more[0], pss + more[1]
    return rss, pss


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # the thread has ended
            found += map(int, (task / "children").read_text().split())
    return found
