"""Reports that were made, and those that are made by schedule."""

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
    filters = models.JSONField(default=dict)  # what a discovered segment was narrowed to; {} = not at all
    words = models.TextField(blank=True)  # the filters in words
    discovered = models.BooleanField(default=False)  # of a discovered segment: its numbers are of customers seen
    format = models.CharField(max_length=5)  # pdf, xlsx
    number = models.PositiveIntegerField(default=1)  # version of the report of this subject, filters and format
    every_customer = models.BooleanField(default=False)  # says something of customers whoever owns them
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


class Schedule(models.Model):
    """A report of a segment that is made again and again, as whoever set it up may see the segment then.

    every: day, week, month; day: 1 = Monday … 7, or of the month (a shorter month: its last day). `next_at` is None
    while it is paused; `problem` says what went wrong last, and `failures` how often in a row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    segment_id = models.UUIDField()
    name = models.CharField(max_length=200)  # of the segment
    filters = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    format = models.CharField(max_length=5)
    existing = models.CharField(max_length=10)  # overwrite, new
    every = models.CharField(max_length=5)
    day = models.PositiveSmallIntegerField(null=True)
    at = models.TimeField()  # in the organisation's zone
    next_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)  # the time that the last run made up for; null when it was on time
    last_report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="+")
    problem = models.CharField(max_length=250, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    made_by_kind = models.CharField(max_length=10)  # user, key, system
    made_by_id = models.CharField(max_length=40)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="report_schedule_due")]

    def __str__(self) -> str:
        return self.name
