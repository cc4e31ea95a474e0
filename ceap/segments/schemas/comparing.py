"""The wire of comparing segments."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema


class ComparisonIn(Schema):
    segments: list[UUID] = Field(description="Two to four.")


class RegionOut(Schema):
    """How many customers are in all of `inside` (join "or": in any), and in none of `outside`."""

    inside: list[UUID]
    outside: list[UUID]
    join: Literal["and", "or"]
    count: int


class ComparedOut(Schema):
    id: UUID
    name: str
    size: int
    seen: int = Field(description="Members whom one may see; every other count is of them.")
    data_as_of: datetime


class PairOut(Schema):
    """Two segments: who is in both, only in the first, only in the second."""

    both: RegionOut
    first: RegionOut
    second: RegionOut


class ComparisonOut(Schema):
    """Each customer who is in any of the segments is in exactly one of `regions`."""

    segments: list[ComparedOut]
    regions: list[RegionOut]
    everywhere: RegionOut
    anywhere: RegionOut
    pairs: list[PairOut]
    note: str
