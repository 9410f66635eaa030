"""The full workbook: the minimum one plus optional columns and sheets; what is left out is assumed.

Only what the planner really uses stands here.
"""

from dataclasses import replace

from lienmach.apps.production.sheets.limits import refuse_long_name
from lienmach.apps.production.sheets.minimum import HOURS, MACHINES, ORDERS, STEPS
from lienmach.kernel.sheets import Column, Kind, Sheet, Text, Workbook


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
)

FULL_STEPS = _with(
    STEPS,
    Column("step_name", Kind.TEXT, Text("Tên công đoạn", "Step name")),
    Column(
        "setup_minutes",
        Kind.DECIMAL,
        Text("Phút gá đặt", "Setup minutes"),
        aliases=("Thời gian chuẩn bị", "Phút chuẩn bị", "Gá đặt", "Setup"),
        minimum=0,
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
        note=Text(
            "Lò, máy rửa: thời gian một mẻ, thay cho phút mỗi cái. Cùng họ gá đặt thì chung mẻ.",
            "Furnace, washer: the time of one load, instead of minutes per piece. One family shares a load.",
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
        "outsourced_days",
        Kind.DECIMAL,
        Text("Ngày gia công ngoài", "Outsourced days"),
        aliases=("Gia công ngoài",),
        more_than=0,
        note=Text("Làm ở ngoài: không cần nhóm máy.", "Done elsewhere: needs no machine group."),
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
    Column(
        "calendar",
        Kind.CODE,
        Text("Lịch làm việc", "Calendar"),
        aliases=("Lịch", "Ca"),
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
        note=Text("Lò, máy rửa: số cái một mẻ.", "Furnace or washer: pieces per load."),
    ),
)

FULL_HOURS = _with(
    HOURS,
    Column(
        "calendar",
        Kind.CODE,
        Text("Lịch làm việc", "Calendar"),
        aliases=("Lịch", "Ca"),
        default="standard",
        example="standard",
    ),
)

ITEMS = Sheet(
    "items",
    Text("Vật tư và sản phẩm", "Materials and items"),
    [
        Column("item", Kind.CODE, Text("Mã", "Item"), aliases=("Mã vật tư", "Mã hàng"), required=True),
        Column("name", Kind.TEXT, Text("Tên", "Name"), aliases=("Tên vật tư", "Description")),
        Column("unit", Kind.TEXT, Text("Đơn vị", "Unit"), aliases=("ĐVT", "UOM")),
        Column(
            "lead_time_days",
            Kind.DECIMAL,
            Text("Ngày mua về", "Lead time days"),
            aliases=("Thời gian mua", "Lead time"),
            minimum=0,
            example=7,
        ),
        Column("supplier", Kind.TEXT, Text("Nhà cung cấp", "Supplier"), aliases=("NCC",)),
        Column("lot_minimum", Kind.DECIMAL, Text("Lô mua tối thiểu", "Minimum lot"), minimum=0),
        Column("lot_multiple", Kind.DECIMAL, Text("Bội số lô", "Lot multiple"), minimum=0),
        Column("safety_stock", Kind.DECIMAL, Text("Tồn an toàn", "Safety stock"), minimum=0),
        Column(
            "scrap_percent",
            Kind.DECIMAL,
            Text("Phế phẩm %", "Scrap %"),
            aliases=("Tỷ lệ hỏng", "Hỏng %", "Phế phẩm", "Scrap"),
            minimum=0,
            maximum=90,
        ),
    ],
    key=("item",),
)

BILL = Sheet(
    "bill",
    Text("Định mức vật tư", "Bill of materials"),
    [
        Column(
            "item",
            Kind.REFERENCE,
            Text("Mã sản phẩm", "Item"),
            aliases=("Sản phẩm", "Parent"),
            required=True,
            repeats=True,
            refers_to="steps.item",
        ),
        Column(
            "component",
            Kind.CODE,
            Text("Mã vật tư", "Component"),
            aliases=("Vật tư", "Chi tiết con", "Material"),
            required=True,
        ),
        Column(
            "quantity_per",
            Kind.DECIMAL,
            Text("Lượng mỗi cái", "Quantity per piece"),
            aliases=("Định mức", "Qty per"),
            required=True,
            more_than=0,
        ),
        Column("waste_percent", Kind.DECIMAL, Text("Hao hụt %", "Waste %"), minimum=0, maximum=90),
        Column(
            "step",
            Kind.CODE,
            Text("Dùng ở công đoạn", "Used at step"),
            aliases=("Công đoạn", "Step"),
            note=Text("Để trống: công đoạn đầu.", "Blank: the first step."),
        ),
    ],
    key=("item", "component", "step"),
)

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
        Column("minutes", Kind.DECIMAL, Text("Phút", "Minutes"), required=True, minimum=0),
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

STOCK = Sheet(
    "stock",
    Text("Tồn kho", "Stock"),
    [
        Column("item", Kind.CODE, Text("Mã", "Item"), aliases=("Mã vật tư", "Mã hàng"), required=True),
        Column(
            "quantity",
            Kind.DECIMAL,
            Text("Số lượng", "Quantity"),
            aliases=("Tồn", "On hand"),
            required=True,
            minimum=0,
        ),
    ],
    key=("item",),
)

RECEIPTS = Sheet(
    "receipts",
    Text("Hàng đang mua", "Open purchases"),
    [
        Column(
            "receipt",
            Kind.CODE,
            Text("Mã đơn mua", "Purchase order"),
            aliases=("Đơn mua", "PO"),
            required=True,
        ),
        Column("item", Kind.CODE, Text("Mã", "Item"), aliases=("Mã vật tư",), required=True),
        Column("quantity", Kind.DECIMAL, Text("Số lượng", "Quantity"), required=True, more_than=0),
        Column("due", Kind.DATE, Text("Ngày về", "Receipt date"), aliases=("Ngày nhận",), required=True),
    ],
    key=("receipt", "item", "due"),
)

OPERATORS = Sheet(
    "operators",
    Text("Thợ", "Operators"),
    [
        Column("skill", Kind.CODE, Text("Tay nghề", "Skill"), required=True),
        Column("count", Kind.INTEGER, Text("Số người", "Count"), required=True, minimum=1),
    ],
    key=("skill",),
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
    ],
    note=Text(
        "Bốn tờ đầu là tối thiểu; phần còn lại để trống cũng được, điều thiếu sẽ được giả định và ghi rõ.",
        "The first four sheets are the minimum; the rest may stay empty: what is missing is assumed, marked.",
    ),
)
