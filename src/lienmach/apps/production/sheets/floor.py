"""Sheets of the full workbook about the floor: machines in detail, people, work in progress, money."""

from dataclasses import replace

from lienmach.apps.production.sheets.columns import CALENDAR, FIXED_MINUTES, minutes, money
from lienmach.apps.production.sheets.limits import MOST_PIECES, refuse_long_code
from lienmach.kernel.sheets import Column, Kind, Sheet, Text

ALTERNATIVES = Sheet(
    "alternatives",
    Text("Máy thay thế", "Alternative machines"),
    [
        Column(
            "item",
            Kind.REFERENCE,
            Text("Mã sản phẩm", "Item"),
            required=True,
            repeats=True,
            refers_to="steps.item",
        ),
        Column("step", Kind.CODE, Text("Công đoạn", "Step"), required=True, repeats=True),
        Column(
            "machine", Kind.REFERENCE, Text("Mã máy", "Machine"), required=True, refers_to="machines.machine"
        ),
        Column(
            "minutes_per_piece",
            Kind.DECIMAL,
            Text("Phút mỗi cái", "Minutes per piece"),
            aliases=("Phút/cái",),
            required=True,
            more_than=0,
        ),
        FIXED_MINUTES,
    ],
    key=("item", "step", "machine"),
    note=Text(
        "Có dòng nào cho một công đoạn thì công đoạn ấy chỉ làm trên các máy ghi ở đây, theo tốc độ riêng.",
        "A step with rows here runs on these machines only, each at its own speed.",
    ),
)

CHANGEOVERS = Sheet(
    "changeovers",
    Text("Chuyển đổi gá đặt", "Changeovers"),
    [
        Column("group", Kind.CODE, Text("Nhóm máy", "Machine group"), required=True, repeats=True),
        Column("before", Kind.CODE, Text("Từ họ", "From family"), required=True),
        Column("after", Kind.CODE, Text("Sang họ", "To family"), required=True),
        minutes("minutes", Text("Phút", "Minutes"), required=True),
    ],
    key=("group", "before", "after"),
)

CLOSURES = Sheet(
    "closures",
    Text("Ngày nghỉ và dừng máy", "Closures"),
    [
        Column(
            "machine",
            Kind.REFERENCE,
            Text("Mã máy", "Machine"),
            refers_to="machines.machine",
            note=Text("Để trống: cả xưởng nghỉ.", "Blank: the whole workshop."),
        ),
        Column("first_day", Kind.DATE, Text("Từ ngày", "First day"), aliases=("Ngày",), required=True),
        Column(
            "last_day",
            Kind.DATE,
            Text("Đến hết ngày", "Last day"),
            note=Text("Để trống: một ngày.", "Blank: one day."),
        ),
        Column(
            "start", Kind.TIME, Text("Từ giờ", "From"), note=Text("Để trống: từ đầu ngày.", "Blank: all day.")
        ),
        Column("end", Kind.TIME, Text("Đến giờ", "To"), note=Text("Để trống: hết ngày.", "Blank: all day.")),
        Column("reason", Kind.TEXT, Text("Lý do", "Reason"), example="Tết"),
    ],
)

OPERATORS = Sheet(
    "operators",
    Text("Thợ", "Operators"),
    [
        Column(
            "operators",
            Kind.CODE,
            Text("Mã thợ hoặc tổ", "Operator or team"),
            aliases=("Mã thợ", "Tổ", "Tên thợ", "Team"),
            note=Text("Để trống: lấy tên tay nghề.", "Blank: the skill's name."),
        ),
        Column(
            "skill",
            Kind.LIST,
            Text("Tay nghề", "Skill"),
            aliases=("Các tay nghề", "Skills"),
            required=True,
            example="tho tien",
            note=Text("Nhiều tay nghề thì cách nhau bằng dấu phẩy.", "Several skills between commas."),
        ),
        Column(
            "count",
            Kind.INTEGER,
            Text("Số người", "Count"),
            required=True,
            minimum=1,
            maximum=10_000,
            example=2,
        ),
        replace(
            CALENDAR,
            note=Text(
                "Tên lịch trong tờ Giờ làm việc; để trống: có mặt khi máy chạy.",
                "A calendar of the sheet Working hours; blank: there whenever the machine is.",
            ),
        ),
        money("rate_per_hour", Text("Lương mỗi giờ", "Pay per hour"), ("Chi phí giờ công", "Labour rate")),
    ],
    note=Text(
        "Không có tờ này: giả định máy nào cũng đủ thợ.",
        "Without this sheet every machine is assumed to have its people.",
    ),
)

IN_PROGRESS = Sheet(
    "in_progress",
    Text("Hàng đang làm dở", "Work in progress"),
    [
        Column(
            "lot",
            Kind.CODE,
            Text("Mã lô", "Lot"),
            aliases=("Lệnh sản xuất", "Job", "Work order"),
            check=refuse_long_code,
            required=True,
            example="LO-07",
        ),
        Column("item", Kind.REFERENCE, Text("Mã sản phẩm", "Item"), required=True, refers_to="steps.item"),
        Column(
            "quantity",
            Kind.INTEGER,
            Text("Số lượng trong lô", "Pieces in the lot"),
            aliases=("Số lượng", "Quantity"),
            required=True,
            minimum=1,
            maximum=MOST_PIECES,
            note=Text("Số cái còn tốt của lô.", "The good pieces of the lot."),
        ),
        Column(
            "step",
            Kind.CODE,
            Text("Công đoạn đang hoặc sắp làm", "Step running or next"),
            aliases=("Công đoạn", "Đang ở công đoạn", "Step"),
            required=True,
            note=Text(
                "Các công đoạn trước nó đã xong, không tính lại.",
                "Every step before it is done and is not planned again.",
            ),
        ),
        Column(
            "done",
            Kind.INTEGER,
            Text("Đã xong ở công đoạn này", "Done at this step"),
            aliases=("Đã xong", "Done"),
            default=0,
            minimum=0,
        ),
        Column(
            "machine",
            Kind.REFERENCE,
            Text("Đang chạy trên máy", "Running on machine"),
            aliases=("Máy", "Machine"),
            refers_to="machines.machine",
            note=Text("Để trống: lô đang chờ.", "Blank: the lot is waiting."),
        ),
        Column(
            "order",
            Kind.REFERENCE,
            Text("Dành cho đơn hàng", "Reserved for order"),
            aliases=("Đơn hàng", "Order"),
            refers_to="orders.order",
            note=Text("Để trống: ai cần trước thì dùng.", "Blank: for whoever needs it first."),
        ),
        Column(
            "started",
            Kind.DATETIME,
            Text("Bắt đầu lúc", "Started at"),
            aliases=("Giờ bắt đầu", "Ngày gửi đi"),
            note=Text(
                "Cần cho mẻ lò đang chạy và hàng đã gửi gia công ngoài: còn lại bao lâu tính từ đây.",
                "For a running load and for what was sent out: how long it still takes counts from here.",
            ),
        ),
    ],
    key=("lot",),
    note=Text(
        "Mỗi lô đang nằm trên xưởng một dòng: đã qua công đoạn nào, đang chạy ở đâu, xong mấy cái.",
        "One row per lot on the floor: which steps it has behind it, where it runs, how many are done.",
    ),
)

RATES = Sheet(
    "rates",
    Text("Đơn giá chung", "Rates"),
    [
        Column(
            "overtime_percent",
            Kind.DECIMAL,
            Text("Tăng ca %", "Overtime %"),
            aliases=("Hệ số tăng ca",),
            default=150,
            minimum=100,
            maximum=1000,
            example=150,
            note=Text("150: giờ tăng ca trả gấp rưỡi.", "150: an overtime hour costs half as much again."),
        ),
        money("lateness_per_day", Text("Phạt trễ mỗi ngày", "Late cost per day"), ("Phạt trễ",), default=0),
    ],
    note=Text(
        "Một dòng. Có đơn giá ở bất kỳ tờ nào thì kế hoạch ghi rõ chi phí.",
        "One row. With a rate on any sheet the plan says what it costs.",
    ),
)
