"""The witness protocol: every answer, their order, the race, and a log that tries everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger import witness
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError, Malformed, Rejected
from lienmach.engines.ledger.merkle import EMPTY_ROOT, leaf_hash
from lienmach.engines.ledger.notes import Note, note_parse, note_verify
from lienmach.engines.ledger.tree import Tree
from lienmach.engines.ledger.witness import Answer, Status, Update, WitnessedLog

from .samples import LOG, STRANGER, TIME, UNIVERSITY, WITNESS, checkpoint, entries, head, mutations, tree_of

SIGNERS = [WITNESS, UNIVERSITY]
KEYS = [key.verifier for key in SIGNERS]


class Memory:
    """A witness's state with the one promise its store has to keep: compare and set."""

    def __init__(self) -> None:
        self.logs = {LOG.name: WitnessedLog((LOG.verifier,))}
        self.notes: dict[str, bytes] = {}

    def store(self, update: Update) -> bool:
        known = self.logs[update.origin]
        if known.size != update.old:
            return False
        self.logs[update.origin] = WitnessedLog(known.keys, update.size, update.root)
        self.notes[update.origin] = update.note
        return True

    def post(self, body: bytes, time: int = TIME) -> Answer:
        answer = witness.add_checkpoint(body, self.logs.get, SIGNERS, time)
        if answer.update is not None and not self.store(answer.update):
            return witness.conflict(self.logs[answer.update.origin].size)
        return answer


def request(old: int, new: int, note: Note | None = None) -> bytes:
    proof = tree_of(new).consistency_proof(old, new) if 0 < old <= new else []
    return witness.request_bytes(old, proof, (note or checkpoint(new)).to_bytes())


def test_a_log_grows() -> None:
    """First sight, growth, the same again: cosigned each time, both kinds, and served with the log's line."""
    memory = Memory()
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 300)):
        answer = memory.post(request(old, new), TIME + new)
        assert (answer.status, answer.content_type) == (Status.OK, "text/plain; charset=utf-8")
        note = witness.cosigned(checkpoint(new), answer.body, KEYS)
        assert [one.time for one in note_verify(note, KEYS)] == [TIME + new] * 2
        kept = note_parse(memory.notes[LOG.name])
        assert len(note_verify(kept, [LOG.verifier, *KEYS])) == 3


def test_a_log_may_begin_empty() -> None:
    """Size 0 with the empty root is cosigned; afterwards the old size still is 0."""
    memory = Memory()
    empty = head(LOG.name, 0, EMPTY_ROOT).signed(LOG)
    assert memory.post(request(0, 0, empty)).status == Status.OK
    assert memory.post(request(0, 5)).status == Status.OK


GOOD = request(0, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 0\n", GOOD.replace(b"old 0", b"old 00"), GOOD.replace(b"old 0", b"old -1"),
        GOOD.replace(b"old 0", b"old  0"), GOOD.replace(b"old 0", b"size 0"), GOOD.replace(b"old 0\n", b""),
        GOOD.replace(b"old 0", b"old 4"), GOOD.replace(b"old 0\n", b"old 0\nAAAA\n"), GOOD[:-1], GOOD + b"\n",
        GOOD.replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 64), GOOD.replace(b"\n3\n", b"\n03\n"),
        GOOD.replace(b"old 0", b"old \xd9\xa0"), GOOD.replace(b"\n\n", b"\n", 1), b"x" * 1_000_001,
        b"old 0\n\n" + Note("text\n").signed(LOG).to_bytes(),
    ],
)  # fmt: skip
def test_bad_requests(body: bytes) -> None:
    """400: malformed, more than 63 proof lines, or an old size above the checkpoint's."""
    assert Memory().post(body).status == Status.BAD_REQUEST


def test_unknown_logs_and_keys() -> None:
    """404 for an origin nobody configured; 403 without a trusted signature, or with one that fails."""
    memory = Memory()
    assert memory.post(request(0, 3, checkpoint(3, STRANGER))).status == Status.NOT_FOUND
    unsigned = head(LOG.name, 3, tree_of(3).root()).signed(STRANGER)
    assert memory.post(request(0, 3, unsigned)).status == Status.FORBIDDEN
    spoiled = checkpoint(3).with_lines(checkpoint(4).signatures)
    assert memory.post(request(0, 3, spoiled)).status == Status.FORBIDDEN


def test_conflicts_say_the_size() -> None:
    """409 with the size last cosigned, so that the log can make the proof that is asked for."""
    memory = Memory()
    assert memory.post(request(0, 8)).status == Status.OK
    for old, new in ((0, 9), (3, 9), (0, 3)):
        answer = memory.post(request(old, new))
        assert (answer.status, answer.content_type) == (Status.CONFLICT, "text/x.tlog.size")
        assert witness.conflict_size(answer.body) == 8
    assert memory.post(request(8, 9)).status == Status.OK


def test_what_cannot_be_true_is_kept_and_never_cosigned() -> None:
    """422: empty with a root, a proof from nothing, another root of the same size, a history rewritten."""
    memory = Memory()
    forged = head(LOG.name, 0, b"\1" * 32).signed(LOG)
    proof_from_nothing = witness.request_bytes(0, [b"\0" * 32], checkpoint(3).to_bytes())
    for body in (request(0, 0, forged), proof_from_nothing):
        answer = memory.post(body)
        assert (answer.status, answer.suspicious) == (Status.UNPROCESSABLE, True)
    memory.post(request(0, 3))
    other = Tree(leaf_hash(entry) for entry in (b"x", *entries(8)[1:]))
    fork = head(LOG.name, 3, other.root(3)).signed(LOG)
    rewritten = head(LOG.name, 8, other.root()).signed(LOG).to_bytes()
    too_long = witness.request_bytes(
        3, [*tree_of(8).consistency_proof(3), b"\0" * 32], checkpoint(8).to_bytes()
    )
    for body in (
        request(3, 3, fork),
        witness.request_bytes(3, other.consistency_proof(3), rewritten),
        witness.request_bytes(3, [], checkpoint(8).to_bytes()),
        witness.request_bytes(3, [b"\0" * 32], checkpoint(3).to_bytes()),
        too_long,
    ):
        answer = memory.post(body)
        assert (answer.status, answer.suspicious) == (Status.UNPROCESSABLE, True)
        assert answer.update is None
        assert "—" not in answer.body
    assert memory.logs[LOG.name].size == 3


def test_checks_come_in_the_order_of_the_protocol() -> None:
    """A request with everything wrong is answered by the first check; repaired one by one, by the next."""
    memory = Memory()
    memory.post(request(0, 8))
    stranger_bad = head("nobody.example", 9, b"\1" * 32).signed(STRANGER)
    unsigned = head(LOG.name, 9, b"\1" * 32).signed(STRANGER)
    wrong_root = head(LOG.name, 9, b"\1" * 32).signed(LOG)
    for old, note, status in (
        (10, stranger_bad, 400), (3, stranger_bad, 404), (3, unsigned, 403), (3, wrong_root, 409),
        (8, wrong_root, 422),
    ):  # fmt: skip
        assert memory.post(request(old, 9, note)).status == status


def test_two_at_once_cannot_roll_back() -> None:
    """Both requests are decided on the same state; the store lets one through, the other hears the size."""
    memory = Memory()
    memory.post(request(0, 3))
    decided = [witness.add_checkpoint(request(3, size), memory.logs.get, SIGNERS, TIME) for size in (20, 8)]
    assert [answer.status for answer in decided] == [200, 200]
    stored = [answer.update is not None and memory.store(answer.update) for answer in decided]
    assert stored == [True, False]
    assert memory.logs[LOG.name].size == 20


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=12))
def test_a_witness_never_goes_back_or_sideways(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever a log sends, honest or forked, the sizes cosigned never fall and stay one history."""
    memory, cosigned = Memory(), [(0, EMPTY_ROOT)]
    forked = Tree(leaf_hash(entry) for entry in (b"x", *entries(12)[1:]))
    honest = tree_of(12)
    for old, new, fork in steps:
        tree = forked if fork else honest
        note = head(LOG.name, new, tree.root(new)).signed(LOG)
        proof = tree.consistency_proof(old, new) if 0 < old <= new else []
        answer = memory.post(witness.request_bytes(old, proof, note.to_bytes()))
        if answer.status == Status.OK:
            cosigned.append((new, tree.root(new)))
    sizes = [size for size, _ in cosigned]
    assert sizes == sorted(sizes)
    grown = [(size, root) for size, root in cosigned if size]
    assert all(root == honest.root(size) for size, root in grown) or all(
        root == forked.root(size) for size, root in grown
    )


def test_no_mutation_of_a_request_is_cosigned_as_something_else() -> None:
    """A changed byte is refused, or changed nothing that the cosignature says."""
    memory = Memory()
    memory.post(request(0, 3))
    body = request(3, 8)
    for changed in mutations(body):
        answer = witness.add_checkpoint(changed, memory.logs.get, [WITNESS], TIME)
        assert answer.status != Status.OK


def test_what_a_client_does_with_an_answer() -> None:
    """Lines of unknown keys are left out; no known line, or a wrong one, and the answer is refused."""
    note = checkpoint(5)
    line = note.signed(WITNESS, TIME).signatures[-1]
    stranger = note.signed(UNIVERSITY, TIME).signatures[-1]
    assert witness.cosigned(note, line.text + stranger.text, [WITNESS.verifier]).signatures == (
        *note.signatures,
        line,
    )
    wrong = checkpoint(6).signed(WITNESS, TIME).signatures[-1]
    timeless = note.signed(WITNESS, 0).signatures[-1]
    for answer in ("", "error\n", stranger.text, wrong.text, timeless.text, line.text[:-1]):
        with pytest.raises(LedgerError):
            witness.cosigned(note, answer, [WITNESS.verifier])
    for text in ("", "8", "08\n", "-1\n", "8\n\n"):
        with pytest.raises(Malformed):
            witness.conflict_size(text)


def test_the_name_of_a_log_in_an_address() -> None:
    """As the worked example has it."""
    assert witness.origin_hash(LOG.name) == "039674c7c684ee894f503518d01f07405482e401bbb54f65c6d37ccda92c786e"


def test_a_witness_has_a_clock_and_a_key() -> None:
    """Time 0 would make no statement; no key, no answer."""
    for signers, time in (([], TIME), (SIGNERS, 0)):
        with pytest.raises(ValueError, match="a clock and a key"):
            witness.add_checkpoint(GOOD, Memory().logs.get, signers, time)


def test_requests_read_back() -> None:
    """What a client writes is what the witness reads."""
    read = witness.request_parse(request(3, 8))
    assert (read.old, read.checkpoint.size) == (3, 8)
    assert read.to_bytes() == request(3, 8)
    assert checkpoint_parse(read.note.body) == read.checkpoint
    with pytest.raises(Rejected):
        note_verify(read.note, [STRANGER.verifier])
