"""Tables of the evidence kernel. Events and their positions are append-only: triggers refuse the rest."""

from django.db import models

from lienmach.kernel.evidence.envelope import Origin


class EventRecord(models.Model):
    """One event, written once in the transaction of the change it tells of.

    `body` is the verbatim JSON text its author wrote; it is never re-serialised.
    `organisation` is an identity from `kernel.identity`, kept without a foreign key so that evidence
    stands below everything and outlives what it tells of.
    """

    event_id = models.UUIDField(primary_key=True)
    type = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    time = models.DateTimeField()
    recorded_at = models.DateTimeField()
    organisation = models.UUIDField()
    subject = models.CharField(max_length=200)
    actor = models.CharField(max_length=64)
    origin = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Origin])
    corrects = models.UUIDField(null=True, blank=True)
    retract = models.BooleanField(default=False)
    body = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "recorded_at"], name="event_of_organisation"),
            models.Index(fields=["subject"], name="event_of_subject"),
            models.Index(fields=["type", "time"], name="event_of_type"),
            models.Index(fields=["corrects"], name="event_corrects"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(retract=False) | models.Q(corrects__isnull=False),
                name="event_retraction_names_its_event",
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=[o.value for o in Origin]), name="event_origin_known"
            ),
        ]


class OutboxEntry(models.Model):
    """An event that waits for its place in the sequence. Deleted in the transaction that gives it one."""

    event = models.OneToOneField(EventRecord, primary_key=True, on_delete=models.DO_NOTHING)


class SequencedEvent(models.Model):
    """The place of an event in the platform's sequence: 1, 2, 3 … without gaps.

    Each organisation's own tamper-evident log numbers its leaves separately.
    """

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(EventRecord, on_delete=models.DO_NOTHING, related_name="sequenced")


class SequenceHead(models.Model):
    """One row: the last position given out. Moved by compare-and-swap, so two sequencers cannot fork it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sequence_head_is_one_row")]


class SubscriberCursor(models.Model):
    """How far a subscriber has come. Moved in the transaction of the effects, so they happen once."""

    subscriber = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_position = models.BigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)


class ReadRecord(models.Model):
    """A read across organisations: who looked at whose data, at what, on which ground."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    reader = models.UUIDField()
    actor = models.CharField(max_length=64)
    owner = models.UUIDField()
    what = models.CharField(max_length=200)
    ground = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["owner", "at"], name="read_of_owner")]
