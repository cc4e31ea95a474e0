"""The child: reads versions and contexts from stdin, writes one answer for each context to stdout.

First frame: {"secret", "limits"}. Then any of
  {"op": "load", "id", "preview", "subject", "html", "text"}: one answer, {"failed": reason | "", "detail"};
  {"op": "render", "id", "contexts", "now"}: one answer for each context, [subject, html, text] or [reason, detail].
It ends when stdin does, or after it ran out of memory (its parent starts another).
"""

from __future__ import annotations

import re
import resource
import signal
import sys
import time
from typing import Any

from liquid.exceptions import LiquidError, OutputStreamLimitError, ResourceLimitError

from ceap.content.renderer import frames
from ceap.content.renderer.environment import Hollow, environment
from ceap.content.renderer.limits import ZONE, Limits
from ceap.content.renderer.moments import Place

BLANK_LINES = re.compile(r"\n\s*\n\s*\n")
UNSEEN = re.compile(
    r"<!--.*?-->|<(style|head|title)\b.*?</\1>|<[^<>]*>|&nbsp;|&#160;|[\u00a0\u200b-\u200d\ufeff]", re.S | re.I
)
PICTURE = re.compile(r"<img (?![^>]*\bwidth=\"1\")", re.I)
LOAD_FACTOR = 10  # parsing may take so many times what a render may


def visible(page: str) -> str:
    """The words of `page` (HTML) that somebody sees."""
    return UNSEEN.sub("", page)


class OutOfTime(BaseException):
    """The CPU time of one render is used up; not an Exception, so that nothing on the way swallows it."""


def out_of_time(*_: Any) -> None:
    raise OutOfTime


def confine(limits: Limits) -> None:
    """Give up what rendering does not need: memory, files, core dumps."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGPROF, out_of_time)


class Clock:
    """Limits the CPU time of a block twice: a signal Python notices, and one the kernel kills with."""

    def __init__(self, seconds: float):
        self.seconds, self.hard = seconds, 0

    def start(self, factor: int = 1) -> None:
        hard = int(time.process_time() + self.seconds * factor) + 2
        if hard > self.hard:
            self.hard = hard
            resource.setrlimit(resource.RLIMIT_CPU, (hard, resource.RLIM_INFINITY))
        signal.setitimer(signal.ITIMER_PROF, self.seconds * factor)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)


class Versions:
    """Parsed versions (the parent starts a new child before there are too many)."""

    def __init__(self, secret: str, limits: Limits):
        from ceap.core.links import sign_target

        self.limits, self.clock = limits, Clock(limits.cpu)
        self.kept: dict[str, tuple[Any, Any, Any]] = {}
        self.written: dict[str, tuple[bool, ...]] = {}  # preview, then whether there is a subject, HTML, text
        self.place = Place()

        def sign(url: str) -> str:
            return sign_target(secret, url)

        self.environments = {
            preview: (
                environment(escape=True, preview=preview, sign=sign, place=self.place),
                environment(escape=False, preview=preview, sign=sign, place=self.place),
            )
            for preview in (False, True)
        }

    def load(self, frame: dict[str, Any]) -> dict[str, str]:
        """Parse a version and keep it; says what failed."""
        html, plain = self.environments[frame["preview"]]
        try:
            self.clock.start(LOAD_FACTOR)
            parts = (frame["subject"], frame["html"], frame["text"])
            self.written[frame["id"]] = (frame["preview"], *(bool(part.strip()) for part in parts))
            self.kept[frame["id"]] = (
                plain.from_string(frame["subject"]),
                html.from_string(frame["html"]),
                plain.from_string(frame["text"]),
            )
        except OutOfTime:
            return {"failed": "template_timeout", "detail": "Reading the template took too long."}
        except MemoryError:
            return {"failed": "template_memory", "detail": "Reading the template took too much memory."}
        except LiquidError as error:
            return {"failed": "template_error", "detail": str(error)[:250]}
        finally:
            self.clock.stop()
        return {"failed": "", "detail": ""}

    def render(self, version: str, context: dict[str, Any]) -> list[str]:
        """[subject, html, text] for one context, or [reason, detail]."""
        try:
            self.clock.start()
            self.place.move(context.pop(ZONE, ""))
            context = {name: self.place.localised(value) for name, value in context.items()}
            subject, html, text = (part.render(**context) for part in self.kept[version])
        except OutOfTime:
            return ["template_timeout", f"The template used more than {self.limits.cpu:g} s of computing time."]
        except MemoryError:
            return ["template_memory", f"The template needs more than {self.limits.memory >> 20} MB of memory."]
        except OutputStreamLimitError:
            return ["template_too_large", "The message is larger than a message may be."]
        except ResourceLimitError as error:
            return ["template_timeout", f"The template goes on for too long: {error}"[:250]]
        except Hollow as error:
            return ["template_empty", str(error.message)]
        except Exception as error:  # whatever a template does to itself concerns this recipient only
            return ["template_error", f"{type(error).__name__}: {error}"[:250]]
        finally:
            self.clock.stop()
        if "\n\n\n" in text:  # what conditions left empty
            text = BLANK_LINES.sub("\n\n", text).strip() + "\n"
        if len(html) + len(text) + len(subject) > self.limits.output:
            return ["template_too_large", f"The message is larger than {self.limits.output:,} characters."]
        subject = " ".join(subject.split())
        if missing := self._missing(version, subject, html, text):
            return ["template_empty", missing]
        return [subject, html, text]

    def _missing(self, version: str, subject: str, html: str, text: str) -> str:
        """Which part that the template writes is empty in this message; "" in previews, which show it."""
        preview, *wanted = self.written[version]
        if preview:
            return ""
        if wanted[0] and not subject:
            return "The subject is empty."
        words = text if wanted[2] else visible(html)
        if (wanted[1] or wanted[2]) and not words.strip() and not PICTURE.search(html):
            return "The message is empty."
        return ""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when this ends
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    start = frames.read(stdin)
    if start is None:
        return
    limits = Limits(**start["limits"])
    versions = Versions(start["secret"], limits)
    confine(limits)
    while (frame := frames.read(stdin)) is not None:
        if frame["op"] == "load":
            stdout.write(frames.pack(versions.load(frame)))
            stdout.flush()
            continue
        versions.place.moment = frame["now"]
        for context in frame["contexts"]:
            answer = versions.render(frame["id"], context)
            stdout.write(frames.pack(answer))
            stdout.flush()
            if answer[0] == "template_memory":
                return


if __name__ == "__main__":
    main()
