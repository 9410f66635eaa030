"""Tables of the evidence kernel. Events and their positions are append-only: triggers refuse the rest."""

from django.db import models

from lienmach.kernel.evidence.envelope import Origin
from lienmach.kernel.evidence.fields import RowNumber
from lienmach.kernel.evidence.log.failures import WitnessFailure
from lienmach.kernel.evidence.log.gathered import GatheredCheckpoint
from lienmach.kernel.evidence.segments.models import Segment

# Tables of packages below this one; the others are defined here.
__all__ = ["GatheredCheckpoint", "Segment", "WitnessFailure"]


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
    """An event that waits for its place in the sequence, with the verbatim bytes of its leaf.

    Deleted in the transaction that gives it its place; the leaf's bytes move to `Leaf`.
    """

    event = models.OneToOneField(EventRecord, primary_key=True, on_delete=models.DO_NOTHING)
    organisation = models.UUIDField()
    data = models.BinaryField()


class SequencedEvent(models.Model):
    """The place of an event in the platform's sequence: 1, 2, 3 … without gaps.

    Each organisation's own tamper-evident log numbers its leaves separately.
    """

    position = RowNumber(primary_key=True)
    # The outbox, from which the sequencer takes it, vouches for the event already: checking again would lock
    # and write each event once more.
    event = models.OneToOneField(
        EventRecord, on_delete=models.DO_NOTHING, related_name="sequenced", db_constraint=False
    )


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


class Log(models.Model):
    """An organisation's tamper-evident log: its origin, and the head that moves by compare-and-swap.

    The first `signed` of its `size` leaves are signed by their author and make its tree, of which `frontier`
    holds the roots of the perfect subtrees; those behind are signed before the next checkpoint. `held` says
    why the log takes no leaves and signs nothing at the moment (after a restore); empty when it works.
    `released` is the size of the published checkpoint as the publisher left it: where it is behind `size`
    there is work.
    """

    organisation = models.UUIDField(unique=True)
    origin = models.CharField(max_length=200, unique=True)
    size = models.BigIntegerField(default=0)
    signed = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    held = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Ten thousand logs with nothing new cost the publisher nothing.
            models.Index(
                fields=["id"],
                name="log_to_publish",
                condition=models.Q(size__gt=models.F("released"), held=""),
            )
        ]


INDEX_BITS = 40


class LeafSet(models.QuerySet["Leaf"]):
    """Leaves by log and index."""

    def of(self, log: Log) -> "LeafSet":
        """Return the log's leaves in their order."""
        return self.span(log, 0, 1 << INDEX_BITS)

    def span(self, log: Log, start: int, end: int) -> "LeafSet":
        """Return the log's leaves with indices from `start` up to, not including, `end`, in their order."""
        first = Leaf.place_of(log.id, 0)
        return self.filter(place__gte=first + start, place__lt=first + end).order_by("place")

    def at(self, log: Log, index: int) -> "Leaf":
        """Return the leaf at this index or raise `Leaf.DoesNotExist`."""
        return self.get(place=Leaf.place_of(log.id, index))


class Leaf(models.Model):
    """A leaf in its log: the verbatim bytes, never written again from their parts, and their order.

    `place` is the log's id and the index in the log, 0, 1, 2 … without gaps, in one integer: one row and two
    indices per leaf are all that order costs. A log's own leaves (the signatures of batches) have an id
    and no event record.
    """

    place = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    data = models.BinaryField()

    objects = LeafSet.as_manager()

    @staticmethod
    def place_of(log: int, index: int) -> int:
        """Return the place of an index in a log."""
        return (log << INDEX_BITS) + index

    @property
    def log_id(self) -> int:
        """Which log it stands in."""
        return self.place >> INDEX_BITS

    @property
    def index(self) -> int:
        """Its index in that log."""
        return self.place & ((1 << INDEX_BITS) - 1)


class HeldLeaf(models.Model):
    """A leaf whose event has its place in the platform's sequence while its log is held.

    Moves to `Leaf` when the log works again.
    """

    event_id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    data = models.BinaryField()


class Opening(models.Model):
    """What opens one commitment of a leaf: a random salt and the body. Both go when the group is erased."""

    pk = models.CompositePrimaryKey("event_id", "group")
    event_id = models.UUIDField()
    group = models.CharField(max_length=8)
    salt = models.BinaryField()
    body = models.BinaryField()


class Erasure(models.Model):
    """That a group of an event was erased, by which logged event. The only licence to take away."""

    pk = models.CompositePrimaryKey("event_id", "group")
    event_id = models.UUIDField()
    group = models.CharField(max_length=8)
    by = models.UUIDField()
    at = models.DateTimeField()


class AuthorKey(models.Model):
    """A public key whose owner signs leaves, and who holds its private half."""

    log = models.ForeignKey(Log, on_delete=models.DO_NOTHING)
    key_id = models.CharField(max_length=8)
    vkey = models.TextField()
    tier = models.CharField(max_length=12, choices=[(tier, tier) for tier in ("hosted", "device", "own box")])
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "key_id"], name="author_key_once")]


class LogCheckpoint(models.Model):
    """A checkpoint the log signed. Committed before it leaves the process."""

    log = models.ForeignKey(Log, on_delete=models.DO_NOTHING, db_index=False)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="checkpoint_size_once")]


class Cosignature(models.Model):
    """A witness's signature line under a checkpoint, verified before it was kept."""

    checkpoint = models.ForeignKey(LogCheckpoint, on_delete=models.DO_NOTHING, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosignature_once")]
