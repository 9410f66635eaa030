"""From a recorded event to a proof that two witnesses of different owners vouch for, over real HTTP."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.policy import policy_parse
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.held import Held
from lienmach.kernel.evidence.log.proofs import Stage, event_place, event_proof
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import Cosignature, Log
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.evidence.witness.server import WitnessServer
from lienmach.kernel.evidence.witness.store import Store, witness_keys
from lienmach.kernel.scope import SystemScope

from .conftest import Platform

NAMES = ("association", "university")


@contextmanager
def witnesses(folder: Path, vkey: str) -> Iterator[dict[str, WitnessServer]]:
    """Run a witness per name that knows the log."""
    with ExitStack() as stack:
        running = {}
        for name in NAMES:
            store = Store(folder / name)
            store.add(vkey)
            keys = witness_keys(folder / name, f"witness.example/{name}")[:1]
            server = running[name] = WitnessServer(("127.0.0.1", 0), store, keys)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(store.close)
        yield running


def policy(running: dict[str, WitnessServer]) -> str:
    lines = [
        f"witness {name} {server.signers[0].verifier.text} http://127.0.0.1:{server.server_address[1]}"
        for name, server in running.items()
    ]
    return "\n".join([*lines, f"group both all {' '.join(running)}", "quorum both", ""])


@pytest.fixture
def witnessed(platform: Platform, settings: Any, tmp_path: Path) -> Iterator[dict[str, WitnessServer]]:
    """The platform's log under the eyes of two witnesses; the policy file is removed afterwards."""
    file = Path(settings.DATA) / "witnesses.policy"
    with witnesses(tmp_path, (platform.folder / "log.vkey").read_text().strip()) as running:
        file.write_text(policy(running))
        try:
            yield running
        finally:
            file.unlink()


@pytest.mark.django_db
def test_a_proof_names_both_witnesses(platform: Platform, witnessed: Any) -> None:
    event = platform.move(8)
    platform.settle()
    place = event_place(platform.scope, event_id=event.event_id)
    assert (place.stage, sorted(each.name for each in place.witnesses)) == (Stage.WITNESSED, sorted(NAMES))
    file = event_proof(platform.scope, event_id=event.event_id)
    own = policy_parse(f"log {(platform.folder / 'log.vkey').read_text()}{policy(witnessed)}".encode())
    shown = disclosure_parse(file.to_bytes()).verify(own)
    assert sorted(shown.verdict.witnesses) == sorted(NAMES)
    assert audit(SystemScope()).findings == []


@pytest.mark.django_db
def test_without_the_quorum_the_old_checkpoint_stays(platform: Platform, witnessed: Any) -> None:
    """Nobody is shown a head that too few have seen; when they are back it is published."""
    platform.move(8)
    platform.settle()
    published = (platform.folder / "checkpoint").read_bytes()
    witnessed["university"].store._connection.execute("UPDATE log SET origin = 'x' || origin")
    event = platform.move(9)
    platform.settle()
    assert (platform.folder / "checkpoint").read_bytes() == published
    witnessed["university"].store._connection.execute("UPDATE log SET origin = substr(origin, 2)")
    platform.settle()
    assert event_place(platform.scope, event_id=event.event_id).stage is Stage.WITNESSED
    assert checkpoint_parse(note_parse((platform.folder / "checkpoint").read_bytes()).body).size > 12


@pytest.mark.django_db
def test_witnesses_named_later_are_asked_about_a_quiet_log(platform: Platform, request: Any) -> None:
    event = platform.move(8)
    platform.settle()
    assert event_place(platform.scope, event_id=event.event_id).stage is Stage.CHECKPOINTED
    request.getfixturevalue("witnessed")
    assert Publisher().catch_up(at=platform.world.at) == 1
    assert event_place(platform.scope, event_id=event.event_id).stage is Stage.WITNESSED
    assert Publisher().catch_up(at=platform.world.at) == 0


@pytest.mark.django_db
def test_a_log_behind_its_witnesses_is_held(platform: Platform, witnessed: Any) -> None:
    """Yesterday's database with yesterday's files: only the witnesses know better, and that is enough."""
    platform.settle()
    old = (platform.folder / "checkpoint").read_bytes()
    platform.move(8)
    platform.settle()
    witness = witnessed["association"].store._connection
    witness.execute("UPDATE log SET size = size + 5")
    note = witness.execute("SELECT note FROM log").fetchone()[0]
    assert note != old
    platform.move(9)
    sequence(at=platform.world.at)
    with pytest.raises(Held):
        Publisher().publish(platform.log, at=platform.world.at)
    assert Log.objects.get(id=platform.log.id).held
    assert Cosignature.objects.filter(checkpoint__log=platform.log).count() >= 2
