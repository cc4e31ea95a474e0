"""One coarse job and how far it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.jobs.contracts import State
from ceap.kit.ids import uuid7


class Job(models.Model):
    """Work that takes longer than a request: state, progress, lease, result.

    Held by whoever wrote `lease_token` last; once `lease_until` has passed the watchdog queues it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True, db_index=True)  # "segment:<uuid>", to find its jobs
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=State.QUEUED, choices=[(s, s) for s in State])
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.CharField(max_length=250, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    attempts = models.IntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Heartbeat(models.Model):
    """A process that holds leases in a store that several machines share, and how often it has said that it lives."""

    id = models.CharField(max_length=12, primary_key=True)  # of ceap.kit.leases
    machine = models.CharField(max_length=64)
    beats = models.BigIntegerField()
    at = models.DateTimeField()  # for tidying up alone: clocks of machines need not agree

    def __str__(self) -> str:
        return f"{self.id} on {self.machine}"
