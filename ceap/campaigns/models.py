"""Campaigns."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.content.models import Version
from ceap.kit.ids import uuid7
from ceap.segments.models import MembershipVersion, Segment

__all__ = ["Campaign", "MembershipVersion", "Segment"]
USER = settings.AUTH_USER_MODEL


class Campaign(models.Model):
    """Audience, message, schedule, budget.

    status: draft, scheduled, running, paused, completed, cancelled. `pinned` is the membership version it resolved.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    type = models.CharField(max_length=20, default="nurture")  # enrollment, retention, event, nurture
    objective = models.CharField(max_length=250, blank=True)
    status = models.CharField(max_length=12, default="draft")
    status_reason = models.CharField(max_length=250, blank=True)
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT, related_name="+")
    pinned = models.ForeignKey(MembershipVersion, null=True, on_delete=models.PROTECT, related_name="+")
    exclusions = models.ManyToManyField(Segment, related_name="+")
    pinned_exclusions = models.ManyToManyField(MembershipVersion, related_name="+")
    channel = models.CharField(max_length=20, default="email")
    content_version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)  # placeholder of the content -> {"path", "fallback"}
    sender_id = models.UUIDField(null=True)
    schedule = models.JSONField(default=dict)  # as `rules.Schedule.parse` reads it
    send_within_hours = models.PositiveSmallIntegerField(default=24)  # later than due + this it expires
    starts_at = models.DateTimeField(null=True)  # when its audience is resolved
    launched_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)  # when every delivery row had been written
    planned = models.BigIntegerField(null=True)
    completed_at = models.DateTimeField(null=True)
    budget = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    cost_fixed = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    cost_per_message = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    conversion_days = models.PositiveSmallIntegerField(default=7)
    approval_requested_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_version = models.PositiveIntegerField(null=True)  # an edit afterwards needs a new approval
    job_id = models.UUIDField(null=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name
