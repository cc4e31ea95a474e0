"""The customer record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from ceap.kit.ids import uuid7

USER = settings.AUTH_USER_MODEL


class Customer(models.Model):
    """One person. The key is dense, so that memberships are bitmaps.

    Default fields are columns; values of user-defined custom fields are in `custom`, by field key.
    Text is "" when empty, everything else null.
    """

    id = models.BigAutoField(primary_key=True)
    customer_id = models.CharField(max_length=120, null=True, unique=True)  # the organisation's own id
    full_name = models.CharField(max_length=250, blank=True)
    phone = models.CharField(max_length=40, blank=True)  # E.164
    email = models.CharField(max_length=254, blank=True)  # as given; compared in lower case
    usernames = models.CharField(max_length=250, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    owner = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    assignee = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    sex = models.CharField(max_length=20, blank=True)
    date_of_birth = models.DateField(null=True)
    street = models.CharField(max_length=250, blank=True)
    city = models.CharField(max_length=120, blank=True)
    province = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # IANA; "" = the organisation's
    language = models.CharField(max_length=16, blank=True)
    source = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=80, blank=True)
    bsuid = models.CharField(max_length=80, blank=True)  # WhatsApp business-scoped user id
    chatroom = models.BooleanField(default=False)  # a WhatsApp chatroom exists
    marketing_opt_in = models.BooleanField(null=True)  # null = never asked
    marketing_opt_in_business = models.CharField(max_length=120, blank=True)
    marketing_opt_in_at = models.DateTimeField(null=True)
    member_created_at = models.DateTimeField(null=True)
    reward_expired_at = models.DateTimeField(null=True)
    current_tier = models.CharField(max_length=80, blank=True)
    reward_name = models.CharField(max_length=120, blank=True)
    reward_status = models.CharField(max_length=80, blank=True)
    balance_available = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    balance_pending = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    lifetime_earned = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    custom = models.JSONField(default=dict)
    last_activity_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    added_by = models.CharField(max_length=120, blank=True)  # user, import or key, in words
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    erased_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(merged_into=None, erased_at=None), name="customer_live"
            ),  # counts the customers there are without reading their rows
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="customer_merged"),
            models.Index(fields=["owner", "id"], name="customer_owner"),
            models.Index(fields=["source", "id"], name="customer_source"),
            models.Index(fields=["status", "id"], name="customer_status"),
            models.Index(fields=["city", "id"], name="customer_city"),
            models.Index(Lower("full_name"), "id", name="customer_name"),
            models.Index(fields=["updated_at", "id"], name="customer_updated"),
            models.Index(fields=["-last_activity_at", "-id"], name="customer_last_activity"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.customer_id or f"#{self.pk}"


class Identity(models.Model):
    """One way to recognise a customer: (kind, value) names at most one.

    Kinds: customer_id, email (lower case), phone (E.164), username, anonymous_id, or an app's own.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=254)
    primary = models.BooleanField(default=False)  # the value of the customer's field of that name
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_names_one_customer")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class SearchText(models.Model):
    """What the index page searches of one customer, in lower case: name, email, phone, the organisation's id.

    A narrow table of its own: reading all of it for a million customers takes a tenth of a second.
    """

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="search")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class CustomField(models.Model):
    """A field the organisation added. `key` never changes; it is column `c_<key>` of the warehouse."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(max_length=50, unique=True)
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=20)  # ceap.customers.contracts.FieldType
    options = models.JSONField(default=list)  # of dropdown and multiple selection
    position = models.IntegerField(default=0)
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label


class FieldAccess(models.Model):
    """Who may see a field, default or custom: the roles (by key) in `roles`. A field without a row: everybody."""

    key = models.CharField(primary_key=True, max_length=50)
    roles = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.key


class CustomerFile(models.Model):
    """A file of a customer, kept by its SHA-256 below home/media/customers; a custom field's value names its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="files")
    field = models.CharField(max_length=50)  # key of the custom field
    name = models.CharField(max_length=250)  # as uploaded
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "field"], name="customer_file")]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A user's named set of filters of a list page (`page` is its path)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    created_by = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Erasure(models.Model):
    """A person who was erased, and how far the erasing of every copy is (`ceap.core.copies`).

    `known` is what names the person, sealed with the home's secret: needed to find the last copies, and gone with them.
    `steps`: the name of each that is done -> when.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.BigIntegerField(unique=True)
    customers = models.JSONField(default=list)  # with the keys of those merged into it
    known = models.BinaryField(null=True)
    requested_by = models.CharField(max_length=120)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    steps = models.JSONField(default=dict)
    problem = models.CharField(max_length=250, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["requested_at"], condition=models.Q(finished_at=None), name="customer_erasure_open")
        ]

    def __str__(self) -> str:
        return f"#{self.customer} {'erased' if self.finished_at else 'being erased'}"


class Hold(models.Model):
    """A legal hold over one customer: neither erased nor shortened by age until it is lifted."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.PROTECT, related_name="hold")
    reason = models.CharField(max_length=250)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.customer_id}: {self.reason}"


class RetentionRun(models.Model):
    """One run of the retention: daily (`local_date`, `due_at`), or started by a person.

    `removed`: how many of each kind went, by setting, written with each part; `done`: the kinds dealt with -> when;
    `spared`: how many files of each kind stay because they name a customer under a legal hold.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    local_date = models.DateField(null=True, unique=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=120)
    removed = models.JSONField(default=dict)
    done = models.JSONField(default=dict)
    spared = models.JSONField(default=dict)
    held = models.PositiveIntegerField(default=0)  # customers under a legal hold
    problem = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"retention {self.created_at:%F %T}"
