"""Generated firms are nobody's, distinct, and the same each time."""

import time
from datetime import date
from itertools import islice

import pytest
from stdnum.vn import mst

from lienmach.config.demo_data.communes import communes_of_old_province
from lienmach.config.demo_data.province import UNALLOCATED_PREFIX, generate_firms, tax_code

COMMUNES = ("25747", "25750", "25942", "25966", "25777")


def test_firms_of_a_province() -> None:
    """Names and codes are distinct, codes valid and unallocated, every place is one of those given."""
    firms = list(generate_firms(3000, 0, COMMUNES))
    assert len({firm.name for firm in firms}) == len({firm.tax_code for firm in firms}) == 3000
    assert all(mst.is_valid(firm.tax_code) and firm.tax_code.startswith(UNALLOCATED_PREFIX) for firm in firms)
    assert all(firm.name.endswith("(tên tạo ra)") for firm in firms)
    assert {firm.commune for firm in firms} == set(COMMUNES)
    assert all(firm.established <= date(2026, 10, 31) and firm.revenue_vnd > 0 for firm in firms)
    assert {firm.form for firm in firms} == {"limited", "joint_stock", "private", "cooperative", "household"}
    small = sum(firm.employees <= 10 for firm in firms) / len(firms)
    assert 0.4 < small < 0.9, "most firms are small"


def test_same_seed_same_firms_and_a_shorter_list_is_a_beginning() -> None:
    """A demonstration with more firms keeps those it had."""
    few = list(generate_firms(50, 3, COMMUNES))
    assert few == list(islice(generate_firms(5000, 3, COMMUNES), 50))
    assert few != list(generate_firms(50, 4, COMMUNES))


def test_the_check_digit_is_the_official_one() -> None:
    """Serials without one are passed over."""
    for serial in range(1, 3000):
        code = tax_code(serial)
        digits = f"{UNALLOCATED_PREFIX}{serial:07d}"
        assert (code is None) == (mst.calc_check_digit(digits) == "10")
        assert code is None or mst.is_valid(code)


def test_sixty_thousand_firms_are_quick() -> None:
    """The size of a whole industrial province."""
    begun = time.process_time()
    assert sum(1 for _firm in generate_firms(60_000, 0, COMMUNES)) == 60_000
    assert time.process_time() - begun < 6


def test_nonsense_is_refused() -> None:
    """Before the first firm."""
    with pytest.raises(ValueError, match="commune"):
        next(generate_firms(1, 0, ()))
    with pytest.raises(ValueError, match="count"):
        next(generate_firms(-1, 0, COMMUNES))


def test_the_communes_of_old_binh_duong() -> None:
    """The 36 communes that the law of June 2025 made of it, under their codes of today."""
    communes = communes_of_old_province("74")
    assert len(communes) == 36
    assert {commune.code: commune.name for commune in communes}["25747"] == "Phường Thủ Dầu Một"
    with pytest.raises(LookupError, match="no-such"):
        communes_of_old_province("no-such")
