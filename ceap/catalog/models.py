"""Items one can act on."""

from __future__ import annotations

from django.db import models


class Item(models.Model):
    """A product, course, video, outlet…: (kind, key) names it."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    name = models.CharField(max_length=250)
    category = models.CharField(max_length=120, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    attributes = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="item_kind_key")]

    def __str__(self) -> str:
        return self.name
