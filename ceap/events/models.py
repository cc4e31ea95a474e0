"""The change log, its readers' positions, the files of the archive."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One entry of the append-only change log; what it says is accepted when this row is committed.

    Kinds and payloads are in `ceap.core.changelog`, which is the only writer. On PostgreSQL the table has one more
    column, `tx`: the id of the transaction that wrote the row (migration 0002); readers go by (tx, seq).
    """

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()  # when it was accepted
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120, blank=True)  # of an event
    customer = models.BigIntegerField(null=True)
    dedupe = models.CharField(max_length=160, null=True, unique=True)  # the client's event id
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["customer", "seq"], name="entry_customer")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.name}"


class Position(models.Model):
    """How far one consumer has read: every entry up to and including (`tx`, `seq`); `tx` is 0 on SQLite."""

    consumer = models.CharField(primary_key=True, max_length=60)
    tx = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.consumer} @ {self.seq}"


class ArchiveFile(models.Model):
    """One checksummed Parquet file of the event archive (kept 5 years).

    table: "events" or "purchases" for bulk data, which a "batch" entry announces; "entries" for log entries that every
    consumer has passed, moved here with `first_seq` … `last_seq`. `original`: the name under which entries announce
    it, when it was rewritten since without an erased person; else "".
    """

    file = models.CharField(primary_key=True, max_length=200)  # below the home's archive/
    sha256 = models.CharField(max_length=64)
    table = models.CharField(max_length=30)
    rows = models.BigIntegerField()
    first_seq = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    original = models.CharField(max_length=200, blank=True, default="", db_index=True)

    def __str__(self) -> str:
        return self.file


class Receipt(models.Model):
    """The answer given to one request with an Idempotency-Key, kept for a week; written by the edge."""

    key = models.CharField(primary_key=True, max_length=240)  # "<api key>:<idempotency key>"
    body = models.CharField(max_length=64)  # SHA-256 of the request's body
    accepted = models.IntegerField()
    duplicates = models.IntegerField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class Rate(models.Model):
    """What one unit of `currency` was worth in `into`, the organisation's currency, from `day` until the next rate."""

    currency = models.CharField(max_length=3)
    into = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=19, decimal_places=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["currency", "into", "day"], name="rate_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} 1 {self.currency} = {self.rate} {self.into}"
