"""Consent with evidence, suppressions, reservations under the caps."""

from __future__ import annotations

from django.db import models

from ceap.customers.models import Customer


class ConsentRecord(models.Model):
    """One act of giving or withdrawing consent, with its evidence; append-only, the newest rules."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=20)  # email, sms, whatsapp, push, or "*" for all
    purpose = models.CharField(max_length=40, default="marketing")
    granted = models.BooleanField()
    source = models.CharField(max_length=60)  # import, form, unsubscribe link, user, complaint…
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "channel", "-id"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.channel}/{self.purpose} {'granted' if self.granted else 'withdrawn'}"


class Suppression(models.Model):
    """An address nothing is sent to, whoever it belongs to (so that re-import or restore cannot undo it)."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=254)  # in the normal form of `core.addresses`
    purpose = models.CharField(max_length=40, default="marketing")  # "*" = transactional mail as well
    reason = models.CharField(max_length=30)  # unsubscribed, bounced, complained, erased, manual
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address", "purpose"], name="suppressed_once")]

    def __str__(self) -> str:
        return f"{self.channel}:{self.address} {self.reason}"


class ErasedAddress(models.Model):
    """An address of a person who was erased: nothing is sent there on any channel, for any purpose.

    A keyed hash (`core.addresses.digest`): it can be compared, and does not say which address it is.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]


class CapSlot(models.Model):
    """One reserved contact under a frequency cap: slot n of a customer's window is taken at most once."""

    id = models.BigAutoField(primary_key=True)
    customer_id = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    window = models.CharField(max_length=20)  # e.g. "2026-W47", in the organisation's zone
    slot = models.IntegerField()
    delivery_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "channel", "window", "slot"], name="cap_slot_taken_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.channel} {self.window} #{self.slot}"
