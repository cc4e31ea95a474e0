"""Users, roles, API keys, settings of the organisation, the audit trail."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from ceap.kit.ids import uuid7


class Role(models.Model):
    """A named set of permission levels: `grants` maps permission keys to all / owned / disabled."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=60, unique=True)
    description = models.CharField(max_length=250, blank=True)
    grants = models.JSONField(default=dict)
    built_in = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Someone who operates the product; signs in with the email address."""

    email = models.EmailField(unique=True)  # in lower case
    name = models.CharField(max_length=120)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="users")
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=16, default="en")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    is_staff = False
    is_superuser = False

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """The one organisation of the installation, and its settings (defaults in `contracts`)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=120, default="My organisation")
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    scenario = models.CharField(max_length=30, blank=True)  # the demo scenario, empty in production
    synthetic = models.BooleanField(default=False)
    settings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key for programs. Neither its secret nor what its holder signs with is kept: `digest` (`kit.ids.digest`) finds
    it, and `sealed`, of server keys, is `kit.ids.signing_key` sealed with the home's secret.

    kind "service": control plane, `grants` like a role; "server": data plane, any customer in `scopes`;
    "browser": data plane, writes events, reads only the customer of a signed token.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(default=bytes)
    grants = models.JSONField(default=dict)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class AuditEntry(models.Model):
    """One write: by whom, what, before and after. `seq` has no gaps; each entry holds the hash of the one before it.

    `salt` is hashed with the content and goes when a customer's data is taken out, so that the hash that stays cannot
    confirm a guess at what stood there; "" in entries from before there was one, too.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=120)
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous_hash = models.CharField(max_length=64)
    salt = models.CharField(max_length=32, blank=True, default="")
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["actor_id", "seq"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class AuditHead(models.Model):
    """The newest entry, signed with the home's secret: entries cut off at the end are missed. Its row is the lock."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"head at {self.seq}"


class CacheRow(models.Model):
    """The table of Django's database cache: counts of failed attempts, seen by every process alike."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_cache"

    def __str__(self) -> str:
        return self.cache_key
