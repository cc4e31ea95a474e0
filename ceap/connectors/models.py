"""Files that came in and what became of each row; webhooks and what they were told."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.connectors.contracts import CallState, Hook, State
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
    choice = models.JSONField(default=dict)  # what of the form a person chose: ceap.connectors.contracts.Choice
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


class Webhook(models.Model):
    """An address of somebody else's server that is told what happens here.

    `secret` (and, until `former_until`, `former`) signs what is sent; both are sealed. After failures in a row it is
    left alone until `resting_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=250, blank=True)
    events = models.JSONField(default=list)  # ceap.connectors.contracts.Happening
    segments = models.JSONField(default=list)  # ids as text; none: every segment
    identities = models.BooleanField(default=False)  # whether customers are named by more than their number
    state = models.CharField(max_length=4, default=Hook.ON, choices=[(s, s) for s in Hook])
    secret = models.BinaryField()
    former = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    resting_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url[:200]


class Notice(models.Model):
    """Something that happened, kept while webhooks are told of it.

    `customers`: whom it is about, a packed bitmap; they are told of in parts, in the order of their keys.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.CharField(max_length=60)
    subject = models.CharField(max_length=64, blank=True)  # a segment's id
    data = models.JSONField(default=dict)
    customers = models.BinaryField(null=True)
    size = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.event} {self.at:%F %T}"


class Call(models.Model):
    """One notice on its way to one webhook: `part` of `parts` have been acknowledged.

    It is held by whoever wrote `lease_token` last; once `lease_until` has passed, another may take it.
    `status` (0: no answer), `answer` and `error` are of the last attempt.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="calls")
    state = models.CharField(max_length=8, default=CallState.WAITING, choices=[(s, s) for s in CallState])
    part = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)  # of the part under way
    tries = models.PositiveIntegerField(default=0)  # of all parts together
    due_at = models.DateTimeField()
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    status = models.PositiveIntegerField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    error = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    tried_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["webhook", "-id"], name="call_newest_of_webhook"),
            models.Index(fields=["due_at"], condition=models.Q(state=CallState.WAITING), name="call_due"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.webhook_id}: {self.state}"
