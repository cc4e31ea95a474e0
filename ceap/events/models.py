"""The change log and its readers' positions."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One entry of the append-only change log; what it says is accepted when this row is committed.

    kind: "event" (payload: the event), "purchase" (payload: order with lines), "customers" (payload:
    {"ids": [[first, last], …]}: these customers' rows changed: read them), "batch" (payload: {"file", "sha256",
    "rows", "table"}: a checksummed Parquet file of the archive), "fields" (the custom fields changed).
    """

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()  # when it was accepted
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120, blank=True)  # of an event
    customer = models.BigIntegerField(null=True)
    dedupe = models.CharField(max_length=160, null=True, unique=True)  # the client's event id
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["customer", "seq"])]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.name}"


class Position(models.Model):
    """How far one consumer has read: everything up to and including `seq`."""

    consumer = models.CharField(primary_key=True, max_length=60)
    seq = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.consumer} @ {self.seq}"


class ArchiveFile(models.Model):
    """One checksummed Parquet file of the event archive (kept 5 years)."""

    file = models.CharField(primary_key=True, max_length=200)  # below the home's archive/
    sha256 = models.CharField(max_length=64)
    table = models.CharField(max_length=30)
    rows = models.BigIntegerField()
    first_seq = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file
