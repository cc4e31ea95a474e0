"""The product's commands, and scripts on it, each in a fork of one process that has imported the product.

A fork is a process of its own, with its own home, and ends, fails and is killed as any other; a new interpreter would
import everything for two seconds first. Real starts: tests/web/test_supervisor.py, tests/stories, tests/crash.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.crash.forks import Child, programs


@dataclass(frozen=True)
class Done:
    """How a program ended: `code` is negative after a signal; `said` is all that it printed."""

    code: int
    said: str


def start(environment: Mapping[str, str], *words: str) -> Child:
    """`ceap WORD…`, with the variables of `environment` whose names begin with CEAP_."""
    return programs(environment).start("tests.programs_run:command", *words)


def ceap(home: Path, *words: str, expect: int = 0) -> str:
    """What `ceap WORD…` says on `home`, on SQLite; it must end with `expect`."""
    done = _ended(start({**os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": ""}, *words))
    assert done.code == expect, done.said
    return done.said


def script(environment: Mapping[str, str], code: str, *arguments: str) -> Done:
    """Run Python `code` on the product, Django set up, with `arguments` in sys.argv[1:]."""
    return _ended(programs(environment).start("tests.programs_run:script", code, *arguments))


def _ended(child: Child) -> Done:
    return Done(child.wait(), child.out.read_text())
