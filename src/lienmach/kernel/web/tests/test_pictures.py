"""Gantt, charts and QR codes: right places, right escapes, nothing the policy forbids."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from lienmach.kernel.web import qr
from lienmach.kernel.web.formatting import Language
from lienmach.kernel.web.gantt import Bar, Gantt, Marker, Row, render

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def gantt(bars, **more):
    """Draw one row of a ten-hour plan at 100 px an hour."""
    plan = Gantt(
        title="Plan",
        rows=[Row(name="T1", bars=bars, **more)],
        start=START,
        end=START + 10 * HOUR,
        px_per_hour=100,
    )
    return render(plan, language=Language.VI, zone=HANOI)


def places(html, css):
    """Return (x, width) of the rectangles of a class."""
    found = re.findall(rf'<rect class="{css}" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', html)
    return [(float(x), float(width)) for x, width in found]


def test_bars_stand_where_their_time_is():
    html = gantt([Bar(start=START + 2 * HOUR, end=START + 5 * HOUR, label="A")])
    assert places(html, "body") == [(200, 300)]


def test_bars_are_cut_at_the_edges_and_left_out_beyond():
    html = gantt(
        [
            Bar(start=START - HOUR, end=START + HOUR, label="before"),
            Bar(start=START + 9 * HOUR, end=START + 20 * HOUR, label="after"),
            Bar(start=START - 3 * HOUR, end=START, label="gone"),
        ]
    )
    assert places(html, "body") == [(0, 100), (900, 100)]
    assert "gone" not in html


def test_even_a_minute_can_be_seen():
    html = gantt([Bar(start=START, end=START + timedelta(seconds=30), label="A")])
    assert places(html, "body")[0][1] >= 2


def test_closed_hours_are_shaded():
    html = gantt([], closed=[(START + 4 * HOUR, START + 5 * HOUR)])
    assert places(html, "g-closed") == [(400, 100)]


def test_the_axis_speaks_local_time():
    html = gantt([])
    assert ">07:00<" in html  # midnight UTC
    assert "T2\u00a023/11" in html


def test_names_are_escaped():
    """An order's number comes from a workbook."""
    html = gantt(
        [Bar(start=START, end=START + HOUR, label="<script>", detail=("&",), href='/"x', group='"><b')]
    )
    assert "<script>" not in html
    assert "<b" not in html.replace("<body", "")


def test_drawing_is_well_formed_and_keeps_the_policy():
    plan = Gantt(
        title="Plan",
        rows=[Row(name="T1", note="2 ca", bars=[Bar(start=START, end=START + HOUR, label="A", done=0.5)])],
        start=START,
        end=START + timedelta(days=90),
        markers=(Marker(at=START + HOUR, label="now", kind="now"), Marker(at=START - HOUR, label="past")),
        key=(("work", "work"), ("setup", "setup"), ("due", "due"), ("closed", "closed")),
    )
    html = render(plan, language=Language.EN, zone=HANOI)
    ElementTree.fromstring(html)
    assert "style=" not in html


def test_a_plan_too_wide_for_paper_is_drawn_again_for_it():
    """On paper nothing scrolls: what does not fit would be cut off without a word."""
    plan = Gantt(
        title="Plan",
        rows=[Row(name="T1", bars=[Bar(start=START, end=START + 10 * HOUR, label="A")])],
        start=START,
        end=START + 10 * HOUR,
        px_per_hour=300,
        paper_px=540,
    )
    html = render(plan, language=Language.VI, zone=HANOI)
    assert places(html, "body") == [(0, 3000), (0, 540)]
    assert html.index("no-print") < html.index("print-only")


def test_a_plan_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="end must lie after"):
        render(Gantt(title="P", rows=[], start=START, end=START), language=Language.VI, zone=HANOI)


def test_two_thousand_bars_are_drawn_within_a_second_of_work():
    """The size of the real factory's plan."""
    import time

    bars = [
        Bar(start=START + timedelta(minutes=i), end=START + timedelta(minutes=i + 30), label=f"O{i}")
        for i in range(560)
    ]
    rows = [Row(name=f"M{index}", bars=bars[index : index + 30]) for index in range(66)]
    begun = time.process_time()
    plan = Gantt(title="P", rows=rows, start=START, end=START + 10 * HOUR)
    render(plan, language=Language.VI, zone=HANOI)
    assert time.process_time() - begun < 1


def test_qr_codes_are_plain_svg():
    drawing = qr.svg("https://lienmach.example/r/5x9k2?a=1&b=2")
    ElementTree.fromstring(drawing)
    assert "style" not in drawing
    assert "width=" not in drawing.split(">")[0]


def test_charts_follow_the_tokens_and_tell_gaps_from_zeros():
    """A month without data is a gap, in the drawing and in the table."""
    from lienmach.kernel.web import charts
    from lienmach.kernel.web.chart_kinds import Point, share_by_month

    with override("vi"):
        chart = share_by_month(
            name="x",
            title="Bao nhiêu đúng hạn?",
            points=[
                Point(month=date(2026, 1, 1), value=0.5, basis=10),
                Point(month=date(2026, 2, 1), value=None),
                Point(month=date(2026, 3, 1), value=0.0, basis=1200),
            ],
            target=0.85,
            target_source="kế hoạch",
        )
        html = charts.render(chart, language=Language.VI)
    assert "token(accent)" in html  # the page's script puts the theme's colour there
    drawn = html[: html.index("chart-drawing live")]
    assert "#1f6650" in drawn  # the printed one has the light theme's
    assert "style=" not in html
    assert "chỉ tiêu 85%" in html
    assert html.count(">–<") == 2
    assert "0,0%" in html
    assert "1.200" in html


def test_an_unknown_token_is_said():
    from lienmach.kernel.web.charts import token

    with pytest.raises(KeyError, match="no-such"):
        token("no-such")


def test_charts_cost_nothing_until_one_is_drawn():
    """Altair and vl-convert stay out of a web process that draws none."""
    code = (
        "import sys, lienmach.kernel.web.charts, lienmach.kernel.web.chart_kinds\n"
        "import lienmach.kernel.web.finders\n"
        "assert not {'altair', 'vl_convert', 'pandas', 'segno'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
