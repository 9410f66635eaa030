"""The effects of subscribers and tasks, without any uniqueness: a second effect would show."""

from django.db import models


class Effect(models.Model):
    """One effect, in the order of the table's own counter."""

    subscriber = models.CharField(max_length=80)
    position = models.BigIntegerField()
    number = models.IntegerField()
    process = models.IntegerField()
