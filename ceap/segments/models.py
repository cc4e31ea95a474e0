"""Segments and their membership versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.kit.ids import uuid7

USER = settings.AUTH_USER_MODEL


class Segment(models.Model):
    """A rule whose membership changes by itself. `rule` is the JSON of `ceap.segments.rules.Rule`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=250, blank=True)
    rule = models.JSONField(default=dict)
    rule_version = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True)
    current = models.ForeignKey("MembershipVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class MembershipVersion(models.Model):
    """Who is in a segment as of a moment: a roaring bitmap of customer keys, written together with its size.

    state: queued, building, ready, failed, superseded. The build is leased; the previous ready version serves.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    rule_version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default="queued")
    run_id = models.UUIDField(null=True)  # one per nightly run
    bitmap = models.BinaryField(null=True)
    size = models.BigIntegerField(null=True)
    entered = models.BigIntegerField(null=True)
    left = models.BigIntegerField(null=True)
    data_as_of = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="membership_number")]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number} {self.state}"
