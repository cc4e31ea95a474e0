"""When the model is trained again, and that it was."""

from __future__ import annotations

from django.db import models

from ceap.learning.contracts import Deploy, Every


class Schedule(models.Model):
    """The one row that says when the model is trained again; see `contracts.Plan`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    every = models.CharField(max_length=10, choices=[(e, e) for e in Every], default=Every.OFF)
    weekday = models.PositiveSmallIntegerField(default=0)
    day = models.PositiveSmallIntegerField(default=1)
    at = models.CharField(max_length=5, default="03:00")
    deploy = models.CharField(max_length=10, choices=[(d, d) for d in Deploy], default=Deploy.PERSON)
    segments = models.PositiveSmallIntegerField(null=True)
    seed = models.BigIntegerField(default=1)
    set_by = models.CharField(max_length=120, blank=True)
    set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="learning_one_schedule")]

    def __str__(self) -> str:
        return f"trained again: {self.every}"


class Retraining(models.Model):
    """The training of one local date of the organisation; the key makes it happen once."""

    local_date = models.DateField(primary_key=True)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"training of {self.local_date}"
