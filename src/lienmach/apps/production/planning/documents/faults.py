"""What can be wrong in a document, in words: the place is a JSON pointer, reason and remedy in vi and en."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Pair = tuple[str, str]
"""Vietnamese, English."""
Path = tuple[str | int, ...]

SENTENCES: dict[str, tuple[Pair, Pair]] = {
    "not_json": (
        ("Tệp không phải JSON: {problem}", "The file is not JSON: {problem}"),
        ("Sửa chỗ ấy.", "Correct that place."),
    ),
    "wrong_schema": (
        ("Đây không phải tài liệu {schema}.", "This is not a {schema} document."),
        ('Ghi "schema": "{schema}".', 'Write "schema": "{schema}".'),
    ),
    "missing": (
        ("Thiếu giá trị này.", "This value is missing."),
        ("Thêm vào.", "Add it."),
    ),
    "unknown_key": (
        ("Không có mục nào tên như vậy.", "There is nothing of this name."),
        ("Sửa tên hoặc bỏ đi.{hint}", "Correct the name, or leave it out.{hint}"),
    ),
    "out_of_range": (
        ("{value} nằm ngoài khoảng cho phép ({bound}).", "{value} is out of range ({bound})."),
        ("Sửa giá trị.", "Correct the value."),
    ),
    "not_a_choice": (
        ("{value} không phải một trong: {expected}.", "{value} is not one of: {expected}."),
        ("Chọn một trong số đó.", "Choose one of them."),
    ),
    "wrong_text": (
        ("{value} không đúng dạng.", "{value} does not have the right form."),
        ("Ghi giờ như 08:00; mã dài 1–120 ký tự.", "Write a time as 08:00; a code has 1 to 120 characters."),
    ),
    "not_a_date": (
        ("{value} không phải ngày hay thời điểm.", "{value} is not a day or a moment."),
        ("Ghi như 2026-12-01 hoặc 2026-12-01T08:00:00.", "Write 2026-12-01 or 2026-12-01T08:00:00."),
    ),
    "wrong_kind": (
        ("{value} không đúng kiểu (cần {expected}).", "{value} is not of the right kind ({expected})."),
        ("Xem lược đồ JSON.", "Look it up in the JSON Schema."),
    ),
    "repeated": (
        ("“{value}” đã dùng ở {first}.", "“{value}” is already used at {first}."),
        ("Mỗi thứ một mã riêng.", "Give each its own code."),
    ),
    "unknown": (
        ("Không có {kind_vi} “{value}”.", "There is no {kind} “{value}”."),
        ("Thêm vào hoặc sửa tên.{hint}", "Add it, or correct the name.{hint}"),
    ),
    "unknown_zone": (
        ("Không có múi giờ “{value}”.", "There is no time zone “{value}”."),
        ("Ghi như Asia/Ho_Chi_Minh.", "Write it as Asia/Ho_Chi_Minh."),
    ),
    "earliest_after_due": (
        ("Sớm nhất bắt đầu nằm sau hạn giao.", "The earliest start lies after the due date."),
        ("Sửa một trong hai.", "Correct one of the two."),
    ),
    "step_without_place": (
        ("Công đoạn chưa có nơi làm.", "The step has no place."),
        (
            "Ghi group, alternatives hoặc outsourced_days.",
            "Give group, alternatives or outsourced_days.",
        ),
    ),
    "step_without_time": (
        ("Công đoạn chưa có thời gian.", "The step has no time."),
        (
            "Ghi seconds_per_piece, fixed_seconds hoặc load_seconds.",
            "Give seconds_per_piece, fixed_seconds or load_seconds.",
        ),
    ),
    "two_places": (
        (
            "Công đoạn vừa gia công ngoài vừa có máy.",
            "The step is outsourced and has machines.",
        ),
        ("Giữ một trong hai.", "Keep one of the two."),
    ),
    "no_load_capacity": (
        (
            "Làm theo mẻ nhưng máy {machine} chưa có load_capacity.",
            "It runs in loads, but machine {machine} has no load_capacity.",
        ),
        ("Ghi sức chứa của máy.", "Give the machine's load_capacity."),
    ),
    "too_few_operators": (
        (
            "Cần {count} người có tay nghề “{value}”, nhóm đông nhất chỉ có {most}.",
            "Needs {count} people with skill “{value}”, the largest group has {most}.",
        ),
        ("Sửa một trong hai số.", "Correct one of the two numbers."),
    ),
    "max_below_min": (
        ("Chờ tối đa ngắn hơn chờ tối thiểu.", "The maximum wait is shorter than the minimum wait."),
        ("Sửa một trong hai.", "Correct one of the two."),
    ),
    "after_the_last_step": (
        (
            "Công đoạn cuối không có công đoạn sau để chờ hay chuyển lô.",
            "The last step has no next step to wait for or to pass batches to.",
        ),
        ("Bỏ đi, hoặc thêm công đoạn sau.", "Leave it out, or add the next step."),
    ),
    "transfer_and_loads": (
        (
            "Không chuyển lô từng phần vào hoặc ra khỏi công đoạn làm theo mẻ được.",
            "Transfer batches cannot go into or out of a step that runs in loads.",
        ),
        ("Bỏ transfer_quantity.", "Leave transfer_quantity out."),
    ),
    "unlimited_machine": (
        (
            "Máy không giới hạn thì không có mẻ và không có gá đặt.",
            "An unlimited machine has neither loads nor setups.",
        ),
        ("Bỏ giá trị này, hoặc bỏ unlimited.", "Leave this value out, or unlimited."),
    ),
    "bill_cycle": (
        ("Vật tư quay vòng: {cycle}.", "The bill of materials goes in a circle: {cycle}."),
        ("Xóa một mắt xích.", "Remove one link."),
    ),
    "empty_shift": (
        ("Ca bắt đầu và kết thúc cùng giờ.", "The shift starts and ends at the same time."),
        ("Cả ngày là 00:00 đến 24:00.", "A whole day is 00:00 to 24:00."),
    ),
    "closure_ends_before_start": (
        ("Kết thúc trước khi bắt đầu.", "It ends before it starts."),
        ("Sửa một trong hai.", "Correct one of the two."),
    ),
    "item_is_bought": (
        ("“{value}” là hàng mua, không có công đoạn.", "“{value}” is bought and has no steps."),
        ("Sửa mã, hoặc thêm công đoạn.", "Correct the code, or add its steps."),
    ),
    "all_done": (
        ("Số đã xong phải ít hơn số của lô.", "What is done must be less than the lot's quantity."),
        ("Ghi công đoạn sau với done 0.", "Name the next step, with done 0."),
    ),
    "not_eligible": (
        ("Máy “{value}” không làm công đoạn này.", "Machine “{value}” cannot do this step."),
        ("Sửa máy, hoặc thêm vào công đoạn.{hint}", "Correct it, or add it to the step.{hint}"),
    ),
    "machine_taken": (
        ("Máy đang chạy lô khác ({first}).", "The machine is running another lot ({first})."),
        ("Chỉ một lô chạy trên một máy.", "Only one lot can run on a machine."),
    ),
    "other_item": (
        (
            "Đơn hàng “{value}” đặt mã khác, không phải {item}.",
            "Order “{value}” is for another item, not for {item}.",
        ),
        ("Để trống order, hoặc sửa.", "Leave order empty, or correct it."),
    ),
    "more_than_ordered": (
        ("Đơn hàng chỉ cần {most}.", "The order needs only {most}."),
        ("Giảm số dành cho đơn, hoặc để trống order.", "Reserve less, or leave order empty."),
    ),
    "not_used": (
        ("Không có gì dùng “{value}”.", "Nothing uses “{value}”."),
        ("Kiểm tra lại mã.{hint}", "Check the code.{hint}"),
    ),
}
KINDS: dict[str, Pair] = {
    "item": ("mã hàng", "item"),
    "machine": ("máy", "machine"),
    "group": ("nhóm máy", "machine group"),
    "calendar": ("lịch làm việc", "calendar"),
    "skill": ("tay nghề", "skill"),
    "step": ("công đoạn", "step"),
    "order": ("đơn hàng", "order"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a document.

    Attributes
    ----------
    pointer
        JSON pointer (RFC 6901) to the value: ``/items/3/steps/0/group``.
    reason, remedy
        Vietnamese and English.
    error
        False for something that is used all the same, and that somebody should look at.
    """

    code: str
    pointer: str
    value: str
    reason: Pair
    remedy: Pair
    error: bool = True


class DocumentRefused(ValueError):
    """A document is not what it should be; every fault is listed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{each.pointer}: {each.reason[1]} {each.remedy[1]}" for each in faults))


def fault(code: str, path: Path, value: Any = None, *, error: bool = True, **words: Any) -> Fault:
    """Return the fault ``code`` at ``path``; ``known`` among the words offers the closest name."""
    known = sorted(str(name) for name in words.pop("known", ()))
    near = get_close_matches(str(value), known, n=1, cutoff=0.6) if value else []
    kind_vi, kind = KINDS.get(words.pop("kind", ""), ("", ""))
    reason, remedy = SENTENCES[code]
    shown = "" if value is None else str(value)[:80]
    hints = (f" Có phải “{near[0]}”?", f" Did you mean “{near[0]}”?") if near else ("", "")
    both = [
        {**words, "value": shown, "kind": kind, "kind_vi": kind_vi, "hint": hints[language]}
        for language in (0, 1)
    ]
    return Fault(
        code,
        pointer(path),
        shown,
        (reason[0].format(**both[0]), reason[1].format(**both[1])),
        (remedy[0].format(**both[0]), remedy[1].format(**both[1])),
        error,
    )


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer; the empty text is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
