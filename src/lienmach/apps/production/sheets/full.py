"""The full workbook: the minimum one plus optional columns and sheets; what is left out is assumed.

Only what the planner really uses stands here.
"""

from dataclasses import replace

from lienmach.apps.production.sheets.columns import CALENDAR, FIXED_MINUTES, minutes, money
from lienmach.apps.production.sheets.floor import (
    ALTERNATIVES,
    CHANGEOVERS,
    CLOSURES,
    IN_PROGRESS,
    OPERATORS,
    RATES,
)
from lienmach.apps.production.sheets.limits import (
    MOST_MINUTES,
    MOST_PIECES,
    refuse_long_code,
    refuse_long_name,
)
from lienmach.apps.production.sheets.minimum import HOURS, MACHINES, ORDERS, STEPS
from lienmach.apps.production.sheets.supply import BILL, ITEMS, RECEIPTS, STOCK
from lienmach.kernel.sheets import Choice, Column, Kind, Sheet, Text, Workbook


def _with(sheet: Sheet, *columns: Column, key: tuple[str, ...] | None = None) -> Sheet:
    return replace(sheet, columns=(*sheet.columns, *columns), key=tuple(sheet.key) if key is None else key)


FULL_ORDERS = _with(
    ORDERS,
    Column(
        "customer",
        Kind.TEXT,
        Text("Khách hàng", "Customer"),
        aliases=("Khách",),
        check=refuse_long_name,
    ),
    Column(
        "weight",
        Kind.INTEGER,
        Text("Độ ưu tiên", "Priority"),
        aliases=("Ưu tiên", "Weight"),
        default=1,
        minimum=1,
        maximum=100,
        example=1,
        note=Text(
            "1 là thường; 4 nghĩa là trễ một ngày tệ gấp bốn.",
            "1 is normal; at 4 a late day hurts four times as much.",
        ),
    ),
    Column(
        "earliest",
        Kind.DATE,
        Text("Sớm nhất bắt đầu", "Earliest start"),
        aliases=("Bắt đầu sớm nhất", "Release date"),
    ),
    money(
        "lateness_per_day",
        Text("Phạt trễ mỗi ngày", "Late cost per day"),
        ("Phạt trễ", "Penalty per day"),
        note=Text(
            "Mỗi ngày trễ (kể cả ngày đã bắt đầu) mất bao nhiêu; để trống: theo tờ Đơn giá chung.",
            "What each begun late day costs; blank: as on the sheet Rates.",
        ),
    ),
)

FULL_STEPS = _with(
    STEPS,
    Column("step_name", Kind.TEXT, Text("Tên công đoạn", "Step name"), check=refuse_long_code),
    minutes(
        "setup_minutes",
        Text("Phút gá đặt", "Setup minutes"),
        ("Thời gian chuẩn bị", "Phút chuẩn bị", "Gá đặt", "Setup"),
        example=30,
        note=Text("Tính khi máy vừa làm họ khác.", "Paid when the machine last ran another family."),
    ),
    Column(
        "family",
        Kind.CODE,
        Text("Họ gá đặt", "Setup family"),
        aliases=("Họ", "Nhóm gá đặt", "Family"),
        example="6204",
    ),
    Column(
        "load_minutes",
        Kind.DECIMAL,
        Text("Phút mỗi mẻ", "Minutes per load"),
        aliases=("Thời gian mẻ", "Phút/mẻ", "Load minutes"),
        more_than=0,
        maximum=MOST_MINUTES,
        note=Text(
            "Lò, máy rửa: thời gian một mẻ, thay cho phút mỗi cái. Cùng họ gá đặt thì chung mẻ.",
            "Furnace, washer: the time of one load, instead of minutes per piece. One family shares a load.",
        ),
    ),
    Column(
        "recipe",
        Kind.CODE,
        Text("Chế độ mẻ", "Recipe"),
        aliases=("Chế độ nhiệt", "Công thức mẻ", "Load recipe"),
        note=Text(
            "Cùng chế độ thì chung mẻ; để trống: theo họ gá đặt, không có thì mỗi mã một chế độ.",
            "Equal recipes share a load; blank: the setup family, or else every item by itself.",
        ),
    ),
    replace(
        FIXED_MINUTES,
        note=Text("Cộng một lần, số lượng bao nhiêu cũng vậy.", "Added once, whatever the quantity."),
    ),
    minutes(
        "min_wait_minutes",
        Text("Phút chờ tối thiểu", "Minimum wait minutes"),
        ("Chờ tối thiểu", "Min wait", "Minimum wait"),
        note=Text(
            "Chờ sau công đoạn này rồi mới làm tiếp (để nguội, khô keo).",
            "Time that passes after this step before the next (cooling, glue drying).",
        ),
    ),
    minutes(
        "max_wait_minutes",
        Text("Phút chờ tối đa", "Maximum wait minutes"),
        ("Chờ tối đa", "Max wait", "Maximum wait"),
        note=Text(
            "Công đoạn sau phải bắt đầu trong chừng ấy phút (kẻo gỉ, kẻo nguội).",
            "The next step must start within this time (before it rusts or cools).",
        ),
    ),
    Column(
        "transfer_quantity",
        Kind.INTEGER,
        Text("Lô chuyển", "Transfer batch"),
        aliases=("Số cái mỗi lần chuyển", "Transfer quantity"),
        minimum=1,
        maximum=MOST_PIECES,
        note=Text(
            "Xong từng này cái là công đoạn sau được bắt đầu; để trống: xong hết mới chuyển.",
            "After so many pieces the next step may begin; blank: after all of them.",
        ),
    ),
    Column(
        "skill",
        Kind.CODE,
        Text("Tay nghề cần", "Skill"),
        aliases=("Thợ", "Tay nghề", "Operator"),
        note=Text("Phải có trong tờ Thợ.", "Must stand on the sheet Operators."),
    ),
    Column(
        "operator_count",
        Kind.INTEGER,
        Text("Số thợ cần", "Operators needed"),
        aliases=("Số thợ", "Crew size"),
        default=1,
        minimum=1,
        maximum=100,
    ),
    Column(
        "operator_during",
        Kind.CHOICE,
        Text("Thợ cần khi", "Operator needed for"),
        aliases=("Thợ đứng", "Operator during"),
        choices=[
            Choice(
                "whole",
                Text("cả công đoạn", "whole step"),
                aliases=("suốt", "đứng máy", "toàn bộ", "whole", "all"),
            ),
            Choice("setup", Text("chỉ gá đặt", "setup only"), aliases=("gá đặt", "chỉ lúc gá", "setup")),
        ],
        default="whole",
        note=Text(
            "Chỉ gá đặt: gá xong thợ đi máy khác được.",
            "Setup only: once it is set up the operator is free for another machine.",
        ),
    ),
    Column(
        "outsourced_days",
        Kind.DECIMAL,
        Text("Ngày gia công ngoài", "Outsourced days"),
        aliases=("Gia công ngoài",),
        more_than=0,
        note=Text("Làm ở ngoài: không cần nhóm máy.", "Done elsewhere: needs no machine group."),
    ),
    Column(
        "outsourced_to",
        Kind.TEXT,
        Text("Nơi gia công ngoài", "Outsourced to"),
        aliases=("Đơn vị gia công", "Subcontractor"),
        check=refuse_long_code,
    ),
    money(
        "outsourced_price",
        Text("Giá gia công mỗi cái", "Outsourced price per piece"),
        ("Giá gia công",),
        note=Text(
            "Cả cho công đoạn tự làm: nơi khác lấy bao nhiêu, để biết thuê ngoài có đáng không.",
            "Also for a step done here: what others would take, to see whether sending it out pays.",
        ),
    ),
    Column(
        "can_pause",
        Kind.BOOLEAN,
        Text("Được ngắt giữa ca", "May pause"),
        aliases=("Ngắt được",),
        default=True,
        note=Text("Không: phải làm liền một mạch trong giờ mở.", "No: must run within one open stretch."),
    ),
)

FULL_MACHINES = _with(
    MACHINES,
    Column("name", Kind.TEXT, Text("Tên máy", "Machine name")),
    replace(
        CALENDAR,
        note=Text("Tên lịch trong tờ Giờ làm việc.", "Name of a calendar on the sheet Working hours."),
    ),
    Column(
        "efficiency",
        Kind.DECIMAL,
        Text("Hiệu suất %", "Efficiency %"),
        aliases=("Hiệu suất", "Efficiency"),
        default=100,
        more_than=0,
        maximum=300,
    ),
    Column(
        "load_capacity",
        Kind.INTEGER,
        Text("Sức chứa mỗi mẻ", "Load capacity"),
        aliases=("Sức chứa", "Số cái mỗi mẻ", "Batch capacity"),
        more_than=0,
        maximum=MOST_PIECES,
        note=Text("Lò, máy rửa: số cái một mẻ.", "Furnace or washer: pieces per load."),
    ),
    Column(
        "initial_family",
        Kind.CODE,
        Text("Đang gá họ", "Set up for"),
        aliases=("Họ đang gá", "Initial family"),
        note=Text(
            "Họ gá đặt hiện có trên máy; để trống: lần gá đầu không tính.",
            "The family it is set up for now; blank: the first setup is not counted.",
        ),
    ),
    Column(
        "unlimited",
        Kind.BOOLEAN,
        Text("Làm nhiều việc cùng lúc", "Unlimited"),
        aliases=("Không giới hạn",),
        default=False,
        note=Text(
            "Có: bao nhiêu lệnh chạy cùng lúc cũng được (bãi phơi, bàn nguội); chỉ tính giờ mở.",
            "Yes: any number of jobs at once (a drying yard, a bench); only its hours count.",
        ),
    ),
    money(
        "rate_per_hour",
        Text("Chi phí mỗi giờ máy", "Cost per machine hour"),
        ("Giá giờ máy", "Machine rate"),
    ),
)

FULL_HOURS = _with(
    HOURS,
    replace(
        CALENDAR,
        default="standard",
        example="standard",
    ),
    Column(
        "overtime",
        Kind.BOOLEAN,
        Text("Tăng ca", "Overtime"),
        aliases=("Làm thêm giờ", "Ngoài giờ"),
        default=False,
        note=Text(
            "Có: làm trong ca này tính giá tăng ca (tờ Đơn giá chung).",
            "Yes: work in this shift costs the overtime rate (sheet Rates).",
        ),
    ),
)

FULL = Workbook(
    "factory",
    Text("Sổ tay xưởng", "Workshop workbook"),
    [
        FULL_ORDERS,
        FULL_STEPS,
        FULL_MACHINES,
        FULL_HOURS,
        ITEMS,
        BILL,
        ALTERNATIVES,
        CHANGEOVERS,
        CLOSURES,
        STOCK,
        RECEIPTS,
        OPERATORS,
        IN_PROGRESS,
        RATES,
    ],
    note=Text(
        "Bốn tờ đầu là tối thiểu; phần còn lại để trống cũng được, điều thiếu sẽ được giả định và ghi rõ.",
        "The first four sheets are the minimum; the rest may stay empty: what is missing is assumed, marked.",
    ),
)
