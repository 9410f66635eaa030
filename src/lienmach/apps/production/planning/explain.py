"""Causes and assumptions in sentences, Vietnamese and English, without a web server or a catalogue.

The words stand here and not in a gettext catalogue because ``plan.html`` and the command line must speak both
languages in a place where nothing is configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lienmach.apps.production.planning.assumptions import Assumption
from lienmach.apps.production.planning.plan import (
    Cause,
    CauseKind,
    Obstacle,
    Plan,
    PlannedOrder,
    Remedy,
    RemedyKind,
)
from lienmach.kernel.web.formatting import day, duration, language_of, number

if TYPE_CHECKING:
    from lienmach.apps.production.planning.promise import Promise

SHOWN_SUBJECTS = 6
LEAST_GAIN_S = 3_600

ASSUMED = {
    "one_machine_per_group": (
        "Chưa có tờ Máy: giả định mỗi nhóm có một máy{subjects}.",
        "No sheet Machines: one machine per group is assumed{subjects}.",
    ),
    "standard_hours": (
        "Chưa có giờ làm việc: giả định thứ 2 đến thứ 7, 08:00–12:00 và 13:00–17:00{subjects}.",
        "No working hours: Monday to Saturday, 08:00–12:00 and 13:00–17:00 are assumed{subjects}.",
    ),
    "item_is_bought": (
        "Không có công đoạn nên coi là mua ngoài{subjects}.",
        "Nothing says how it is made, so it is taken as bought{subjects}.",
    ),
    "lead_time": (
        "Chưa có thời gian mua: giả định {value} ngày{subjects}.",
        "No lead time: {value} days are assumed{subjects}.",
    ),
    "no_setup": (
        "Chưa có thời gian gá đặt: giả định 0 phút.",
        "No setup times: 0 minutes are assumed.",
    ),
    "no_stock": (
        "Chưa có tồn kho: giả định trong kho không có gì{subjects}.",
        "No stock: nothing is assumed to be in stock{subjects}.",
    ),
    "no_closures": (
        "Chưa có ngày nghỉ lễ và dừng máy: giả định không có.",
        "No holidays or downtime were given: none are assumed.",
    ),
    "enough_operators": (
        "Chưa có số thợ máy: giả định máy nào cũng có người đứng.",
        "No operators were given: every machine is assumed to have its people.",
    ),
    "no_scrap": (
        "Chưa có tỷ lệ phế phẩm: giả định không có phế phẩm.",
        "No scrap rates: none are assumed.",
    ),
    "receipt_now": (
        "Hàng đã đặt, quá ngày mà chưa về: giả định hôm nay về{subjects}.",
        "Open purchases that should have come: assumed to come today{subjects}.",
    ),
    "already_shipped": (
        "Đã gửi đủ nên không lập kế hoạch nữa{subjects}.",
        "Shipped in full already, so not planned again{subjects}.",
    ),
    "work_in_progress": (
        "Có công đoạn đang làm hoặc đã xong của các lệnh đang mở: kế hoạch này chưa trừ phần đó{subjects}.",
        "Open work orders have steps under way or done: this plan does not count them off yet{subjects}.",
    ),
}

REASONS = {
    CauseKind.MATERIAL: (
        "chờ vật tư {subject} {time}",
        "waits {time} for material {subject}",
    ),
    CauseKind.MACHINE: (
        "chờ máy {subject} {time}{blockers}",
        "waits {time} for machine {subject}{blockers}",
    ),
    CauseKind.SETUP: (
        "chờ gá đặt máy {subject} {time}",
        "waits {time} while machine {subject} is set up",
    ),
    CauseKind.OPERATOR: (
        "chờ thợ máy {subject} {time}",
        "waits {time} for an operator ({subject})",
    ),
    CauseKind.CALENDAR: (
        "{subject} đóng cửa {time}",
        "{subject} is closed for {time}",
    ),
    CauseKind.BATCH: (
        "chờ đủ mẻ ở {subject} {time}",
        "waits {time} for a full load on {subject}",
    ),
    CauseKind.CHOICE: (
        "nhường máy {subject} cho đơn gấp hơn {time}",
        "gives way on {subject} for {time} to a more urgent order",
    ),
    CauseKind.RELEASE: (
        "chưa được bắt đầu sớm hơn ({time})",
        "was not to start earlier ({time})",
    ),
    CauseKind.WAIT: (
        "phải chờ sau {subject} {time}",
        "has to wait {time} after {subject}",
    ),
    CauseKind.WORK: (
        "riêng việc làm trên {subject} mất {time}",
        "the work itself on {subject} takes {time}",
    ),
}

THINGS = {
    CauseKind.MATERIAL: ("vật tư {subject}", "material {subject}"),
    CauseKind.OPERATOR: ("thợ máy {subject}", "operators {subject}"),
    CauseKind.SETUP: ("gá đặt máy {subject}", "the setup of {subject}"),
    CauseKind.CALENDAR: ("giờ đóng cửa của {subject}", "the closed hours of {subject}"),
    CauseKind.WAIT: ("thời gian chờ sau {subject}", "the wait after {subject}"),
    CauseKind.WORK: ("việc làm trên {subject}", "the work on {subject}"),
    CauseKind.RELEASE: ("ngày được bắt đầu của {subject}", "the earliest start of {subject}"),
}
A_MACHINE = ("máy {subject}", "machine {subject}")

REMEDIES = {
    RemedyKind.OVERTIME: (
        "tăng ca {subject} {amount} giờ mỗi ngày làm việc",
        "let {subject} work {hours} longer every working day",
    ),
    RemedyKind.OPERATOR: (
        "thêm một thợ vào nhóm {subject}",
        "one more person in the group {subject}",
    ),
    RemedyKind.EXPEDITE: (
        "cho {subject} về sớm hơn {amount} ngày",
        "get {subject} {days} earlier",
    ),
    RemedyKind.OUTSOURCE: (
        "thuê ngoài công đoạn {subject}, xong trong {amount} ngày",
        "have step {subject} done elsewhere within {days}",
    ),
    RemedyKind.SPLIT: (
        "chia lệnh {subject} làm hai lô",
        "make {subject} in two lots",
    ),
    RemedyKind.ALTERNATIVE: (
        "cho công đoạn {subject} chạy được cả trên máy {place}",
        "allow step {subject} on machine {place} too",
    ),
}


OBSTACLES = {
    "never open": (
        "Công đoạn {place} không vừa khoảng giờ mở nào của máy (và thợ máy) mà nó được dùng. "
        "Hãy cho phép ngắt giữa ca, thêm giờ làm việc, hoặc thêm máy."
    ),
    "blocked": "Công đoạn {place} chờ một công đoạn không xếp lịch được.",
    "wait": (
        "Công đoạn {place} không có chỗ nào giữ được thời gian chờ tối đa. "
        "Hãy cho phép chờ lâu hơn, thêm giờ làm việc, hoặc thêm máy."
    ),
    "commitment": "Công đoạn {place} đã chốt nhưng không thể giữ nguyên chỗ; hãy bỏ chốt.",
}


def assumption_sentence(assumption: Assumption, language: str) -> str:
    """Return one assumption as a sentence."""
    return _pick(ASSUMED[assumption.code], language).format(
        value=assumption.value, subjects=_subjects(assumption.subjects, language)
    )


def cause_phrase(cause: Cause, language: str) -> str:
    """Return one cause as a phrase that follows the order's name."""
    blockers = ""
    if cause.blockers:
        words = _pick((" (đang làm {names})", " (busy with {names})"), language)
        blockers = words.format(names=_names(cause.blockers, language))
    phrase = _pick(REASONS[cause.kind], language).format(
        subject=cause.subject, time=_time(cause.seconds, language), blockers=blockers
    )
    if cause.also:
        others = ", ".join(
            _pick(THINGS.get(kind, A_MACHINE), language).format(subject=subject)
            for kind, subject in cause.also
        )
        phrase += _pick((f", cùng với {others}", f", together with {others}"), language)
    return phrase


def gain_phrase(cause: Cause, language: str) -> str:
    """Return how much earlier the order would be without a cause; empty when that is little or unknown."""
    if not cause.gain_s or cause.gain_s < LEAST_GAIN_S:
        return ""
    gain = _time(cause.gain_s, language)
    return _pick((f"nếu bỏ được, sớm hơn {gain}", f"without it {gain} earlier"), language)


def remedy_phrase(remedy: Remedy, language: str) -> str:
    """Return what to do, as a phrase."""
    return _pick(REMEDIES[remedy.kind], language).format(
        subject=remedy.subject,
        amount=remedy.amount,
        place=remedy.place,
        days=_several(remedy.amount, "day"),
        hours=_several(remedy.amount, "hour"),
    )


def remedy_effect(remedy: Remedy, language: str) -> str:
    """Return what a remedy does for all late orders."""
    count, total = len(remedy.gains), _time(sum(gain for _, gain in remedy.gains), language)
    text = _pick(
        (f"{count} đơn sớm hơn, tổng cộng {total}", f"{_several(count, 'order')} earlier by {total}"),
        language,
    )
    if remedy.on_time:
        text += _pick(
            (f"; {remedy.on_time} đơn thành đúng hạn", f"; {remedy.on_time} of them in time"), language
        )
    return text


def reason_phrase(cause: Cause, language: str) -> str:
    """Return one cause with what would be gained without it."""
    gain = gain_phrase(cause, language)
    return f"{cause_phrase(cause, language)} ({gain})" if gain else cause_phrase(cause, language)


def lateness_sentence(order: PlannedOrder, language: str) -> str:
    """Return how late an order is and why, the costliest cause first."""
    late = duration(order.late_s, language=language_of(language), rough=True)
    if not order.late_s:
        return _pick((f"{order.code}: đúng hạn.", f"{order.code}: on time."), language)
    reasons = "; ".join(reason_phrase(cause, language) for cause in order.causes)
    head = _pick((f"{order.code} trễ {late}", f"{order.code} is {late} late"), language)
    return f"{head}: {reasons}." if reasons else f"{head}."


def obstacle_sentence(obstacle: Obstacle, language: str) -> str:
    """Return why there is no plan, with what to do; engines speak English, people here mostly do not."""
    if language.startswith("en") or obstacle.kind not in OBSTACLES:
        return obstacle.message
    return OBSTACLES[obstacle.kind].format(place=obstacle.place)


def promise_sentence(promise: Promise, language: str) -> str:
    """Return the date, whether it is in time, and what holds it."""
    spoken = language_of(language)
    amount = number(promise.wanted.quantity.normalize(), language=spoken)
    goods = f"{amount} {promise.unit or ''} {promise.wanted.item}".replace("  ", " ")
    when = day(promise.timeline.moment(promise.end))
    text = _pick(
        (f"Sớm nhất có {goods}: {when}", f"Earliest date for {goods}: {when}"),
        language,
    )
    if promise.in_time is not None:
        text += _pick(
            (", kịp ngày cần", ", by the wanted day")
            if promise.in_time
            else (", trễ hơn ngày cần", ", later than wanted"),
            language,
        )
    waited = [cause for cause in promise.causes if cause.kind not in (CauseKind.WORK, CauseKind.CALENDAR)]
    held = (waited or list(promise.causes))[:1]
    if held:
        return text + ": " + cause_phrase(held[0], language) + "."
    return text + _pick((", có sẵn trong kho.", ", from stock."), language)


def price_sentence(promise: Promise, language: str) -> str:
    """Return the price below which the order costs money; empty where no rates were given."""
    if promise.price is None:
        return ""
    spoken = language_of(language)
    total = number(promise.price.total, language=spoken)
    each = number(round(promise.price.total / promise.wanted.quantity), language=spoken)
    text = _pick(
        (f"Giá sàn: {total} đ ({each} đ mỗi đơn vị).", f"Floor price: {total} đ ({each} đ each)."), language
    )
    if promise.price.unpriced:
        names = _names(promise.price.unpriced, language)
        text += _pick((f" Chưa có giá: {names}.", f" Without a price: {names}."), language)
    return text


def summary_sentence(plan: Plan, language: str) -> str:
    """Return the plan in one sentence: how many orders are on time."""
    total, late = len(plan.orders), len(plan.late_orders)
    if not late:
        return _pick((f"Cả {total} đơn hàng đều đúng hạn.", f"All {total} orders are on time."), language)
    return _pick(
        (
            f"{total - late} trên {total} đơn hàng đúng hạn, {late} đơn trễ.",
            f"{total - late} of {total} orders are on time, {late} late.",
        ),
        language,
    )


def order_names(codes: Sequence[str], language: str) -> str:
    """Return codes as a short list."""
    return _names(tuple(codes), language)


def _time(seconds: int, language: str) -> str:
    return duration(seconds, language=language_of(language), rough=True)


def _several(count: int, noun: str) -> str:
    """Return a count with its English noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _pick(pair: tuple[str, str], language: str) -> str:
    return pair[1] if language.startswith("en") else pair[0]


def _subjects(subjects: tuple[str, ...], language: str) -> str:
    return f" ({_names(subjects, language)})" if subjects else ""


def _names(names: tuple[str, ...], language: str) -> str:
    shown = ", ".join(names[:SHOWN_SUBJECTS])
    more = len(names) - SHOWN_SUBJECTS
    if more <= 0:
        return shown
    return shown + _pick((f" và {more} mã khác", f" and {more} more"), language)
