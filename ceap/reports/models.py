"""Reports that were made."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.kit.ids import uuid7


class Report(models.Model):
    """One PDF or Excel file of a segment or a campaign, kept in History.

    state: queued, done, failed, cancelled. `replaces` is the report that goes once this one is done.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=5)  # pdf, xlsx
    number = models.PositiveIntegerField(default=1)  # version of the report of this subject in this format
    every_customer = models.BooleanField(default=False)  # lists customers whoever owns them
    state = models.CharField(max_length=10, default="queued")
    error = models.CharField(max_length=250, blank=True)
    file = models.CharField(max_length=250, blank=True)  # below the home's reports/
    size = models.BigIntegerField(null=True)
    data_as_of = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    made_by_kind = models.CharField(max_length=10)  # user, key, system
    made_by_id = models.CharField(max_length=40)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="report_history"),
            models.Index(fields=["subject_kind", "subject_id", "format"], name="report_subject"),
        ]

    def __str__(self) -> str:
        return self.name
