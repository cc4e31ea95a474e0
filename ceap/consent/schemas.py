"""What consent says and is told on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class ConsentOut(Schema):
    id: int
    channel: str
    purpose: str
    granted: bool
    source: str
    evidence: dict[str, Any]
    at: datetime


class SuppressionOut(Schema):
    id: int
    channel: str
    address: str
    purpose: str
    reason: str
    at: datetime


class StandingOut(Schema):
    """Whether marketing may be sent now on a channel, and why not in words."""

    channel: str
    allowed: bool
    reason: str
    said: str


class CustomerConsent(Schema):
    """Where a customer stands: per channel now, every record of consent (newest first), the suppressed addresses.

    `erased`: an address of the customer was that of a person erased on request; nothing is sent there.
    """

    standing: list[StandingOut]
    records: list[ConsentOut]
    suppressions: list[SuppressionOut]
    erased: bool


class GrantIn(Schema):
    channel: str = "*"
    purpose: str = Field("marketing", min_length=1, max_length=40)
    source: str = Field(min_length=1, max_length=60)
    evidence: dict[str, Any]


class WithdrawIn(Schema):
    channel: str = "*"
    purpose: str = Field("marketing", min_length=1, max_length=40)
    source: str = Field("user", min_length=1, max_length=60)
    evidence: dict[str, Any] = {}


class Suppressions(Schema):
    items: list[SuppressionOut]
    next: str | None
    total: int | None = None


class SuppressIn(Schema):
    channel: str = "email"
    address: str = Field(min_length=1, max_length=254)
    purpose: str = Field("*", min_length=1, max_length=40)
    reason: str = "manual"


class LiftIn(Schema):
    reason: str = Field(max_length=200)
