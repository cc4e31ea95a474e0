"""What every benchmark answers, and how one is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Literal

ROOT = Path(__file__).parents[1]
Scale = Literal["small", "full"]


@dataclass(frozen=True)
class Result:
    """What one run measured. `value`, `limit` and `peer` are in `unit`; `p99` is in milliseconds.

    limit: what the machine can do at all, measured in the same run; peer: the usual way, likewise. The ratios are
    ours ÷ theirs, as speeds (2 = twice as fast), whatever the unit. `n`: how many operations were measured. `note` is
    for the table: what was measured beside, and what stands in the way when `reached` is false.
    """

    id: str
    scale: Scale
    value: float
    unit: str
    reached: bool
    n: int
    p99: float | None = None
    limit: float | None = None
    peer: float | None = None
    ratio_limit: float | None = None
    ratio_peer: float | None = None
    note: str = ""

    def json(self) -> dict[str, object]:
        """The object that `ceap bench --json` prints."""
        order = ["id", "scale", "value", "unit", "p99", "limit", "peer", "ratio_limit", "ratio_peer", "n", "reached"]
        values = asdict(self)
        return {name: round(v, 4) if isinstance(v := values[name], float) else v for name in order}


def benchmarks() -> dict[str, ModuleType]:
    """Every benchmark by id, in order."""
    import benchmarks as folder

    modules = [import_module(f"benchmarks.{m.name}") for m in iter_modules(folder.__path__) if m.name[:1] == "f"]
    found = {module.ID: module for module in modules if hasattr(module, "ID")}
    return dict(sorted(found.items(), key=lambda pair: int(pair[0].split("-")[1])))


def run(id: str, scale: Scale) -> Result:
    """Run one benchmark in a process and a home of its own.

    Raises:
        RuntimeError: it failed; the message has the end of what it said.
    """
    home = tempfile.mkdtemp(prefix=f"ceap-bench-{id}-")
    environment = {**os.environ, "CEAP_HOME": home, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment |= {"CEAP_OUTBOUND_PRIVATE": "true", "CEAP_OUTBOUND_MAIL_PORTS": "any"}  # the sink is on loopback
    environment.pop("CEAP_STORE_URL", None)
    load = os.getloadavg()[0]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.frame", id, scale], cwd=ROOT, env=environment, capture_output=True,
            text=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{id} failed:\n{done.stderr[-3000:]}")
        found = Result(**json.loads(done.stdout.splitlines()[-1]))
        busy = f"; the machine was busy with other work: load {load:.0f} before the start"
        return replace(found, note=found.note + busy) if load >= 1 else found
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server(role: str, ready_url: str, *, timeout: float = 30.0) -> Iterator[subprocess.Popen[bytes]]:
    """A role of the product as a process on `$CEAP_HOME`, stopped (and waited for) at the end."""
    from urllib.request import urlopen

    process = subprocess.Popen([sys.executable, "-m", "ceap", role], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        import time

        until = time.monotonic() + timeout
        while True:
            try:
                with urlopen(ready_url, timeout=1) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise RuntimeError(f"{role} did not become ready at {ready_url}") from None
                time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 … 1) of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    print(json.dumps(asdict(benchmarks()[sys.argv[1]].run(sys.argv[2]))))
