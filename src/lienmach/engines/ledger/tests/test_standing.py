"""A restored or cloned log does not sign before it has caught up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.ledger.checkpoints import Checkpoint
from lienmach.engines.ledger.errors import Rejected
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.standing import Position, sign_check, standing
from lienmach.engines.ledger.tree import Tree

from .samples import LOG, entries, tree_of

HONEST = tree_of(20)
OTHER = Tree(leaf_hash(entry) for entry in [*entries(10), b"another history", *entries(9)])


def at(size: int, tree: Tree = HONEST, origin: str = LOG.name) -> Checkpoint:
    return Checkpoint(origin, size, tree.root(size))


def test_level_behind_forked() -> None:
    """Each neighbour is judged alone; signing needs all of them level and at least one."""
    kept = {"hiep-hoi": at(20), "dai-hoc": at(7), "nguoi-mua": at(20)}
    assert standing(20, HONEST.node, kept).may_sign
    restored = standing(12, tree_of(12).node, kept)
    assert restored.positions == {
        "hiep-hoi": Position.BEHIND,
        "dai-hoc": Position.LEVEL,
        "nguoi-mua": Position.BEHIND,
    }
    assert (restored.may_sign, restored.catch_up) == (False, at(20))
    cloned = standing(20, OTHER.node, kept)
    assert (cloned.may_sign, cloned.positions["hiep-hoi"]) == (False, Position.FORKED)
    assert cloned.positions["dai-hoc"] is Position.LEVEL


def test_nobody_to_ask() -> None:
    """Silence is not agreement."""
    assert not standing(20, HONEST.node, {}).may_sign


@given(st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_what_is_signed_after_what(last: int, size: int, forked: bool) -> None:
    """Allowed exactly when the candidate is not smaller and holds what was signed before."""
    tree = OTHER if forked else HONEST
    try:
        sign_check(at(size, tree), at(last), tree.node)
        allowed = True
    except Rejected:
        allowed = False
    assert allowed is (size >= last and (not forked or last <= 10))


def test_the_root_has_to_be_ones_own() -> None:
    """A root that came from elsewhere is not signed, nor another log's continuation."""
    with pytest.raises(Rejected, match="not the one of the 20 leaves"):
        sign_check(at(20, OTHER), None, HONEST.node)
    with pytest.raises(Rejected, match="is one of"):
        sign_check(at(20), at(3, origin="log.example/xuong-b"), HONEST.node)
    sign_check(at(20), None, HONEST.node)
