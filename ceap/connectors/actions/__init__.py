"""Writes of imports: upload, check, start, run, delete."""

from ceap.connectors.actions.run import run
from ceap.connectors.actions.start import check, delete, start
from ceap.connectors.actions.upload import upload

__all__ = ["check", "delete", "run", "start", "upload"]
