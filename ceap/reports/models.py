"""Reports that were made."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.kit.ids import uuid7


class Report(models.Model):
    """One PDF or Excel file of a segment or a campaign, kept in History."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=5)  # pdf, xlsx
    number = models.PositiveIntegerField(default=1)  # version of the report of this subject
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="queued")  # queued, done, failed
    error = models.TextField(blank=True)
    file = models.CharField(max_length=250, blank=True)  # below the home's reports/
    size = models.BigIntegerField(null=True)
    data_as_of = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
