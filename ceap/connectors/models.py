"""Files that came in, and what became of each row."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.connectors.contracts import State
from ceap.kit.ids import uuid7


class Import(models.Model):
    """One file brought in: `target` is customers, items, purchases or events; the job does the work.

    `position` and the counts are committed together with the rows they are about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.CharField(max_length=20)
    file_name = models.CharField(max_length=250)
    file = models.CharField(max_length=250)  # below the home's media/
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    form = models.JSONField(default=dict)  # ceap.connectors.contracts.Form: what the file was found to be
    mapping = models.JSONField(default=dict)  # column of the file -> field key
    options = models.JSONField(default=dict)  # ceap.connectors.contracts.Options
    state = models.CharField(max_length=12, default=State.DRAFT, choices=[(s, s) for s in State])
    message = models.CharField(max_length=500, blank=True)
    job_id = models.UUIDField(null=True)
    rows = models.BigIntegerField(null=True)  # in the file; an estimate until the end is reached
    position = models.BigIntegerField(default=0)  # rows of the file done, committed with their effect
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)  # values reported and not taken, of rows that were
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="import_newest")]

    def __str__(self) -> str:
        return self.file_name


class Finding(models.Model):
    """One line of an import's receipt: a row that was rejected, or a value of it that was left out."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="findings")
    row = models.BigIntegerField()  # as a spreadsheet counts: the header is row 1
    column = models.CharField(max_length=250, blank=True)
    value = models.CharField(max_length=250, blank=True)
    reason = models.CharField(max_length=500)
    rejected = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["of", "id"], name="finding_of_import")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.column} {self.reason}"
