"""What can be wrong across rows, in words: the place comes from the row, the remedy from here."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from lienmach.apps.production.planning.factory import Item
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.kernel.sheets import Imported, Problem, Row, Severity, Text

SENTENCES: dict[str, tuple[Text, Text]] = {
    "load_capacity_missing": (
        Text(
            "Nhóm máy “{group}” làm theo mẻ nhưng máy này chưa có sức chứa.",
            "The machine group “{group}” works in loads but this machine has no load capacity.",
        ),
        Text("Ghi số cái mỗi mẻ vào cột Sức chứa.", "Write the pieces per load in the column Load capacity."),
    ),
    "whole_pieces": (
        Text("Số lượng đặt phải là số nguyên.", "An ordered quantity must be a whole number of pieces."),
        Text("Ghi số cái, ví dụ 500.", "Write the number of pieces, such as 500."),
    ),
    "earliest_after_due": (
        Text("Ngày bắt đầu sớm nhất nằm sau hạn giao.", "The earliest start lies after the due date."),
        Text("Sửa một trong hai ngày.", "Correct one of the two dates."),
    ),
    "empty_shift": (
        Text("Ca bắt đầu và kết thúc cùng một giờ.", "The shift starts and ends at the same time."),
        Text(
            "Ghi giờ kết thúc; cả ngày là 00:00 đến 24:00.",
            "Write when it ends; a whole day is 00:00 to 24:00.",
        ),
    ),
    "closure_ends_before_start": (
        Text("Ngày nghỉ kết thúc trước khi bắt đầu.", "The closure ends before it starts."),
        Text("Đổi lại ngày hoặc giờ.", "Swap or correct the days or times."),
    ),
    "unknown_calendar": (
        Text("Không có lịch này trong tờ Giờ làm việc.", "This calendar is not on the sheet Working hours."),
        Text(
            "Thêm lịch vào tờ Giờ làm việc hoặc sửa tên.{hint}",
            "Add it to Working hours or correct the name.{hint}",
        ),
    ),
    "item_not_used": (
        Text("Không sản phẩm nào dùng mã này.", "No item uses this code."),
        Text("Kiểm tra lại mã.{hint}", "Check the code.{hint}"),
    ),
    "unknown_group": (
        Text(
            "Không có máy nào thuộc nhóm này trong tờ Máy.",
            "No machine on the sheet Machines belongs to this group.",
        ),
        Text("Thêm máy vào tờ Máy hoặc sửa tên nhóm.{hint}", "Add a machine or correct the group.{hint}"),
    ),
    "step_without_place": (
        Text("Công đoạn chưa có nhóm máy.", "The step has no machine group."),
        Text(
            "Ghi nhóm máy, hoặc số ngày gia công ngoài.",
            "Write a machine group, or days if it is outsourced.",
        ),
    ),
    "step_without_time": (
        Text("Công đoạn chưa có thời gian.", "The step has no time."),
        Text("Ghi số phút mỗi cái (ví dụ 1,5).", "Write the minutes per piece, such as 1.5."),
    ),
    "step_repeated": (
        Text(
            "Công đoạn này đã có ở dòng {first} với giá trị khác.",
            "This step already stands in row {first} with another value.",
        ),
        Text(
            "Giữ một dòng; dòng thêm vật tư thì để trống nhóm máy và số phút.",
            "Keep one row; on a row that adds a material leave group and minutes blank.",
        ),
    ),
    "material_without_quantity": (
        Text("Có vật tư nhưng không có lượng mỗi cái.", "There is a material but no quantity per piece."),
        Text("Ghi lượng dùng cho một cái.", "Write how much one piece uses."),
    ),
    "quantity_without_material": (
        Text("Có lượng vật tư nhưng không có mã vật tư.", "There is a material quantity but no material."),
        Text("Ghi mã vật tư hoặc xóa lượng.", "Write the material code or clear the quantity."),
    ),
    "no_load_capacity": (
        Text(
            "Công đoạn làm theo mẻ nhưng nhóm “{group}” chưa có sức chứa.",
            "The step runs in loads but the group “{group}” has no load capacity.",
        ),
        Text("Ghi sức chứa mỗi mẻ trong tờ Máy.", "Write the load capacity on the sheet Machines."),
    ),
    "unknown_skill": (
        Text("Không có tay nghề này trong tờ Thợ.", "This skill is not on the sheet Operators."),
        Text("Thêm vào tờ Thợ hoặc sửa tên.{hint}", "Add it to Operators or correct the name.{hint}"),
    ),
    "too_few_operators": (
        Text(
            "Cần {count} người, tổ đông nhất có tay nghề này chỉ {most}.",
            "Needs {count} people, the largest team with this skill has {most}.",
        ),
        Text("Sửa số thợ cần hoặc tờ Thợ.", "Correct the number, or the sheet Operators."),
    ),
    "operators_without_skill": (
        Text("Có số thợ nhưng chưa ghi tay nghề.", "People are needed, but no skill is named."),
        Text("Ghi tay nghề cần.", "Write the skill."),
    ),
    "operators_repeated": (
        Text("Mã thợ “{team}” đã có ở dòng {first}.", "“{team}” already stands in row {first}."),
        Text("Mỗi thợ hoặc tổ một mã riêng.", "Give each operator or team its own code."),
    ),
    "two_places": (
        Text(
            "Công đoạn vừa gia công ngoài vừa có máy.",
            "The step is outsourced and has machines.",
        ),
        Text("Giữ một trong hai.", "Keep one of the two."),
    ),
    "outsourced_without_days": (
        Text(
            "Gia công ngoài nhưng chưa có số ngày.",
            "It is outsourced, but no days are given.",
        ),
        Text("Ghi số ngày gia công ngoài.", "Write the outsourced days."),
    ),
    "recipe_without_load": (
        Text("Có chế độ mẻ nhưng không có phút mỗi mẻ.", "A recipe, but no minutes per load."),
        Text("Ghi phút mỗi mẻ, hoặc xóa chế độ.", "Write the minutes per load, or clear the recipe."),
    ),
    "two_times": (
        Text(
            "Công đoạn làm theo mẻ: phút mỗi cái không dùng đến.",
            "The step runs in loads: minutes per piece are not used.",
        ),
        Text("Xóa phút mỗi cái.", "Clear the minutes per piece."),
    ),
    "max_below_min": (
        Text("Chờ tối đa ngắn hơn chờ tối thiểu.", "The maximum wait is shorter than the minimum wait."),
        Text("Sửa một trong hai.", "Correct one of the two."),
    ),
    "after_the_last_step": (
        Text(
            "Đây là công đoạn cuối: không có công đoạn sau để chờ hay chuyển lô.",
            "This is the last step: nothing follows that could wait or take batches.",
        ),
        Text("Xóa ô này, hoặc thêm công đoạn sau.", "Clear the cell, or add the next step."),
    ),
    "transfer_and_loads": (
        Text(
            "Không chuyển lô từng phần vào hoặc ra khỏi công đoạn làm theo mẻ được.",
            "Transfer batches cannot go into or out of a step that runs in loads.",
        ),
        Text("Xóa lô chuyển.", "Clear the transfer batch."),
    ),
    "family_not_used": (
        Text("Không công đoạn nào có họ gá đặt này.", "No step has this setup family."),
        Text("Kiểm tra lại tên.{hint}", "Check the name.{hint}"),
    ),
    "all_done": (
        Text("Số đã xong phải ít hơn số của lô.", "What is done must be less than the lot's quantity."),
        Text("Ghi công đoạn sau, đã xong 0.", "Name the next step, with 0 done."),
    ),
    "not_eligible": (
        Text("Máy này không làm công đoạn ấy.", "This machine cannot do that step."),
        Text("Sửa máy.{hint}", "Correct the machine.{hint}"),
    ),
    "machine_taken": (
        Text("Máy đang chạy lô khác (dòng {first}).", "The machine is running another lot (row {first})."),
        Text("Một máy chỉ chạy một lô.", "Only one lot can run on a machine."),
    ),
    "lot_is_order": (
        Text("Mã lô trùng mã đơn hàng.", "The lot has the code of an order."),
        Text("Đặt mã lô khác.", "Give the lot another code."),
    ),
    "other_item": (
        Text("Đơn hàng này đặt mã khác.", "This order is for another item."),
        Text("Để trống, hoặc sửa đơn hàng.", "Leave it blank, or correct the order."),
    ),
    "more_than_ordered": (
        Text("Đơn hàng chỉ cần {most}.", "The order needs only {most}."),
        Text("Giảm số dành cho đơn, hoặc để trống.", "Reserve less, or leave the order blank."),
    ),
    "one_row_only": (
        Text("Tờ này chỉ có một dòng.", "This sheet has one row only."),
        Text("Xóa các dòng thừa.", "Delete the other rows."),
    ),
    "unknown_step": (
        Text("Sản phẩm này không có công đoạn ấy.", "This item has no such step."),
        Text("Sửa tên công đoạn.{hint}", "Correct the step.{hint}"),
    ),
    "unlimited_machine": (
        Text(
            "Máy không giới hạn thì không có mẻ và không có gá đặt.",
            "An unlimited machine has neither loads nor setups.",
        ),
        Text("Xóa một trong hai.", "Clear one of the two."),
    ),
    "maximum_of_bought": (
        Text("Lô tối đa chỉ dùng cho hàng tự làm.", "A maximum lot is for items made here."),
        Text("Xóa ô này.", "Clear the cell."),
    ),
    "bill_cycle": (
        Text("Vật tư quay vòng: {cycle}.", "The bill of materials goes in a circle: {cycle}."),
        Text(
            "Một mã không thể chứa chính nó; xóa một mắt xích.",
            "An item cannot contain itself; remove one link.",
        ),
    ),
}


class Findings:
    """Collects problems in one language; ``errors`` says whether any stops the import."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.problems: list[Problem] = []

    @property
    def errors(self) -> bool:
        """Whether at least one finding stops the import."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def add(self, row: Row, key: str, code: str, *, known: Iterable[str] = (), **words: object) -> None:
        """Report an error at the cell ``key`` of ``row``."""
        self._add(row, key, code, Severity.ERROR, known, words)

    def warn(self, row: Row, key: str, code: str, *, known: Iterable[str] = (), **words: object) -> None:
        """Report a warning at the cell ``key`` of ``row``."""
        self._add(row, key, code, Severity.WARNING, known, words)

    def _add(
        self,
        row: Row,
        key: str,
        code: str,
        severity: Severity,
        known: Iterable[str],
        words: dict[str, object],
    ) -> None:
        if key in row.bad:
            return
        reason, remedy = SENTENCES[code]
        words = {"hint": self._hint(row.get(key), known), **words}
        self.problems.append(
            row.problem(
                code,
                key,
                reason=reason.in_language(self.language).format(**words),
                remedy=remedy.in_language(self.language).format(**words),
                severity=severity,
            )
        )

    def _hint(self, value: object, known: Iterable[str]) -> str:
        near = get_close_matches(str(value), sorted(known), n=1, cutoff=0.6) if value else []
        if not near:
            return ""
        return (
            Text(" Có phải “{near}”?", " Did you mean “{near}”?")
            .in_language(self.language)
            .format(near=near[0])
        )


def check_bill_cycles(
    imported: Imported, items: dict[str, Item], spelling: Spelling, findings: Findings
) -> None:
    """Report each item that contains itself, at the row where it consumes the next one of the circle."""
    parts = {
        code: [part.item for step in item.steps for part in step.components] for code, item in items.items()
    }
    reported: set[frozenset[str]] = set()
    for cycle in _cycles(parts):
        if frozenset(cycle) in reported:
            continue
        reported.add(frozenset(cycle))
        rows = [(row, "material") for row in imported["steps"]] + [
            (row, "component") for row in imported["bill"]
        ]
        for row, key in rows:
            if (
                row[key]
                and row["item"]
                and spelling(row["item"]) == cycle[0]
                and spelling(row[key]) == cycle[1]
            ):
                findings.add(row, key, "bill_cycle", cycle=" → ".join(cycle))
                break


def _cycles(parts: dict[str, list[str]]) -> list[list[str]]:
    """Return one circle per strongly connected group of items; an iterative walk, bills may be deep."""
    found: list[list[str]] = []
    done: set[str] = set()
    for root in parts:
        path: list[str] = []
        on_path: dict[str, int] = {}
        stack: list[tuple[str, int]] = [(root, 0)]
        while stack:
            code, index = stack.pop()
            if index == 0:
                if code in done:
                    continue
                on_path[code] = len(path)
                path.append(code)
            children = parts.get(code, [])
            if index == len(children):
                done.add(code)
                on_path.pop(code)
                path.pop()
                continue
            stack.append((code, index + 1))
            child = children[index]
            if child in on_path:
                found.append([*path[on_path[child] :], child])
            elif child not in done:
                stack.append((child, 0))
    return found
