"""Messages to members, how each wants them, and the addresses of programs that listen."""

from django.db import models

from lienmach.kernel.identity.models import Membership, Owned, Person


class Notification(Owned):
    """One message to one member. `key` keeps whoever sends it twice from being heard twice."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=80)
    parameters = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, null=True, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["membership", "created_at"], name="notification_of_member"),
            models.Index(fields=["membership"], condition=models.Q(read_at=None), name="notification_unread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["membership", "key"], name="notification_key_once_per_member")
        ]


class Preference(models.Model):
    """How a person wants messages: also by e-mail, and in which language these are written."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    by_email = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True)


class Webhook(Owned):
    """An address that is called for each event of the organisation's own log of the chosen types.

    Its secret is not kept: it is derived from the platform's key and the identifier (see `signing`).
    """

    url = models.CharField(max_length=500)
    types = models.JSONField(default=list)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
