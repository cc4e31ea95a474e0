"""What others may see of a campaign."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


ACTIVE = (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
SOURCE = "campaign"  # source_kind of its deliveries


class Type(StrEnum):
    ENROLLMENT = "enrollment"
    RETENTION = "retention"
    EVENT = "event"
    NURTURE = "nurture"
