"""Email templates and their versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ceap.kit.ids import uuid7

USER = settings.AUTH_USER_MODEL


class Template(models.Model):
    """A message to be personalised; its text lives in its versions. It belongs to who created it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=20, default="email")
    purpose = models.CharField(max_length=40, default="marketing")  # marketing, transactional
    current = models.ForeignKey("Version", null=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-updated_at", "-id"], name="template_index")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One immutable state of a template: `source` as edited, `html` and `text` compiled once to Liquid."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=250)
    preheader = models.CharField(max_length=250, blank=True)
    source = models.JSONField()  # of compiler.blocks.Source
    html = models.TextField()  # Liquid over inlined HTML, compiled from MJML
    text = models.TextField()  # Liquid, the plain-text part
    variables = models.JSONField(default=list)  # the Liquid paths it reads, without track.*
    links = models.JSONField(default=list)  # the targets, in order of appearance; "" = personal, signed in the link
    restored_from = models.PositiveIntegerField(null=True)  # the number it was restored from
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
