"""Large but honest workbooks are read in a few seconds."""

import time
from datetime import date, timedelta

from lienmach.kernel.sheets import Imported, Rejected, import_workbook, write_template
from lienmach.kernel.sheets.tests.workshop import ORDER_HEADS, ROWS, STEP_HEADS, WORKSHOP, small


def test_twenty_thousand_rows() -> None:
    """Imported within three seconds of processor time (1.3 s measured on a busy machine of 2025)."""
    orders = [
        {
            "order": f"DH{number:05d}",
            "item": "6204",
            "quantity": number + 1,
            "priority": "high",
            "customer": "Khách",
            "due": date(2026, 1, 1) + timedelta(days=number % 300),
        }
        for number in range(20_000)
    ]
    content = write_template(WORKSHOP, language="vi", rows={**ROWS, "orders": orders})
    begun = time.process_time()
    result = import_workbook(content, WORKSHOP)
    assert time.process_time() - begun < 3
    assert isinstance(result, Imported)
    assert len(result["orders"]) == 20_000


def test_twenty_thousand_bad_rows() -> None:
    """A file in which everything is wrong takes no longer to say so."""
    orders = [[f"D{number}", f"SP{number}", "x", "31/02/2026", "?"] for number in range(5_000)]
    content = small(orders=[ORDER_HEADS, *orders], steps=[STEP_HEADS, ["A", 1, "M1", 1, 1]])
    begun = time.process_time()
    result = import_workbook(content, WORKSHOP)
    assert time.process_time() - begun < 3
    assert isinstance(result, Rejected)
    assert len(result.problems) == 4 * 5_000
