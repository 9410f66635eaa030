"""A declaration is refused whole, with every reason, file and line."""

import pytest

from lienmach.engines.indicators import DeclarationError, load
from lienmach.engines.indicators.tests.sample import ON_TIME, SCHEMAS


def reasons(text, **kwargs):
    with pytest.raises(DeclarationError) as caught:
        load({"bad.toml": text}, SCHEMAS, **kwargs)
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('kind = "ratio"', 'kind = "quantile"', "not yet supported"),
        ('kind = "ratio"', 'kind = "magic"', "unknown kind"),
        ('unit = "percent"', 'unit = "percent"\ncolour = "red"', "unknown key 'colour'"),
        ('event = "production.receipt_confirmed"', 'event = "nobody.thing_done"', "no event type"),
        ('field = "received"', 'field = "arrived"', "has no field 'arrived'"),
        ('other = "promised"', 'other = "quantity"', "timestamp cannot be compared with int"),
        ('op = "le"', 'op = "like"', "unknown operator"),
        ('op = "le", other = "promised"', 'op = "le"', "needs either value or other"),
        ('op = "le", other = "promised"', 'op = "is_null", value = 1', "takes neither"),
        ('op = "le", other = "promised"', 'op = "le", value = 2025-07-01T00:00:00', "not a value of type"),
        ('field = "quantity", op = "ge"', 'field = "order", op = "ge"', "needs a field with an order"),
        ('agg = "count"', 'agg = "median"', "not additive"),
        ('agg = "count"', 'agg = "sum"\nfield = "order"', "needs a numeric field"),
        ('dimensions = ["place", "period"]', 'dimensions = ["place", "sector"]', "not yet supported"),
        ('dimensions = ["place", "period"]', 'dimensions = ["planet"]', "unknown dimension"),
        ("version = 1", 'version = "1"', "must be a whole number"),
        ("from = 2025-01-01", 'from = "2025-01-01"', "must be a date"),
        ('vi = "Tỷ lệ giao hàng đúng hạn"', "", "title.vi"),
        ('entity = "enterprise"', 'entity = "machine"', "unknown entity"),
        ("[denominator]", "[dominator]", "denominator"),
    ],
)
def test_each_fault_is_refused_with_its_reason(old, new, part):
    assert old in ON_TIME
    problems = reasons(ON_TIME.replace(old, new, 1))
    assert any(part in str(problem) for problem in problems), [str(p) for p in problems]


def test_all_faults_are_told_at_once_with_their_lines():
    text = ON_TIME.replace('kind = "ratio"', 'kind = "ratoi"').replace("promised", "promise")
    problems = reasons(text)
    assert len(problems) >= 3
    lines = text.splitlines()
    kind = next(problem for problem in problems if problem.path == "kind")
    assert "ratoi" in lines[kind.line - 1]
    inside = next(problem for problem in problems if problem.path.startswith("numerator.where"))
    assert lines[inside.line - 1].startswith("where")


def test_the_same_version_never_has_two_contents():
    known = load({"a.toml": ON_TIME}, SCHEMAS)[0]
    hashes = {(known.id, known.version): known.content_hash}
    assert load({"a.toml": ON_TIME}, SCHEMAS, known_hashes=hashes) == [known]
    changed = ON_TIME.replace('op = "ge"', 'op = "gt"')
    assert "another content" in str(reasons(changed, known_hashes=hashes)[0])


def test_not_toml_is_said_plainly():
    assert "not TOML" in str(reasons("indicator = ")[0])
