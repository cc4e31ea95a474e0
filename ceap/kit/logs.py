"""Log lines as JSON, one object a line, with personal data left out."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"\+\d[\d ()-]{6,}\d")
_LINK = re.compile(r"(/[ocu]/)[\w-]{8,}")
_SECRET = re.compile(r"\b(ceap_\w{4})\w+|(?i:(bearer ))[\w.~+/-]+=*")


def redact(text: str) -> str:
    """`text` without email addresses, phone numbers, tracking tokens and keys."""
    text = _EMAIL.sub("<email>", text)
    text = _PHONE.sub("<phone>", text)
    text = _LINK.sub(r"\1<token>", text)
    return _SECRET.sub(lambda m: (m.group(1) or m.group(2)) + "…", text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, role, logger, message, request (correlation id), and `extra={"data": {…}}`."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.role = role

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "role": self.role, "logger": record.name,
            "message": redact(record.getMessage()),
        }  # fmt: skip
        if found := request_id.get():
            line["request"] = found
        line |= getattr(record, "data", {})
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """The same for a person's terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


_role = ""


def formatter() -> logging.Formatter:
    """JSON lines; plain lines on a person's terminal."""
    if sys.stderr.isatty():
        return LineFormatter(f"%(asctime)s %(levelname)-7s {_role:<6} %(message)s", "%H:%M:%S")
    return JsonFormatter(_role)


def configure(role: str) -> None:
    """Log to stderr for `role`."""
    global _role
    _role = role
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("ceap").setLevel(logging.INFO)
