"""People, organisations, memberships, links, tokens, consents."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import AreaScope, LinkScope, OrganisationScope, Scope, SystemScope

Row = TypeVar("Row", bound=models.Model)


class ScopedManager(models.Manager[Row]):
    """Manager whose `within(scope)` returns only what the scope's organisation owns."""

    def within(self, scope: Scope) -> models.QuerySet[Row]:
        """Return the rows that the scope may see; nothing for a scope without an organisation."""
        if isinstance(scope, SystemScope):
            return self.get_queryset()
        if isinstance(scope, OrganisationScope | LinkScope | AreaScope):
            return self.get_queryset().filter(organisation_id=scope.organisation)
        return self.get_queryset().none()


class Owned(models.Model):
    """Base of every table whose rows belong to one organisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("identity.Organisation", on_delete=models.PROTECT, related_name="+")

    objects: ScopedManager[Any] = ScopedManager()

    organisation_id: UUID

    class Meta:
        abstract = True


class PersonManager(BaseUserManager["Person"]):
    """What Django's and allauth's log-in need to find and create people."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person who can log in with `password`, or not at all when there is none."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """Someone who can log in. The only table that holds names; evidence knows pseudonyms."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(_("user name"), max_length=80, unique=True)
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)

    objects = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="person_username_ignoring_case"),
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="person_email_ignoring_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username


class OrganisationKind(models.TextChoices):
    """What an organisation is on the platform."""

    ENTERPRISE = "enterprise", _("enterprise")
    ASSOCIATION = "association", _("association")
    AGENCY = "agency", _("public agency")
    PROVIDER = "provider", _("provider")


class Organisation(models.Model):
    """An organisation with its own log: an enterprise, an association, an agency, a provider.

    `unit` is the administrative unit (an identity of `kernel.places`) where it stands; `jurisdiction` the
    unit whose numbers an agency looks after.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(max_length=16, choices=OrganisationKind.choices)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    jurisdiction = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=40, default="Asia/Ho_Chi_Minh")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tax_code"], condition=~models.Q(tax_code=""), name="organisation_tax_code_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member does. Apps grant their permissions to roles."""

    OWNER = "owner", _("owner")
    PLANNER = "planner", _("planner")
    OPERATOR = "operator", _("operator")
    BUYER = "buyer", _("buyer")
    BROKER = "broker", _("broker")
    OFFICER = "officer", _("officer")
    PROVIDER = "provider", _("provider")
    AUDITOR = "auditor", _("auditor")


class Membership(models.Model):
    """One person in one organisation, in one role, under a pseudonym that only this table resolves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    pseudonym = models.CharField(max_length=32, unique=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=models.Q(ended_at=None),
                name="membership_once_per_organisation",
            )
        ]


class Link(Owned):
    """A secret address that lets its holder do one thing to one subject, without an account.

    Only the hash of the secret is kept.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    permission = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class ApiToken(Owned):
    """A hashed token for programs: acts as its membership, within the permissions it was given."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class IdempotencyKey(Owned):
    """The answer to a write that carried an `Idempotency-Key`, given again when the write is repeated."""

    key = models.CharField(max_length=80)
    route = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "route", "key"], name="idempotency_key_once_per_route"
            )
        ]


class Consent(Owned):
    """An organisation lets a recipient see something of its data for a purpose and a time."""

    purpose = models.CharField(max_length=80)
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
