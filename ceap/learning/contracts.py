"""What others may see of learning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from ceap.core.learning.scored import Scored

__all__ = ["MANAGE", "TRAIN", "VIEW", "Discovered", "Scored"]

TRAIN = "learning.train"  # the job
VIEW = "customers_segment_view"
MANAGE = "learning_manage"


@dataclass(frozen=True)
class Discovered:
    """One segment of the version in use: who belongs to it, by the data as of a moment."""

    key: str
    name: str
    words: str
    members: BitMap
    version: int
    as_of: datetime
