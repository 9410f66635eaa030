"""What an imported workbook says that cannot be taken over, in words."""

from __future__ import annotations

from lienmach.kernel.sheets import Problem, Row, Severity, Text

SENTENCES: dict[str, tuple[Text, Text]] = {
    "column_refused": (
        Text("Cột này chưa dùng được khi lập kế hoạch.", "This column cannot be planned with."),
        Text(
            "Xóa giá trị, rồi tự xem lại điều đó trong kế hoạch.",
            "Clear the cell, and look after it by hand.",
        ),
    ),
    "column_told": (
        Text(
            "Cột này ({count} ô) không ảnh hưởng đến kế hoạch và không được dùng.",
            "This column ({count} cells) does not change the plan and is not used.",
        ),
        Text("Không cần làm gì.", "Nothing to do."),
    ),
    "column_unknown": (
        Text("Không biết cột này.", "This column is not known."),
        Text("Xóa cột nếu không cần.", "Delete the column if it is not needed."),
    ),
    "sheet_refused": (
        Text("Chưa lập kế hoạch với tờ này được.", "This sheet cannot be planned with."),
        Text("Xóa tờ này khỏi tệp.", "Delete the sheet from the file."),
    ),
    "sheet_told": (
        Text("Tờ này không ảnh hưởng đến kế hoạch.", "This sheet does not change the plan."),
        Text("Không cần làm gì.", "Nothing to do."),
    ),
    "no_orders": (
        Text(
            "Tệp không có tờ “sales order”: không có gì để làm.", "No sheet “sales order”: nothing to make."
        ),
        Text("Thêm tờ đơn hàng.", "Add the orders."),
    ),
    "parameters_told": (
        Text("Không dùng các tham số: {names}.", "These parameters are not used: {names}."),
        Text("Không cần làm gì.", "Nothing to do."),
    ),
    "parameter_refused": (
        Text("Chưa làm theo tham số này được.", "This parameter cannot be honoured."),
        Text("Xóa dòng, hoặc để giá trị mặc định.", "Delete the row, or give it its default."),
    ),
    "no_date": (
        Text("Không đọc được ngày.", "The date cannot be read."),
        Text("Ghi như 2026-12-01 00:00:00.", "Write it as 2026-12-01 00:00:00."),
    ),
    "priorities_are_weights": (
        Text(
            "Độ ưu tiên của frePPLe được đổi thành trọng số: {weights}.",
            "Priorities become weights of a late day: {weights}.",
        ),
        Text("Xem lại nếu không đúng ý.", "Look whether that is what you want."),
    ),
    "not_planned": (
        Text(
            "Dòng có trạng thái “{status}” không được lập kế hoạch.",
            "A row that is “{status}” is not planned.",
        ),
        Text("Không cần làm gì nếu đúng.", "Nothing to do if that is right."),
    ),
    "whole_pieces": (
        Text("Số lượng phải là số nguyên dương.", "The quantity must be a whole number above 0."),
        Text("Sửa số lượng.", "Correct the quantity."),
    ),
    "repeated": (
        Text("“{value}” đã có ở dòng {first}.", "“{value}” already stands in row {first}."),
        Text("Giữ một dòng.", "Keep one row."),
    ),
    "unknown": (
        Text("Không có “{value}” trong tờ {sheet}.", "“{value}” is not on the sheet {sheet}."),
        Text("Thêm vào, hoặc sửa tên.", "Add it, or correct the name."),
    ),
    "other_way": (
        Text(
            "Chỉ cách ưu tiên nhất được dùng ({used}); cách này thì không.",
            "Only the preferred way ({used}) is planned with; this one is not.",
        ),
        Text("Đổi độ ưu tiên nếu muốn dùng cách này.", "Change the priorities to plan with this one."),
    ),
    "split_refused": (
        Text(
            "Chưa chia một đơn ra nhiều cách làm theo tỷ lệ được.",
            "A split by percentages cannot be planned.",
        ),
        Text("Đổi thành alternate, hoặc bỏ bớt.", "Make it an alternate, or drop the others."),
    ),
    "ends_later": (
        Text(
            "Cách làm này hết hiệu lực sau ngày bắt đầu kế hoạch.", "This way ends after the plan has begun."
        ),
        Text("Bỏ ngày hết hiệu lực, hoặc dùng cách khác.", "Clear the date, or plan with another way."),
    ),
    "no_output": (
        Text("Công đoạn không làm ra mã hàng nào.", "The operation makes no item."),
        Text("Ghi mã hàng ở cột Item.", "Name the item in the column Item."),
    ),
    "no_way": (
        Text(
            "Không rõ “{value}” làm hay mua thế nào: coi như mua.",
            "Nothing says how “{value}” is made or bought: it is taken to be bought.",
        ),
        Text("Thêm công đoạn hoặc nhà cung cấp.", "Add an operation or a supplier."),
    ),
    "two_outputs": (
        Text("Công đoạn làm ra hai mã hàng.", "The operation makes two items."),
        Text("Chỉ một sản phẩm mỗi công đoạn.", "Only one product per operation."),
    ),
    "nested": (
        Text("Công đoạn con lại là {type}.", "A step of a routing is itself a {type}."),
        Text("Trải các công đoạn thành một cấp.", "Flatten the steps to one level."),
    ),
    "bucket_resource": (
        Text("Chưa tính được nguồn lực kiểu “{type}”.", "A resource of type “{type}” cannot be planned."),
        Text("Đổi thành default hoặc infinite.", "Make it default or infinite."),
    ),
    "too_many_resources": (
        Text(
            "Một công đoạn dùng được một máy và một nhóm người; đây là nguồn lực thứ {number}.",
            "A step can use one machine and one group of people; this is its resource number {number}.",
        ),
        Text("Bỏ dòng này.", "Take this row out."),
    ),
    "part_of_resource": (
        Text("Chưa dùng một phần nguồn lực được.", "A share of a resource cannot be planned."),
        Text("Ghi số nguyên.", "Write a whole number."),
    ),
    "used_both_ways": (
        Text(
            "Nguồn lực này vừa là máy vừa là người ở các công đoạn khác nhau.",
            "This resource is a machine for some operations and people for others.",
        ),
        Text("Tách thành hai nguồn lực.", "Make it two resources."),
    ),
    "nobody_can": (
        Text(
            "Không nguồn lực nào của “{value}” có tay nghề này.", "No resource of “{value}” has this skill."
        ),
        Text("Thêm vào tờ resource skill.", "Add it on the sheet resource skill."),
    ),
    "too_few": (
        Text("Chỉ có {most}.", "There are only {most}."),
        Text("Giảm số lượng, hoặc tăng maximum.", "Lower the quantity, or raise the maximum."),
    ),
    "calendar_varies": (
        Text(
            "Lịch “{value}” đổi theo ngày theo cách chưa diễn tả được ({day}).",
            "Calendar “{value}” varies by date in a way that cannot be expressed ({day}).",
        ),
        Text("Ghi giờ theo tuần và các ngày nghỉ.", "Write weekly hours, and closed days."),
    ),
    "transfer_across_items": (
        Text(
            "Chuyển lô từng phần giữa hai mã hàng: kế hoạch chờ xong cả lô.",
            "A transfer batch between two items: the plan waits for the whole quantity.",
        ),
        Text("Gộp thành một routing để chuyển từng phần.", "Make it one routing to pass batches on."),
    ),
    "make_to_order": (
        Text("Chưa giữ riêng hàng theo từng đơn được.", "Supply cannot be kept apart by order."),
        Text("Để “make to stock”.", "Write “make to stock”."),
    ),
    "negative_stock": (
        Text("Tồn kho âm.", "Stock is negative."),
        Text("Kiểm kê lại.", "Count it again."),
    ),
    "lot_waits": (
        Text(
            "Lệnh đang làm được tính là đang chờ ở công đoạn này: không rõ máy nào.",
            "The order in progress is taken to wait at this step: its machine is not known.",
        ),
        Text("Xem lại.", "Look whether that is right."),
    ),
}


class Findings:
    """Collects problems in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.problems: list[Problem] = []

    @property
    def errors(self) -> bool:
        """Whether at least one problem stops the import."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def add(self, row: Row, key: str, code: str, *, error: bool = True, **words: object) -> None:
        """Report a problem at the cell ``key`` of ``row``."""
        words.setdefault("value", row.get(key))
        reason, remedy = self.texts(code, **words)
        severity = Severity.ERROR if error else Severity.WARNING
        self.problems.append(row.problem(code, key, reason=reason, remedy=remedy, severity=severity))

    def of_sheet(self, sheet: str, code: str, *, error: bool = True, **words: object) -> None:
        """Report a problem of a whole sheet."""
        reason, remedy = self.texts(code, **words)
        severity = Severity.ERROR if error else Severity.WARNING
        self.problems.append(Problem(code, reason, remedy, sheet=sheet, severity=severity))

    def texts(self, code: str, **words: object) -> tuple[str, str]:
        """Return reason and remedy."""
        reason, remedy = SENTENCES[code]
        return (
            reason.in_language(self.language).format(**words),
            remedy.in_language(self.language).format(**words),
        )
