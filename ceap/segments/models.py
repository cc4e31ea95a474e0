"""Segments, their membership versions, and the nightly runs that made them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from ceap.kit.ids import uuid7
from ceap.segments.contracts import Build, Cause, Kind

USER = settings.AUTH_USER_MODEL


class Segment(models.Model):
    """A rule whose membership changes by itself. `rule` is the JSON of `ceap.segments.rules.Rule`; {} for other kinds.

    `current` is the ready version that serves; it stays while a newer one is built.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=250, blank=True)
    kind = models.CharField(max_length=10, default=Kind.RULE, choices=[(k, k) for k in Kind])
    model_key = models.CharField(max_length=20, blank=True)  # of a discovered one: which segment of the model it is
    rule = models.JSONField(default=dict)
    rule_version = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True)
    current = models.ForeignKey("MembershipVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["archived_at", "created_at"], name="segment_newest")]

    def __str__(self) -> str:
        return self.name


class MembershipVersion(models.Model):
    """Who is in a segment as of a moment: a roaring bitmap of customer keys, written together with its size.

    The build is held by whoever wrote `lease_token` last; once `lease_until` has passed, another may take it.
    `total` is how many customers there were, `email` and `whatsapp` how many of the members can be reached so.
    `came` and `went`: who entered and left since the version before, `entered` and `left` their numbers; null when
    there was none before.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    rule_version = models.PositiveIntegerField()
    cause = models.CharField(max_length=8, default=Cause.RULE, choices=[(c, c) for c in Cause])
    state = models.CharField(max_length=12, default=Build.QUEUED, choices=[(s, s) for s in Build])
    run_id = models.UUIDField(null=True)  # one per nightly run
    bitmap = models.BinaryField(null=True)
    size = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    email = models.BigIntegerField(null=True)
    whatsapp = models.BigIntegerField(null=True)
    entered = models.BigIntegerField(null=True)
    left = models.BigIntegerField(null=True)
    came = models.BinaryField(null=True)
    went = models.BinaryField(null=True)
    children = models.JSONField(default=dict)  # segments it refers to -> the versions of them that it read
    data_as_of = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="membership_number"),
            models.CheckConstraint(
                name="membership_ready_is_whole",
                condition=~Q(state=Build.READY)
                | Q(
                    bitmap__isnull=False,
                    size__isnull=False,
                    total__isnull=False,
                    data_as_of__isnull=False,
                    ready_at__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="membership_work")]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number} {self.state}"


class RuleChange(models.Model):
    """What a segment's name, description and rule were from a moment on, and who made them so.

    `upload`: the list that changed a static segment, as `actions.upload` tells it; else {}.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="changes")
    rule_version = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=250, blank=True)
    rule = models.JSONField(default=dict)
    upload = models.JSONField(default=dict)
    changed_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["segment", "changed_at"], name="segment_change_newest")]

    def __str__(self) -> str:
        return f"{self.segment_id} rule {self.rule_version}"


class IdList(models.Model):
    """An uploaded file of ids, matched with the customers; kept for some days, for a segment to be made of it.

    A long one is matched by the job `job_id`, and until `matched_at` nothing is known of its rows. Then `rows` is the
    sum of `found` (customers, the bits of `bitmap`), `duplicates` (rows that name one of them again) and `missing`
    (rows that name nobody; the file beside it lists them).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file_name = models.CharField(max_length=250)
    form = models.JSONField()  # of ceap.connectors.contracts.Form
    columns = models.JSONField()
    column = models.CharField(max_length=250)  # that holds the ids
    by = models.CharField(max_length=40)  # kind of identity
    expected = models.PositiveIntegerField(null=True)  # about so many rows; null = not known beforehand
    job_id = models.UUIDField(null=True)
    matched_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    bitmap = models.BinaryField(default=bytes)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.file_name}: {self.found} of {self.rows}"


class SegmentDay(models.Model):
    """How a segment ended a local date of the organisation: its last version of that day.

    `entered` and `left` are set differences to the last version of the day before that has one.
    """

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    version = models.ForeignKey(MembershipVersion, on_delete=models.CASCADE, related_name="+")
    size = models.BigIntegerField()
    total = models.BigIntegerField()
    entered = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="segment_day_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} on {self.day}: {self.size}"


class Lease(models.Model):
    """Who may publish memberships now: whoever wrote `token` last, until `until`."""

    name = models.CharField(primary_key=True, max_length=20)
    token = models.CharField(max_length=36, blank=True)
    owner = models.CharField(max_length=20, blank=True)  # "build" or "changes"
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.owner} until {self.until}"


class Following(models.Model):
    """What the incremental pass knows besides its position in the change log; one row.

    Bitmaps of all customers, and of those who can be reached by email and by WhatsApp, as of that position.
    `hours_at`: when rules with windows in hours were last evaluated for everybody.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    everyone = models.BinaryField()
    email = models.BinaryField()
    whatsapp = models.BinaryField()
    hours_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"followed, hours at {self.hours_at}"


class DailyRun(models.Model):
    """The recalculation of all segments on one local date of the organisation; the key makes it happen once."""

    local_date = models.DateField(primary_key=True)
    run_id = models.UUIDField(default=uuid7, unique=True)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    segments = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"run of {self.local_date}"
