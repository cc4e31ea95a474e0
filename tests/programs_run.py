"""Runs in the forks of tests.programs; imported by their parent, with all that a command imports."""

from __future__ import annotations

import sys

import django.db.backends.postgresql.base  # noqa: F401

import ceap.channels.sending
import ceap.edge.app
import ceap.web.api
import ceap.web.backup
import ceap.web.roles.worker  # noqa: F401
from ceap.web import cli


def command(*words: str) -> None:
    sys.argv = ["ceap", *words]
    cli.main()


def script(code: str, *arguments: str) -> None:
    sys.argv = ["-c", *arguments]
    exec(compile(code, "<script>", "exec"), {"__name__": "__main__"})
