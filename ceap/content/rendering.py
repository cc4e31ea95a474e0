"""The parent's side of the renderer: owns the limited child process and starts another when it dies."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import ceap
from ceap.content.contracts import Compiled, Reason, Rendered, RenderFailure
from ceap.content.renderer import frames
from ceap.content.renderer.limits import Limits
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.process import python

log = logging.getLogger("ceap.content")
ROOT = str(Path(ceap.__file__).parents[1])
BATCH = 200
VERSIONS_PER_CHILD = 64
START_SECONDS = 30.0


class ChildDied(Exception):
    """The child ended or was stopped; `reason` says what that means for the context it was at."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Child:
    """One running child process and the versions it has loaded."""

    def __init__(self, secret: str, limits: Limits, preview: bool):
        self.limits, self.preview = limits, preview
        self.loaded: set[str] = set()
        self.buffer = bytearray()
        self.process = subprocess.Popen(
            python("-m", "ceap.content.renderer"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": ROOT, "PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
            cwd="/",
            bufsize=0,
        )
        self.started = False
        self.send({"secret": secret, "limits": asdict(limits)})

    def send(self, value: Any) -> None:
        assert self.process.stdin
        view = memoryview(frames.pack(value))
        try:
            while view:
                view = view[self.process.stdin.write(view) :]
        except OSError as error:
            raise self.death() from error

    def receive(self, seconds: float) -> Any:
        """The next frame, at most `seconds` from now.

        Raises:
            ChildDied: it ended, or took longer and was killed.
        """
        deadline = time.monotonic() + (seconds if self.started else START_SECONDS)
        while (value := self._take()) is None:
            left = deadline - time.monotonic()
            assert self.process.stdout
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.stop()
                raise ChildDied(Reason.TIMEOUT, f"The template took more than {self.limits.wall:g} s.")
            if not (data := os.read(self.process.stdout.fileno(), 1 << 20)):
                raise self.death()
            self.buffer += data
        self.started = True
        return value

    def _take(self) -> Any:
        size = frames.HEADER.size
        if len(self.buffer) < size:
            return None
        end = size + frames.HEADER.unpack_from(self.buffer)[0]
        if len(self.buffer) < end:
            return None
        value = frames.decode(self.buffer[size:end])
        del self.buffer[:end]
        return value

    def death(self) -> ChildDied:
        self.stop(grace=1.0)
        code = self.process.returncode
        if code in (-signal.SIGXCPU, -signal.SIGPROF):
            return ChildDied(Reason.TIMEOUT, "The template used too much computing time.")
        return ChildDied(Reason.CRASH, f"The renderer ended unexpectedly ({code}).")

    def stop(self, grace: float = 0.0) -> None:
        """End the process: `grace` seconds for it to end by itself, then at once."""
        if grace:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()


def plain(value: Any) -> Any:
    """A context as templates see it: empty text is nil, decimals read as people write them (12, not 12.0000)."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if value == "" else value


class Renderer:
    """Renders versions for many recipients in one child process at a time. Safe to share between threads.

    A message that takes too long, too much memory or breaks fails alone; the child is replaced and the rest goes on.
    `preview=True` marks missing variables (see `renderer.environment.MISSING`). Use as a context manager, or `close()`.
    """

    def __init__(self, *, secret: str | None = None, limits: Limits = Limits(), preview: bool = False):
        self._secret = secret if secret is not None else Home.load().secret
        self._limits, self._preview = limits, preview
        self._child: Child | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            self._drop()

    def render(self, compiled: Compiled, contexts: Sequence[dict[str, Any]]) -> list[Rendered | RenderFailure]:
        """One result for each context, in order. A context holds `customer` (field → value) and, for sends, `track`."""
        with self._lock:
            results: list[Rendered | RenderFailure] = []
            suspect = -1  # the context at which a child died without a reason of the template's own
            while len(results) < len(contexts):
                try:
                    self._batch(compiled, contexts[len(results) : len(results) + BATCH], results)
                except ChildDied as death:
                    self._drop()
                    at = len(results)
                    log.warning("renderer of version %s: %s", compiled.id, death.detail)
                    if death.reason is Reason.CRASH and suspect != at:
                        suspect = at
                        continue
                    results.append(RenderFailure(death.reason, death.detail))
            return results

    def _batch(
        self, compiled: Compiled, contexts: Sequence[dict[str, Any]], results: list[Rendered | RenderFailure]
    ) -> None:
        child, version = self._ready(), str(compiled.id)
        if version not in child.loaded:
            child.send(
                {
                    "op": "load",
                    "id": version,
                    "preview": self._preview,
                    "subject": compiled.subject,
                    "html": compiled.html,
                    "text": compiled.text,
                }
            )
            answer = child.receive(self._limits.wall * 2)
            if answer["failed"]:
                failure = RenderFailure(Reason(answer["failed"]), answer["detail"])
                results.extend(failure for _ in contexts)
                return
            child.loaded.add(version)
        sent = [plain(context) for context in contexts]
        child.send({"op": "render", "id": version, "contexts": sent, "now": now()})
        for _ in contexts:
            answer = child.receive(self._limits.wall)
            if len(answer) == 3:
                results.append(Rendered(*answer))
                continue
            results.append(RenderFailure(Reason(answer[0]), answer[1]))
            if answer[0] == Reason.MEMORY:  # the child ends itself, so that nobody pays for its fragmented memory
                self._drop()
                return

    def _ready(self) -> Child:
        if self._child and len(self._child.loaded) >= VERSIONS_PER_CHILD:
            self._drop()
        if self._child is None:
            self._child = Child(self._secret, self._limits, self._preview)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            child, self._child = self._child, None
            child.stop()
