"""What others may see of learning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pyroaring import BitMap

from ceap.core.learning.about import Scored

__all__ = [
    "COMPARE", "EVALUATE", "LOOK", "MANAGE", "MATCHES", "TRAIN", "VIEW", "Deploy", "Discovered", "Every",
    "OneScored", "Plan", "Scored", "Training",
]  # fmt: skip

TRAIN, LOOK, COMPARE, EVALUATE = "learning.train", "learning.look", "learning.compare", "learning.evaluate"  # jobs
VIEW = "customers_segment_view"
MANAGE = "learning_manage"
MATCHES = ("customer_id", "email", "phone")  # what the rows of a file can name customers by


@dataclass(frozen=True)
class Discovered:
    """One segment of the version in use: who belongs to it, by the data as of a moment."""

    key: str
    name: str
    words: str
    members: BitMap
    version: int
    as_of: datetime


@dataclass(frozen=True)
class OneScored:
    """The segment of one customer. segments: every segment's key → probability."""

    segment: str
    name: str
    probability: float
    segments: dict[str, float]
    version: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Training:
    """What to train on: a kept file, else all purchases; how many segments (None: chosen); the seed."""

    file: str | None = None
    segments: int | None = None
    seed: int = 1


class Every(StrEnum):
    """How often the model is trained again."""

    OFF = "off"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Deploy(StrEnum):
    """Who puts a re-trained version to use."""

    PERSON = "person"
    AUTOMATIC = "automatic"  # when it is not worse than the one in use


@dataclass(frozen=True)
class Plan:
    """When the model is trained again: on `weekday` (0 = Monday) or `day` of the month (1–28), at `at` (HH:MM)."""

    every: Every = Every.OFF
    weekday: int = 0
    day: int = 1
    at: str = "03:00"
    deploy: Deploy = Deploy.PERSON
    segments: int | None = None
    seed: int = 1
