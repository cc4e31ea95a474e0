"""Sender identities, deliveries, tracked links."""

from __future__ import annotations

from django.db import models

from ceap.channels.contracts import State
from ceap.kit.ids import uuid7


class Sender(models.Model):
    """A sender identity: who mail is from, through which provider, how fast."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=20, default="email")
    from_name = models.CharField(max_length=120)
    from_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    provider = models.CharField(max_length=40, default="smtp")  # plug-in key
    config = models.JSONField(default=dict)
    secrets = models.BinaryField(null=True)  # encrypted JSON: passwords, DKIM key
    rate_per_second = models.FloatField(default=0)  # 0 = no limit
    burst = models.IntegerField(default=100)
    default = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one customer; the row is the truth about it.

    (source, step, customer, channel) is unique: planning twice plans nothing twice. A claim stamps `lease_token`
    and `lease_until`; an acknowledgement must name the token.
    """

    id = models.BigAutoField(primary_key=True)
    source_kind = models.CharField(max_length=12)  # campaign, journey, program, test
    source_id = models.UUIDField()
    step = models.CharField(max_length=40, default="")
    customer_id = models.BigIntegerField()
    channel = models.CharField(max_length=20, default="email")
    purpose = models.CharField(max_length=40, default="marketing")
    sender_id = models.UUIDField()
    content_version_id = models.UUIDField()
    address = models.CharField(max_length=254, blank=True)  # as used when it was handed over
    state = models.CharField(max_length=12, default=State.PLANNED)
    reason = models.CharField(max_length=60, blank=True)  # code of why it ended so
    detail = models.CharField(max_length=250, blank=True)  # in words, e.g. the provider's answer
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # later than this it is not sent any more
    attempts = models.IntegerField(default=0)
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    token = models.CharField(max_length=32, unique=True)  # random 128 bits: in links, Message-ID, idempotency key
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "step", "customer_id", "channel"], name="planned_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["source_kind", "source_id", "sender_id", "due_at"],
                condition=models.Q(state="planned"),
                name="delivery_queue",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="planned", expires_at__isnull=False),
                name="delivery_expiry",
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state__in=["claimed", "sending"]), name="delivery_leases"
            ),
            models.Index(fields=["source_kind", "source_id", "state"], name="delivery_tally"),
            models.Index(fields=["customer_id", "id"], name="delivery_ledger"),
        ]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_id} → {self.customer_id} {self.state}"


class Source(models.Model):
    """What deliveries of one source and sender identity have in common: whether they may move at this moment.

    A source is open from its first planned row until nothing of it is on the way any more; the workers look only at
    open sources. Pausing and cancelling write here first, so they hold at once however many rows there are.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12)
    source_id = models.UUIDField()
    sender_id = models.UUIDField()
    paused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    last_claim_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source_id", "sender_id"], name="source_once")]
        indexes = [models.Index(fields=["sender_id"], condition=models.Q(closed_at=None), name="source_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"


class Mapping(models.Model):
    """What fills the placeholders of one step's messages; written with its first rows, never changed."""

    id = models.BigAutoField(primary_key=True)
    source_kind = models.CharField(max_length=12)
    source_id = models.UUIDField()
    step = models.CharField(max_length=40, default="")
    fills = models.JSONField()  # placeholder -> {"path", "fallback"}, of content.contracts.Fill

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_kind", "source_id", "step"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_id} {self.step}"


class Lane(models.Model):
    """What all workers share about one sender identity: its token bucket and its circuit breaker."""

    sender_id = models.UUIDField(primary_key=True)
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField()
    pace = models.FloatField(default=1)  # share of the rate that the provider lets through at present
    hold_until = models.DateTimeField(null=True)  # the provider asked to wait
    holds = models.IntegerField(default=0)  # in a row
    failures = models.IntegerField(default=0)  # in a row; above 0 the breaker is open
    open_until = models.DateTimeField(null=True)
    open_reason = models.CharField(max_length=250, blank=True)
    probe_until = models.DateTimeField(null=True)  # one worker is trying whether the provider is back
    last_claim_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.sender_id)


class Link(models.Model):
    """A tracked link's target, stored before the first mail with it leaves: (content version, index)."""

    id = models.BigAutoField(primary_key=True)
    content_version_id = models.UUIDField()
    index = models.IntegerField()
    url = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_version_id", "index"], name="link_index")]

    def __str__(self) -> str:
        return self.url
