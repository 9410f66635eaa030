"""The witness as a process answers: every status, two requests at once, and our own client against it."""

import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.keys import KeyType, SigningKey, vkey_parse
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.notes import Note, note_parse, note_verify
from lienmach.engines.ledger.policy import Party
from lienmach.engines.ledger.tree import Tree
from lienmach.engines.ledger.witness import origin_hash, request_bytes
from lienmach.kernel.evidence.log.ask import Ahead, Unreachable, cosignature, last_seen
from lienmach.kernel.evidence.witness.server import WitnessServer
from lienmach.kernel.evidence.witness.store import Store, witness_keys

LOG = SigningKey("log.example/one", KeyType.ED25519, bytes(range(32)))
TREE = Tree(leaf_hash(b"%d" % number) for number in range(40))
FORK = Tree(leaf_hash(b"x%d" % number) for number in range(40))


def note_of(size, tree=TREE, key=LOG):
    return Note(Checkpoint(LOG.name, size, tree.root(size)).body).signed(key)


@pytest.fixture
def witness(tmp_path):
    store = Store(tmp_path)
    store.add(LOG.verifier.text)
    server = WitnessServer(("127.0.0.1", 0), store, witness_keys(tmp_path, "witness.example/w"), lambda: 9)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


def ask(server, path="add-checkpoint", body=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address(server)}/{path}", data=body)) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers["Content-Type"]


def add(server, old, size, proof=None, **note):
    path = proof if proof is not None else (TREE.consistency_proof(old, size) if old else [])
    return ask(server, body=request_bytes(old, path, note_of(size, **note).to_bytes()))


def test_every_answer_of_the_protocol(witness):
    assert ask(witness, body=b"nonsense")[0] == 400
    other = SigningKey("log.example/two", KeyType.ED25519, bytes(32))
    unknown = Note(Checkpoint(other.name, 1, TREE.root(1)).body).signed(other)
    assert ask(witness, body=request_bytes(0, [], unknown.to_bytes()))[0] == 404
    thief = SigningKey(LOG.name, KeyType.ED25519, bytes(32))
    assert add(witness, 0, 5, key=thief)[0] == 403
    assert ask(witness, f"{origin_hash(LOG.name)}/checkpoint")[0] == 404
    status, lines, _ = add(witness, 0, 5)
    assert status == 200
    keys = [key.verifier for key in witness.signers]
    note = note_parse(note_of(5).to_bytes() + lines)
    assert {one.key for one in note_verify(note, keys)} == set(keys)
    assert add(witness, 0, 7) == (409, b"5\n", "text/x.tlog.size")
    assert add(witness, 9, 7, proof=[])[0] == 400
    assert add(witness, 5, 7, proof=[bytes(32)])[0] == 422
    assert add(witness, 5, 7, tree=FORK)[0] == 422
    assert witness.store.suspicions() == 2
    assert add(witness, 5, 5)[0] == 200
    assert add(witness, 5, 7)[0] == 200
    status, kept, _ = ask(witness, f"{origin_hash(LOG.name)}/checkpoint")
    assert (status, checkpoint_parse(note_parse(kept).body).size) == (200, 7)
    assert ask(witness, "elsewhere", b"")[0] == 404


def test_of_two_requests_at_once_one_is_cosigned(witness):
    """Two trees from one size: whoever loses is told the winner's size; the witness never goes back."""
    assert add(witness, 0, 3)[0] == 200
    start = threading.Barrier(8)

    def send(size):
        start.wait()
        return add(witness, 3, size)[0]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(4, 12)))
    assert sorted(answers) == [200] + [409] * 7
    size = 4 + answers.index(200)
    kept = ask(witness, f"{origin_hash(LOG.name)}/checkpoint")[1]
    assert checkpoint_parse(note_parse(kept).body).size == size


@pytest.mark.parametrize("shared", [0, 3])
def test_of_two_histories_at_once_one_is_cosigned(witness, shared):
    """Whoever holds the log's key and shows two trees of one size at the same moment gets one signature."""
    other = Tree(leaf_hash(b"%s%d" % (b"x" if n >= shared else b"", n)) for n in range(40))
    if shared:
        assert add(witness, 0, shared)[0] == 200
    start = threading.Barrier(2)

    def send(tree):
        start.wait()
        path = tree.consistency_proof(shared, 8) if shared else []
        return ask(witness, body=request_bytes(shared, path, note_of(8, tree=tree).to_bytes()))

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip((TREE, other), pool.map(send, (TREE, other)), strict=True))
    (winner,) = (tree for tree, answer in answers.items() if answer[0] == 200)
    (loser,) = (tree for tree, answer in answers.items() if answer[:2] == (409, b"8\n"))
    assert checkpoint_parse(note_parse(kept(witness)).body).root == winner.root(8)
    # Told where the witness stands, the loser cannot go on from there; what it shows is kept.
    assert ask(witness, body=request_bytes(8, [], note_of(8, tree=loser).to_bytes()))[0] == 422
    assert witness.store.suspicions() == 1


def kept(witness):
    return ask(witness, f"{origin_hash(LOG.name)}/checkpoint")[1]


def test_a_witness_keeps_what_it_cosigned_over_a_restart(witness, tmp_path):
    add(witness, 0, 6)
    again = Store(tmp_path)
    assert again.log(LOG.name).size == 6
    assert [key.verifier for key in witness_keys(tmp_path)] == [key.verifier for key in witness.signers]
    again.close()


def test_our_client_catches_up_and_stops_when_the_witness_is_ahead(witness):
    party = Party(witness.signers[0].verifier, address(witness))
    head = checkpoint_parse(note_of(9).body)
    note = cosignature(party, note_of(9), 0, head, TREE.node)
    assert len(note.signatures) == 2
    head = checkpoint_parse(note_of(30).body)
    assert cosignature(party, note_of(30), 4, head, TREE.node)  # it was told 9 and tried again from there
    seen = last_seen(party, LOG.name, [vkey_parse(LOG.verifier.text)])
    assert seen is not None and seen.size == 30
    with pytest.raises(Ahead):
        cosignature(party, note_of(8), 0, checkpoint_parse(note_of(8).body), TREE.node)
    with pytest.raises(Unreachable):
        last_seen(Party(party.key, "http://127.0.0.1:9"), LOG.name, [LOG.verifier])
