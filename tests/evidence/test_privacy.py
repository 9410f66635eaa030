"""A competitor with all public files and one partner's documents learns nothing by guessing.

He knows the format and the possible contents to the letter; he lacks 32 random bytes per group. The full
measure, a million guesses, is `benchmarks/evidence.py privacy`; this is a shorter run of it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, product
from typing import Any

import pytest

from lienmach.engines.ledger.canonical import exact
from lienmach.engines.ledger.commitments import PREFIX, SALT_SIZE
from lienmach.engines.ledger.disclosure import Disclosure
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.tiles import TiledLog
from lienmach.kernel.evidence.log.files import files_of
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.evidence.models import Opening

from .conftest import Platform


@dataclass
class Attacker:
    """Everything he holds: commitments and where they stand, salts he was shown, bytes to try as salts."""

    commitments: dict[bytes, str] = field(default_factory=dict)
    salts: list[bytes] = field(default_factory=list)
    opened: set[bytes] = field(default_factory=set)

    def read_log(self, log: TiledLog) -> None:
        """Take every public entry; what could have been a derived salt is tried as one."""
        derived = {bytes(SALT_SIZE), b"\xff" * SALT_SIZE}
        for index in range(log.size):
            entry = log.entry(index)
            if not entry.startswith(b"{"):
                continue
            header = leaf_parse(entry)
            for group, commitment in header.commitments.items():
                self.commitments[commitment] = f"{index} {group}"
            seeds = (header.event.encode(), header.time.encode(), header.author.key_id.encode(), entry)
            derived |= {sha256(seed).digest() for seed in seeds}
            derived.add(bytes.fromhex(header.event.replace("-", "")) * 2)
        self.salts += sorted(derived)[:20]

    def read_document(self, file: Disclosure) -> None:
        """Take what a partner was shown: its salts might be used twice."""
        header = leaf_parse(file.leaf)
        for group, opening in file.opened.items():
            self.salts.append(opening.salt)
            self.opened.add(header.commitments[group])

    def confirm(self, bodies: Iterable[bytes]) -> tuple[int, list[str]]:
        """Try every body with every salt; return how many were tried, and what was confirmed."""
        tried, confirmed = 0, []
        unknown = {value: where for value, where in self.commitments.items() if value not in self.opened}
        starts = [sha256(PREFIX + salt) for salt in self.salts]
        for body in bodies:
            tried += 1
            for start in starts:
                attempt = start.copy()
                attempt.update(body)
                if attempt.digest() in unknown:
                    confirmed.append(unknown[attempt.digest()])
        return tried, confirmed


def guesses(actors: Iterable[str]) -> Iterator[bytes]:
    """Bodies as the platform writes them, among them the true ones, over everything that could vary."""
    drivers = ("tài xế Bảy", *(f"tài xế {number}" for number in range(100)))
    for number, pieces in enumerate(range(10_000)):
        for pallet in range(1, 221):
            yield exact({"body": {"pieces": pieces}, "subject": f"pallet:{pallet}"})
        for actor, driver in product(actors, islice(drivers, number % 5, None, 5)):
            yield exact({"actor": actor, "body": {"driver": driver}})


def attack(platform: Platform, count: int) -> tuple[int, list[str]]:
    """Guess at the log of a platform, as somebody would who does business with it."""
    files = files_of(platform.log.origin)
    attacker = Attacker()
    attacker.read_log(TiledLog(files.read, platform.log.released))
    for event in platform.events[:2]:
        attacker.read_document(
            event_proof(platform.scope, event_id=event.event_id, disclose=("public", "partner"))
        )
    assert len(attacker.commitments) >= 3 * len(platform.events)
    return attacker.confirm(islice(guesses([platform.scope.actor]), count))


@pytest.mark.django_db
def test_guessing_confirms_nothing(platform: Platform) -> None:
    """With the true bodies among the guesses, and every salt the attacker can have or derive."""
    truth = {bytes(body) for body in Opening.objects.exclude(group="public").values_list("body", flat=True)}
    assert truth & set(islice(guesses([platform.scope.actor]), 20_000))
    tried, confirmed = attack(platform, 20_000)
    assert (tried, confirmed) == (20_000, [])


@pytest.mark.django_db
def test_the_attack_would_succeed_with_one_salt(platform: Platform) -> None:
    """The control: whoever has the salt of one group confirms that one, and only that one."""
    files = files_of(platform.log.origin)
    attacker = Attacker()
    attacker.read_log(TiledLog(files.read, platform.log.released))
    secret = Opening.objects.get(event_id=platform.events[4].event_id, group="private")
    attacker.salts.append(bytes(secret.salt))
    _tried, confirmed = attacker.confirm(islice(guesses([platform.scope.actor]), 20_000))
    assert len(set(confirmed)) == 1


@pytest.mark.django_db
def test_no_two_groups_share_a_salt(platform: Platform) -> None:
    """And none is a function of what stands in the leaf."""
    salts = [bytes(salt) for salt in Opening.objects.values_list("salt", flat=True)]
    assert len(set(salts)) == len(salts) > 20


@pytest.mark.django_db
def test_public_files_hold_no_content(platform: Platform) -> None:
    """Nothing of any body, subject or actor stands in what everybody may fetch."""
    data = b"".join(path.read_bytes() for path in platform.folder.rglob("*") if path.is_file())
    words: set[Any] = {"pallet:1", platform.scope.actor, "tài xế Bảy", platform.organisation.name}
    words |= {json.dumps({"lane": "L1"})[1:-1], str(platform.organisation.id)}
    assert [word for word in words if word.encode() in data] == []
