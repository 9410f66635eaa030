"""Witnesses come, fail and go: who has gone stays known, who fails is shown, a stranger alarms."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.notes import note_parse
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.explorer import leaf_list
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.health import Advice, LogHealth, log_health
from lienmach.kernel.evidence.log.known import known_log
from lienmach.kernel.evidence.log.policy import witness_names
from lienmach.kernel.evidence.log.proofs import Stage, event_place, event_proof
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.log.standing_of_log import policy_in_force
from lienmach.kernel.evidence.models import Cosignature, LogCheckpoint, WitnessFailure
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.scope import SystemScope

from .conftest import Platform
from .test_witnessed import policy, witnessed

__all__ = ["witnessed"]  # a fixture
pytestmark = pytest.mark.django_db
LEAVING = "university"


def write(settings: Any, text: str) -> None:
    (Path(settings.DATA) / "witnesses.policy").write_text(text)


def retired(running: Any) -> str:
    """The policy after the university left: its line without an address, in no group."""
    lines = policy(running).splitlines()
    kept = [line.rsplit(" ", 1)[0] if line.startswith(f"witness {LEAVING}") else line for line in lines[:2]]
    return "\n".join([*kept, "quorum association", ""])


def settle(platform: Platform, publisher: Publisher | None = None) -> None:
    """Sequence and publish with this publisher; a new one is a worker that was started again."""
    while sequence(at=platform.world.at):
        pass
    (publisher or Publisher()).publish_all(at=platform.world.at)


def health(platform: Platform) -> LogHealth:
    return log_health(platform.scope, at=platform.world.at)


def test_a_former_witness_stays_known_and_counts_no_more(
    platform: Platform, witnessed: Any, settings: Any
) -> None:
    """Cosigned by both, then one leaves: the audit is clean, the rest suffices, the past is shown."""
    both = platform.move(8)
    platform.settle()
    of_two = event_place(platform.scope, event_id=both.event_id).size
    write(settings, retired(witnessed))
    requests = witnessed[LEAVING].store.known()[0].size
    one = platform.move(9)
    platform.settle()
    assert witness_names() == ["association"]
    assert witnessed[LEAVING].store.known()[0].size == requests  # it was not asked
    head = note_parse((platform.folder / "checkpoint").read_bytes())
    assert checkpoint_parse(head.body).size == platform.log.size  # published without it
    assert audit(SystemScope()).findings == []
    cosigned = Cosignature.objects.filter(checkpoint__size=of_two, checkpoint__log=platform.log)
    assert {each.witness for each in cosigned} == {"association", LEAVING}
    lines = {line.leaf: line for line in leaf_list(platform.scope).lines}
    assert lines[both.event_id].witnesses == ("association", LEAVING)
    assert lines[one.event_id].witnesses == ("association",)
    assert leaf_list(platform.scope).asked == ("association",)
    shown = disclosure_parse(event_proof(platform.scope, event_id=both.event_id).to_bytes())
    assert list(shown.policy.witnesses) == list(shown.verify().verdict.witnesses) == ["association"]
    known = known_log(platform.log.origin)
    assert known and len(known.witness_vkeys) == 2  # who brings an older proof file is told so
    former = next(each for each in health(platform).witnesses if each.name == LEAVING)
    assert (former.url, former.size, former.behind) == ("", of_two, 0)
    assert health(platform).advice is Advice.NOTHING


def test_a_proof_right_after_a_witness_left_is_good(
    platform: Platform, witnessed: Any, settings: Any
) -> None:
    """The published checkpoint still bears its cosignature; the file names only who is asked now."""
    event = platform.move(8)
    platform.settle()
    write(settings, retired(witnessed))
    file = disclosure_parse(event_proof(platform.scope, event_id=event.event_id).to_bytes())
    assert len(file.proof.note.signatures) == 3
    assert list(file.verify().verdict.witnesses) == ["association"]
    assert audit(SystemScope()).findings == []


def test_a_former_witness_long_ago_is_still_shown(platform: Platform, witnessed: Any, settings: Any) -> None:
    """However many checkpoints have been signed since."""
    event = platform.move(8)
    platform.settle()
    write(settings, retired(witnessed))
    publisher = Publisher()
    for number in range(52):
        platform.move(number)
        settle(platform, publisher)
    lines = {line.leaf: line for line in leaf_list(platform.scope, limit=500).lines}
    assert lines[event.event_id].witnesses == ("association", LEAVING)


def test_a_stranger_and_a_line_taken_out_alarm(platform: Platform, witnessed: Any, settings: Any) -> None:
    """A cosignature whose key the policy has not is never taken on trust, nor one under another's name."""
    platform.move(8)
    platform.settle()
    write(settings, "\n".join([policy(witnessed).splitlines()[0], "quorum association", ""]))
    found = audit(SystemScope()).findings
    assert {one.kind for one in found} == {Kind.WITNESS_UNKNOWN} and "keeps its line" in found[0].what
    write(settings, retired(witnessed))
    assert audit(SystemScope()).findings == []
    kept = LogCheckpoint.objects.filter(log=platform.log).latest("size")
    stranger = SigningKey(f"witness.example/{LEAVING}", KeyType.COSIGNATURE_ED25519, bytes(32))
    line = note_parse(bytes(kept.note)).signed(stranger, 1_800_000_000).signatures[-1]
    Cosignature.objects.create(checkpoint=kept, witness="stranger", line=line.text, at=platform.world.at)
    (alarm,) = audit(SystemScope()).findings
    assert alarm.kind is Kind.WITNESS_UNKNOWN and "stranger" in alarm.what


def test_a_witness_outside_the_quorum_is_asked_and_does_not_count(
    platform: Platform, witnessed: Any, settings: Any
) -> None:
    """With an address and in no group: its cosignatures are shown, and nobody waits for them."""
    write(settings, "\n".join([*policy(witnessed).splitlines()[:2], "quorum association", ""]))
    event = platform.move(8)
    platform.settle()
    seen = event_place(platform.scope, event_id=event.event_id).witnesses
    assert sorted(each.name for each in seen) == ["association", LEAVING]
    witnessed[LEAVING].store._connection.execute("UPDATE log SET origin = 'x' || origin")
    event = platform.move(9)
    platform.settle()
    assert event_place(platform.scope, event_id=event.event_id).stage is Stage.WITNESSED
    assert checkpoint_parse(note_parse((platform.folder / "checkpoint").read_bytes()).body).size == (
        platform.log.size
    )


def test_a_former_witness_in_a_group_is_refused_and_health_says_so(
    platform: Platform, witnessed: Any, settings: Any
) -> None:
    """Nobody asks it, so a quorum could never be reached; the message says which line to change."""
    lines = retired(witnessed).splitlines()
    write(settings, "\n".join([*lines[:2], f"group q any association {LEAVING}", "quorum q", ""]))
    with pytest.raises(
        Malformed, match=rf"witnesses.policy: witness {LEAVING} has no address.*take its name out"
    ):
        policy_in_force(platform.log)
    platform.move(8)
    platform.settle()
    found = health(platform)
    assert found.advice is Advice.MEND_POLICY and LEAVING in found.problem
    write(settings, retired(witnessed))
    platform.settle()
    assert (health(platform).advice, health(platform).problem) == (Advice.NOTHING, "")


def test_a_failing_witness_is_shown_until_it_cosigns(platform: Platform, witnessed: Any) -> None:
    """Since when, and with which last reason; other processes read it from the database."""

    def failing() -> dict[str, Any]:
        return {each.name: each for each in health(platform).witnesses if each.failing_since}

    platform.move(8)
    platform.settle()
    assert failing() == {} and not WitnessFailure.objects.exists()
    cosigned = next(each for each in health(platform).witnesses if each.name == LEAVING)
    platform.world.later(minutes=1)
    witnessed[LEAVING].store._connection.execute("UPDATE log SET origin = 'x' || origin")
    platform.move(9)
    platform.settle()
    began = platform.world.at
    first = failing()[LEAVING]
    assert first.failing_since == began and "answered 404" in first.reason
    assert (first.size, first.at) == (cosigned.size, cosigned.at)
    platform.world.later(hours=2)
    platform.settle()
    assert list(failing()) == [LEAVING] and failing()[LEAVING].failing_since == began
    row = WitnessFailure.objects.get()
    assert row.last_at - row.since == timedelta(hours=2)
    witnessed[LEAVING].store._connection.execute("UPDATE log SET origin = substr(origin, 2)")
    platform.settle()
    assert failing() == {} and not WitnessFailure.objects.exists()
    assert health(platform).advice is Advice.NOTHING


def test_witnesses_that_are_all_silent_when_a_worker_starts_are_shown(
    platform: Platform, witnessed: Any, settings: Any
) -> None:
    """Nothing is signed then, so nobody is asked for a cosignature: the health page says whom to call."""
    gone = policy(witnessed)
    for server in witnessed.values():
        gone = gone.replace(f":{server.server_address[1]}\n", ":9\n")
    write(settings, gone)
    platform.move(8)
    platform.settle()
    found = health(platform)
    assert found.signed < found.size
    assert all("does not answer" in each.reason for each in found.witnesses) and len(found.witnesses) == 2
    write(settings, policy(witnessed))
    platform.settle()
    assert not WitnessFailure.objects.exists()
