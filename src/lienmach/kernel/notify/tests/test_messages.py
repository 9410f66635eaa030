"""A message reaches those it is for, once, in their own language, and nobody else."""

import smtplib
from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext_lazy

from lienmach.kernel.identity.services import membership_end
from lienmach.kernel.jobs.models import Job
from lienmach.kernel.notify import queries, services
from lienmach.kernel.notify.kinds import Kind, WrongParameters, message_kind
from lienmach.kernel.notify.messages import WEBHOOK_GONE
from lienmach.kernel.notify.models import Notification, Preference
from lienmach.kernel.scope import Denied, OrganisationScope, SystemScope

LATE = message_kind(
    "notify.order_delayed",
    title=gettext_lazy("Order %(order)s will be late"),
    text=gettext_lazy("%(pieces)s pieces, due %(due)s"),
)
VALUES = {"order": "A-1", "pieces": 12500, "due": date(2026, 11, 30)}


@pytest.fixture
def workshop(world):
    return world.organisation()


def scope_of(member) -> OrganisationScope:
    return OrganisationScope(
        actor=member.pseudonym,
        granted=frozenset({"notify.message_read"}),
        organisation=member.organisation_id,
    )


def send(world, organisation, **changes):
    arguments = {"kind": LATE, "parameters": VALUES, "at": world.at, "roles": {"planner"}, **changes}
    return services.notification_send(SystemScope(), organisation=organisation.id, **arguments)


def test_it_reaches_the_roles_and_members_named_and_nobody_else(world, workshop):
    planner, operator, owner = (world.member(workshop, role) for role in ("planner", "operator", "owner"))
    elsewhere = world.member(world.organisation(), "planner")
    assert send(world, workshop, members={operator.id, elsewhere.id}) == 2
    assert [queries.unread_count(scope_of(m)) for m in (planner, operator, owner, elsewhere)] == [1, 1, 0, 0]


def test_who_has_left_hears_nothing_more(world, workshop):
    planner = world.member(workshop, "planner")
    membership_end(world.scope(workshop), membership=planner.id, at=world.at)
    assert send(world, workshop) == 0


def test_the_same_key_is_heard_once(world, workshop):
    """A subscriber or a job may run again: people must not notice."""
    world.member(workshop, "planner")
    assert [send(world, workshop, key="event-1") for _ in range(3)] == [1, 0, 0]
    assert send(world, workshop, key="event-2") == 1
    assert [send(world, workshop) for _ in range(2)] == [1, 1], "without a key every message is its own"


def test_the_reader_reads_it_in_their_language(world, workshop):
    """What is kept is the kind and its values; the words come with the reader."""
    planner = world.member(workshop, "planner")
    send(world, workshop)
    world.later(seconds=1)
    send(world, workshop, kind=WEBHOOK_GONE, parameters={"host": "a.example"})
    with translation.override("en"):
        newest, oldest = queries.message_list(scope_of(planner))
        assert (oldest.title, oldest.text) == (
            "Order A-1 will be late",
            "12,500 pieces, due 30/11/2026",
        )
        english = newest.title
    with translation.override("vi"):
        newest, oldest = queries.message_list(scope_of(planner))
        assert "12.500" in oldest.text
        assert newest.title != english, "translated"


def test_words_and_values_must_fit(world, workshop):
    for wrong in ({"order": "A-1"}, {**VALUES, "colour": "red"}, {**VALUES, "pieces": 1.5}):
        with pytest.raises(WrongParameters):
            send(world, workshop, parameters=wrong)


def test_values_with_percent_signs_are_only_values(world, workshop):
    planner = world.member(workshop, "planner")
    send(world, workshop, parameters={**VALUES, "order": "100%(due)s %s"})
    assert "100%(due)s %s" in queries.message_list(scope_of(planner))[0].title


def test_a_message_of_an_uninstalled_app_still_shows(world, workshop):
    planner = world.member(workshop, "planner")
    send(world, workshop, kind=Kind("gone.thing_done", "", ""), parameters={})
    assert queries.message_list(scope_of(planner))[0].title == "gone.thing_done"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_message_leads_nowhere_else(world, workshop, path):
    with pytest.raises(ValueError, match="local address"):
        send(world, workshop, path=path)


def test_one_cannot_read_or_mark_a_colleagues_message(world, workshop):
    """Within one organisation too: a message is personal."""
    planner, owner = world.member(workshop, "planner"), world.member(workshop, "owner")
    send(world, workshop)
    row = Notification.objects.get(membership=planner)
    with pytest.raises(Notification.DoesNotExist):
        services.notification_read(scope_of(owner), notification=row.id, at=world.at)
    assert services.notification_read_all(scope_of(owner), at=world.at) == 0
    assert queries.message_list(scope_of(owner)) == []


def test_an_organisation_cannot_write_into_another(world, workshop):
    with pytest.raises(Denied):
        services.notification_send(
            world.scope(world.organisation()), kind=LATE, parameters=VALUES, at=world.at, roles={"planner"},
            organisation=workshop.id,
        )  # fmt: skip


def emailed(world, workshop, address="an@example.com"):
    member = world.member(workshop, "planner")
    member.person.email = address
    member.person.save()
    return member


def test_it_also_comes_by_email_once_with_a_key_to_know_it_by(world, workshop):
    """A worker may die between sending and noting it: the repeat has the same Message-ID."""
    member = emailed(world, workshop)
    send(world, workshop, path="/o/x/")
    world.run_jobs()
    (first,) = mail.outbox
    assert first.to == ["an@example.com"]
    assert first.subject == "Order A-1 will be late"
    assert "http://localhost:8000/o/x/" in first.body
    row = Notification.objects.get(membership=member)
    assert first.extra_headers["Message-ID"] == f"<{row.id}@localhost>"
    Job.objects.update(state="queued", attempts=0)
    world.run_jobs()
    assert len(mail.outbox) == 1, "noted as sent"
    Notification.objects.update(emailed_at=None)  # as if the note was lost
    Job.objects.update(state="queued", attempts=0)
    world.run_jobs()
    assert mail.outbox[1].extra_headers == first.extra_headers


def test_email_is_written_in_the_chosen_language_or_not_at_all(world, workshop):
    member = emailed(world, workshop)
    services.preference_set(scope_of(member), by_email=True, language="vi")
    send(world, workshop)
    world.run_jobs()
    assert "12.500" in mail.outbox[0].body
    services.preference_set(scope_of(member), by_email=False, language="vi")
    assert Preference.objects.count() == 1
    send(world, workshop)
    assert world.run_jobs() == 0


def test_a_mail_server_that_is_away_is_tried_again(world, workshop, monkeypatch):
    emailed(world, workshop)
    send(world, workshop)

    def refuse(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.message.EmailMessage.send", refuse)
        world.run_jobs()
    job = Job.objects.get()
    assert job.state == "queued"
    assert "away" in job.error
    world.at = job.not_before + timedelta(seconds=1)
    world.run_jobs()
    assert len(mail.outbox) == 1


def test_a_subject_cannot_smuggle_headers(world, workshop):
    emailed(world, workshop)
    send(world, workshop, parameters={**VALUES, "order": "A\r\nBcc: all@example.com"})
    world.run_jobs()
    assert "\n" not in mail.outbox[0].subject


def test_the_page_shows_opens_and_counts(world, workshop, signed_in):
    member = emailed(world, workshop)
    client = signed_in(member)
    address = f"/o/{workshop.slug}/messages/"
    assert client.get(address).status_code == 200
    send(world, workshop, path=f"/o/{workshop.slug}/messages/?from=1")
    page = client.get(address).content.decode()
    assert "Order A-1 will be late" in page
    assert '<span class="count">1</span>' in page
    row = Notification.objects.get()
    answer = client.get(f"{address}{row.id}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?from=1")
    assert '<span class="count">' not in client.get(address).content.decode()
    send(world, workshop)
    assert client.post(f"{address}read/").status_code == 302
    assert queries.unread_count(scope_of(member)) == 0
    assert client.post(f"{address}wishes/", {"language": "en"}).status_code == 302
    assert Preference.objects.get().by_email is False
