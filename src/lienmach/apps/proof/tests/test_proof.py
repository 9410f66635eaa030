"""The log seen by its owner, a partner and a stranger; files examined; nobody sees more than they may."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from typer.testing import CliRunner

from lienmach.apps.proof import cli, queries, services
from lienmach.engines.ledger.authors import BATCH_KIND
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.notes import Note
from lienmach.engines.ledger.policy import policy_of_entities
from lienmach.kernel.evidence import EventBody, Origin, event_type, partner, public, record
from lienmach.kernel.evidence.erasure import body_erase
from lienmach.kernel.evidence.log.files import files_of
from lienmach.kernel.evidence.log.health import Advice
from lienmach.kernel.evidence.log.proofs import NotProvable, Stage
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import Cosignature, Log, LogCheckpoint
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.identity.queries import link_scope, public_scope
from lienmach.kernel.scope import Denied

Ask = Callable[[], object]
SECRET = "Nguyễn Thị Bí Mật"
EVERY = ["public", "partner", "private"]


@event_type("proof.crate_sealed", version=1)
class CrateSealed(EventBody):
    """A crate was sealed (only in tests)."""

    lane: str = public()
    pieces: int = partner(description="Pieces in the crate.")
    sealer: str = ""


class Workshop:
    """An organisation with a log, and what happens in it."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.organisation = world.organisation("Xưởng Niêm Phong")
        self.member = world.member(self.organisation)
        self.scope = world.scope(self.organisation)

    def seal(self, pieces: int, crate: str = "crate:1", **fields: Any) -> Any:
        with transaction.atomic():
            return record(
                self.scope, CrateSealed(lane="L1", pieces=pieces, sealer=SECRET),
                subject=crate, time=self.world.at, at=self.world.later(milliseconds=5), **fields,
            )  # fmt: skip

    def sequence(self) -> None:
        while sequence(at=self.world.at):
            pass

    def settle(self) -> None:
        self.sequence()
        Publisher().publish_all(at=self.world.at)

    @property
    def log(self) -> Log:
        return Log.objects.get(organisation=self.organisation.id)

    def file(self, event: Any, *groups: str) -> bytes:
        return queries.proof_file(self.scope, leaf=event.event_id, groups=groups or ("public",))


WITNESS = SigningKey("witness.example/hiep-hoi", KeyType.COSIGNATURE_ED25519, bytes(range(32)))
OTHER = SigningKey("witness.example/dai-hoc", KeyType.COSIGNATURE_ED25519, bytes(range(32, 64)))


@pytest.fixture
def workshop(world: Any) -> Workshop:
    return Workshop(world)


@pytest.fixture
def ask_witnesses(settings: Any) -> Iterator[Callable[[], object]]:
    """Return a function from whose call on the installation asks two witnesses; no address answers here."""
    file = Path(settings.DATA) / "witnesses.policy"
    text = (
        f"witness hiep-hoi {WITNESS.verifier.text} http://127.0.0.1:9\n"
        f"witness dai-hoc {OTHER.verifier.text} http://127.0.0.1:9\n"
        "quorum none\n"
    )
    yield lambda: file.write_text(text)
    file.unlink(missing_ok=True)


def cosign(workshop: Workshop, name: str = "hiep-hoi", key: SigningKey = WITNESS) -> None:
    """Keep a witness's true signature, as the publisher does, and publish the checkpoint with it."""
    kept = LogCheckpoint.objects.filter(log=workshop.log).latest("size")
    note = Note(bytes(kept.note).decode().rpartition("\n\n")[0] + "\n")
    line = note.signed(key, int(workshop.world.at.timestamp())).signatures[0]
    Cosignature.objects.create(checkpoint=kept, witness=name, line=line.text, at=workshop.world.at)
    files = files_of(workshop.log.origin)
    files.replace("checkpoint", bytes(kept.note) + line.text.encode())


def examine(workshop: Workshop, data: bytes, policy: str = "") -> queries.Examined:
    return queries.file_examine(public_scope(), data=data, policy=policy, at=workshop.world.at)


# ---- the log -------------------------------------------------------------------------------------


def test_each_stage_is_told_apart(workshop: Workshop, ask_witnesses: Ask) -> None:
    """Waiting, numbered, signed, witnessed: newest first, and only as far as it is true."""
    first = workshop.seal(1)
    assert {line.stage for line in queries.leaves(workshop.scope).lines} == {Stage.PENDING}
    workshop.sequence()
    listed = queries.leaves(workshop.scope)
    assert {line.stage for line in listed.lines} == {Stage.SEQUENCED}
    assert [line.index for line in listed.lines] == sorted(
        (line.index for line in listed.lines), reverse=True
    )
    workshop.settle()
    assert {line.stage for line in queries.leaves(workshop.scope).lines} == {Stage.CHECKPOINTED}
    ask_witnesses()
    cosign(workshop)
    second = workshop.seal(2, origin=Origin.CONFIRMED)
    listed = queries.leaves(workshop.scope)
    assert listed.asked == ("hiep-hoi", "dai-hoc")
    by_id = {line.leaf: line for line in listed.lines}
    assert (by_id[first.event_id].stage, by_id[first.event_id].witnesses) == (Stage.WITNESSED, ("hiep-hoi",))
    assert by_id[second.event_id].stage is Stage.PENDING
    assert by_id[second.event_id].origin is Origin.CONFIRMED
    assert {line.tier for line in listed.lines} == {"hosted"}


def test_filters_and_pages_cut_in_the_database(workshop: Workshop) -> None:
    """Every leaf is on exactly one page; types and stages narrow."""
    for number in range(7):
        workshop.seal(number)
    workshop.settle()
    workshop.seal(8)
    whole = queries.leaves(workshop.scope, limit=100)
    pages = [
        line.leaf
        for offset in range(0, whole.total, 3)
        for line in queries.leaves(workshop.scope, offset=offset, limit=3).lines
    ]
    assert pages == [line.leaf for line in whole.lines]
    assert len(set(pages)) == whole.total
    sealed = queries.leaves(workshop.scope, kind="proof.crate_sealed")
    assert sealed.total == 8
    assert sum(queries.leaves(workshop.scope, kind=kind).total for kind in whole.kinds) == whole.total
    assert queries.leaves(workshop.scope, kind=BATCH_KIND).total >= 1
    assert queries.leaves(workshop.scope, stage="pending").total == 1
    assert queries.leaves(workshop.scope, stage="witnessed").total == 0
    assert queries.leaves(workshop.scope, kind="no.such_thing").total == 0


def test_a_leaf_shows_content_commitments_and_its_way(workshop: Workshop) -> None:
    """The way leads to the published root; a leaf of the log's own has no event."""
    event = workshop.seal(5)
    workshop.settle()
    found = queries.leaf(workshop.scope, leaf=event.event_id)
    assert found.event is not None
    assert [group.state for group in found.leaf.groups] == ["open"] * 3
    assert found.leaf.inclusion is not None
    assert found.leaf.inclusion.problem == ""
    own = next(line for line in queries.leaves(workshop.scope).lines if line.kind == BATCH_KIND)
    assert queries.leaf(workshop.scope, leaf=own.leaf).event is None


def test_erased_is_said_with_its_day_and_the_proof_still_holds(workshop: Workshop) -> None:
    """What is gone is named; an old file holds; a new one shows the group closed."""
    event = workshop.seal(5)
    workshop.settle()
    before = workshop.file(event, *EVERY)
    said = body_erase(
        workshop.scope, events=[event.event_id], groups=["private"], ground="Law 91/2025/QH15",
        requester="employee", at=workshop.world.later(days=1),
    )  # fmt: skip
    workshop.settle()
    states = {group.group: group for group in queries.leaf(workshop.scope, leaf=event.event_id).leaf.groups}
    assert states["private"].state == "erased"
    assert states["private"].erased_by == said.event_id
    assert examine(workshop, before).holds
    after = examine(workshop, workshop.file(event, "public", "partner"))
    assert after.shown is not None
    assert after.shown.closed == ("private",)
    with pytest.raises(NotProvable, match="erased"):
        workshop.file(event, "private")


# ---- who may see what ----------------------------------------------------------------------------


def test_a_partner_sees_one_thing_without_the_private_part(workshop: Workshop, client: Any) -> None:
    """The link shows its subject only; its files hold the public and the partner's group."""
    ours, other = workshop.seal(5), workshop.seal(6, crate="crate:2")
    workshop.settle()
    token = services.subject_share(workshop.scope, leaf=ours.event_id, at=workshop.world.at)
    scope = link_scope(token=token, at=workshop.world.at)
    kinds = [each.event.type for each in queries.subject(scope).leaves]
    assert "proof.crate_sealed" in kinds
    data = queries.proof_file(scope, leaf=ours.event_id, groups=queries.FOR_PARTNERS)
    assert SECRET.encode() not in data
    assert sorted(disclosure_parse(data).opened) == ["partner", "public"]
    with pytest.raises(NotProvable):
        queries.proof_file(scope, leaf=ours.event_id, groups=("private",))
    with pytest.raises(EventNotFound):
        queries.proof_file(scope, leaf=other.event_id, groups=())
    with pytest.raises(Denied):
        services.subject_share(workshop.world.scope(workshop.organisation, "operator"), leaf=ours.event_id,
                               at=workshop.world.at)  # fmt: skip
    link = link_scope(token=token, at=workshop.world.at + timedelta(days=89))
    assert link.granted == frozenset({"proof.subject_read"})


def test_strangers_learn_the_place_and_nothing_else(workshop: Workshop, client: Any) -> None:
    """The public page of a leaf repeats what stands in published files; unpublished ones are not there."""
    event = workshop.seal(5)
    assert client.get(f"/verify/{event.event_id}/").status_code == 404
    workshop.settle()
    page = client.get(f"/verify/{event.event_id}/")
    text = page.content.decode()
    assert page.status_code == 200
    for secret in (
        SECRET,
        "Xưởng Niêm Phong",
        workshop.scope.actor,
        "crate:1",
        str(workshop.organisation.id),
    ):
        assert secret not in text
    assert "unwitnessed" in text.lower()
    assert client.get(f"/verify/{uuid4()}/").status_code == 404


def test_another_organisation_finds_nothing(workshop: Workshop) -> None:
    """One's own log is one's own."""
    event = workshop.seal(5)
    workshop.settle()
    theirs = workshop.world.scope(workshop.world.organisation())
    with pytest.raises(EventNotFound):
        queries.leaf(theirs, leaf=event.event_id)
    with pytest.raises(EventNotFound):
        queries.proof_file(theirs, leaf=event.event_id, groups=("public",))
    assert event.event_id not in {line.leaf for line in queries.leaves(theirs).lines}


# ---- files examined ------------------------------------------------------------------------------


def test_what_a_file_says(workshop: Workshop, ask_witnesses: Ask) -> None:
    """Witnesses by name, whose keys they are, who holds the author's key."""
    event = workshop.seal(5)
    workshop.settle()
    alone = examine(workshop, workshop.file(event))
    assert (alone.holds, alone.witnesses, alone.trust) == (True, (), "known")
    ask_witnesses()
    cosign(workshop)
    found = examine(workshop, workshop.file(event))
    assert [(each.name, each.known) for each in found.witnesses] == [("hiep-hoi", True)]
    assert (found.asked, found.tier, found.tier_known) == (2, "hosted", True)
    own = policy_of_entities(
        [disclosure_parse(workshop.file(event)).policy.logs[0].key], {"hiep-hoi": [WITNESS.verifier]}, 1
    ).text
    assert examine(workshop, workshop.file(event), own).trust == "own"
    strict = own.replace(WITNESS.verifier.text, OTHER.verifier.text)
    assert examine(workshop, workshop.file(event), strict).fault == "few-witnesses"


def test_a_witness_that_the_sender_made_up_is_not_known(workshop: Workshop, ask_witnesses: Ask) -> None:
    """Anybody can put a cosignature of their own under our checkpoint: it is unknown, never green."""
    from lienmach.apps.proof.presentation import verdict_of
    from lienmach.kernel.web.meaning import Meaning

    event = workshop.seal(5)
    workshop.settle()
    ask_witnesses()
    friend = SigningKey("witness.example/ban-toi", KeyType.COSIGNATURE_ED25519, b"f" * 32)
    document = json.loads(workshop.file(event))
    front, body, lines = document["proof"].split("\n\n")
    line = Note(body + "\n").signed(friend, int(workshop.world.at.timestamp())).signatures[0].text
    document["proof"] = f"{front}\n\n{body}\n\n{lines}{line}"
    log = document["policy"].splitlines()[0]
    document["policy"] = f"{log}\nwitness friend {friend.verifier.text}\nquorum friend\n"
    found = examine(workshop, spelled(document))
    assert [(each.name, each.known) for each in found.witnesses] == [("friend", False)]
    assert verdict_of(found).meaning is Meaning.INFORMATION


def test_another_key_under_our_logs_name_is_a_forgery(workshop: Workshop) -> None:
    """Self-consistent, signed, and refused: it is not the key we publish."""
    event = workshop.seal(5)
    workshop.settle()
    document = json.loads(workshop.file(event))
    forger = SigningKey(workshop.log.origin, KeyType.ED25519, b"x" * 32)
    front, body, _ = document["proof"].split("\n\n")
    document["proof"] = f"{front}\n\n" + Note(body + "\n").signed(forger).to_bytes().decode()
    document["policy"] = f"log {forger.verifier.text}\nquorum none\n"
    assert disclosure_parse(spelled(document)).verify().groups
    assert examine(workshop, spelled(document)).fault == "imposter"


def test_a_cosignature_from_the_future_is_refused(workshop: Workshop, ask_witnesses: Ask) -> None:
    """A clock that is an hour ahead vouches for nothing."""
    event = workshop.seal(5)
    workshop.settle()
    ask_witnesses()
    cosign(workshop)
    data = workshop.file(event)
    early = workshop.world.at - timedelta(hours=1)
    assert not queries.file_examine(public_scope(), data=data, at=early).holds


def spelled(document: Any) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


FAULTS = {
    "file": lambda document: {**document, "more": 1},
    "leaf": lambda document: {**document, "leaf": "AAAA"},
    "no-log-signature": lambda document: {
        **document,
        "proof": document["proof"].rsplit("\n— ", 1)[0]
        + "\n— elsewhere "
        + document["proof"].rsplit(" ", 1)[1],
    },
    "inclusion": lambda document: {
        **document,
        "proof": re.sub(r"index (\d+)", lambda found: f"index {int(found[1]) ^ 1}", document["proof"]),
    },
    "opening": lambda document: {
        **document,
        "opened": {"public": {**document["opened"]["public"], "body": '{"body":{"lane":"L2"}}'}},
    },
    "author": lambda document: {
        **document,
        "author": {**document["author"], "batch": {**document["author"]["batch"], "path": []}},
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_part_that_does_not_hold_is_named(workshop: Workshop, fault: str) -> None:
    """In words a person can act on, with the verifier's own sentence beside it."""
    event = [workshop.seal(number) for number in range(3)][1]
    workshop.settle()
    document = json.loads(workshop.file(event))
    found = examine(workshop, spelled(FAULTS[fault](document)))
    assert (found.holds, found.fault) == (False, fault)
    assert found.reason


BAD_INPUT = [
    b"", b"\n", b"{}", b"[]", b"null", b"\xff\xfe", b"PK\x03\x04", b"{" * 100_000,
    b'{"format":' + b"[" * 100_000,
    b'{"format": "lienmach/disclosure@v1"}\n', b"c2sp.org/tlog-proof@v1\n", b"<script>alert(1)</script>",
    b"x" * 1_000_001, b"\x00" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("data", BAD_INPUT, ids=lambda data: repr(data[:24]))
def test_any_bytes_get_an_answer(workshop: Workshop, client: Any, data: bytes) -> None:
    """No stack trace, nothing executed, and what to do."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    assert not examine(workshop, data).holds
    answer = client.post("/verify/", {"file": SimpleUploadedFile("proof.json", data)})
    assert answer.status_code in (200, 422)
    assert b"<script>alert" not in answer.content
    answer = client.post("/verify/", {"text": data.decode("latin-1")})
    assert answer.status_code in (200, 422)


# ---- pages ---------------------------------------------------------------------------------------


def test_pages_say_unwitnessed_and_never_only_tick(workshop: Workshop, signed_in: Any) -> None:
    """Every page of a log without witnesses says so; every verdict leads to what it does not prove."""
    event = workshop.seal(5)
    workshop.settle()
    browser = signed_in(workshop.member)
    home = f"/o/{workshop.organisation.slug}/proof/"
    for address in (home, f"{home}leaves/{event.event_id}/", f"{home}health/", f"/verify/{event.event_id}/"):
        text = browser.get(address).content.decode()
        assert "unwitnessed" in text.lower(), address
        assert "/verify/what-it-proves/" in text, address
    file = browser.get(f"{home}leaves/{event.event_id}/file/?show=public&show=partner&show=nonsense")
    assert file["Content-Disposition"].startswith("attachment")
    assert sorted(disclosure_parse(file.content).opened) == ["partner", "public"]
    browser.logout()
    answer = browser.post("/verify/", {"text": file.content.decode()})
    text = answer.content.decode()
    assert "unwitnessed" in text
    assert "Pieces in the crate" in text
    assert "What this does not prove" in text
    machine = browser.post(
        "/verify/", {"text": file.content.decode()}, headers={"Accept": "application/json"}
    )
    assert (machine.json()["verified"], machine.json()["witnessed"]) == (True, False)


def test_pasting_survives_what_browsers_do(workshop: Workshop, client: Any) -> None:
    """CR LF and a lost last newline are no forgery."""
    event = workshop.seal(5)
    workshop.settle()
    text = workshop.file(event).decode().replace("\n", "\r\n").rstrip()
    answer = client.post("/verify/", {"text": text}, headers={"Accept": "application/json"})
    assert answer.json()["verified"]


def test_the_link_is_shown_once_and_opens(workshop: Workshop, signed_in: Any) -> None:
    """From the leaf's page to the partner's page and a file."""
    event = workshop.seal(5)
    workshop.settle()
    browser = signed_in(workshop.member)
    page = f"/o/{workshop.organisation.slug}/proof/leaves/{event.event_id}/"
    browser.post(f"{page}share/")
    text = browser.get(page).content.decode()
    link = text.split('id="partner-link" readonly value="http://testserver')[1].split('"')[0]
    browser.logout()
    shown = browser.get(link).content.decode()
    assert "Pieces in the crate" in shown
    assert SECRET not in shown
    workshop.settle()
    assert disclosure_parse(browser.get(f"{link}{event.event_id}/file/").content).verify().groups["partner"]


# ---- health --------------------------------------------------------------------------------------


def test_health_says_what_to_do_next(workshop: Workshop, ask_witnesses: Ask) -> None:
    """From nothing yet, over a worker that sleeps, to held."""

    def advice() -> Advice:
        return queries.health(workshop.scope, at=workshop.world.at).log.advice

    workshop.sequence()
    workshop.seal(1)
    workshop.world.later(minutes=5)
    assert advice() is Advice.START_WORKER
    workshop.sequence()
    assert advice() is Advice.NOT_SIGNED
    workshop.settle()
    ask_witnesses()
    assert advice() is Advice.CHECK_WITNESSES
    cosign(workshop)
    cosign(workshop, "dai-hoc", OTHER)
    assert advice() is Advice.NOTHING
    Log.objects.filter(id=workshop.log.id).update(held="Restored from Monday.")
    assert advice() is Advice.RESUME
    assert queries.leaves(workshop.scope).held == "Restored from Monday."


def test_health_without_witnesses(workshop: Workshop) -> None:
    """An unwitnessed log is never healthy."""
    workshop.seal(1)
    workshop.settle()
    found = queries.health(workshop.scope, at=workshop.world.at)
    assert found.log.advice is Advice.ASK_WITNESSES


def test_health_names_who_fails_and_who_has_left(
    workshop: Workshop, ask_witnesses: Ask, signed_in: Any, settings: Any
) -> None:
    """On the page, in the API and at the command: since when, why, and what each cosigned last."""
    workshop.seal(1)
    workshop.settle()
    ask_witnesses()
    cosign(workshop)
    workshop.seal(2)
    began = workshop.world.later(minutes=3)
    workshop.settle()
    browser = signed_in(workshop.member)
    home = workshop.organisation.slug
    page = browser.get(f"/o/{home}/proof/health/").content.decode()
    assert page.count("does not cosign") == page.count("has not cosigned since") == 2
    assert "does not answer: " in page
    answer = browser.get(f"/api/v1/o/{home}/proof/health").json()
    failing = {each["name"]: each for each in answer["witnesses"]}
    assert datetime.fromisoformat(failing["hiep-hoi"]["failing_since"]) == began
    assert failing["hiep-hoi"]["size"] and failing["dai-hoc"]["size"] is None
    said = CliRunner().invoke(cli.app, ["logs"]).stdout
    assert f"dai-hoc has not cosigned since {began:%Y-%m-%d %H:%M} UTC. {OTHER.name} at" in said
    file = Path(settings.DATA) / "witnesses.policy"
    file.write_text(file.read_text().replace(" http://127.0.0.1:9", ""))
    former = browser.get(f"/api/v1/o/{home}/proof/health").json()["witnesses"]
    assert [(each["name"], each["former"], each["reason"]) for each in former] == [("hiep-hoi", True, "")]
    page = browser.get(f"/o/{home}/proof/health/").content.decode()
    assert "former" in page and "dai-hoc" not in page
    file.write_text("nonsense")
    assert "cannot be read" in browser.get(f"/o/{home}/proof/health/").content.decode()
    broken = CliRunner().invoke(cli.app, ["logs"])
    assert broken.exit_code == 1 and "witnesses.policy: Policy, line 1" in broken.stdout


def test_identifiers_are_uuids(workshop: Workshop) -> None:
    """A leaf is named by its event's id, the log's own by one of their own."""
    workshop.seal(1)
    workshop.settle()
    assert all(isinstance(line.leaf, UUID) for line in queries.leaves(workshop.scope).lines)
