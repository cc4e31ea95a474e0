"""Files that came in, and what became of each row."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.kit.ids import uuid7


class Import(models.Model):
    """One file brought in: `target` is customers, items, purchases or events; the job does the work."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.CharField(max_length=20)
    file_name = models.CharField(max_length=250)
    file = models.CharField(max_length=250)  # below the home's media/
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    mapping = models.JSONField(default=dict)  # column of the file -> field key
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="draft")
    job_id = models.UUIDField(null=True)
    position = models.BigIntegerField(default=0)  # rows of the file done, committed with their effect
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    receipt = models.CharField(max_length=250, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name
