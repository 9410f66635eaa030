"""The minimum workbook: four sheets, fifteen columns. Enough for a first honest plan.

The full workbook (``full``) adds optional columns and sheets to these; one importer reads both.
"""

from lienmach.apps.production.sheets.limits import MOST_PIECES, refuse_long_code
from lienmach.apps.production.sheets.weekdays import refuse_weekdays
from lienmach.kernel.sheets import Column, Kind, Sheet, Text, Workbook

ORDERS = Sheet(
    "orders",
    Text("Đơn hàng", "Orders"),
    [
        Column(
            "order",
            Kind.CODE,
            Text("Mã đơn hàng", "Order"),
            check=refuse_long_code,
            aliases=("Đơn hàng", "Số đơn", "Order no", "Sales order", "Mã đơn"),
            required=True,
            example="DH-001",
            note=Text("Mỗi đơn một dòng, mã không trùng.", "One row per order; the code is unique."),
        ),
        Column(
            "item",
            Kind.REFERENCE,
            Text("Mã sản phẩm", "Item"),
            aliases=("Sản phẩm", "Mã hàng", "Product"),
            required=True,
            refers_to="steps.item",
            example="VB-6204",
        ),
        Column(
            "quantity",
            Kind.DECIMAL,
            Text("Số lượng", "Quantity"),
            aliases=("SL", "Qty"),
            required=True,
            more_than=0,
            maximum=MOST_PIECES,
            example=500,
        ),
        Column(
            "due",
            Kind.DATE,
            Text("Hạn giao", "Due date"),
            aliases=("Ngày giao", "Ngày giao hàng", "Due", "Deadline", "Delivery date"),
            required=True,
            example="2026-12-15",
            note=Text("Giao muộn nhất vào cuối ngày này.", "To be delivered by the end of this day."),
        ),
    ],
    key=("order",),
    required=True,
    note=Text("Khách đặt gì, bao nhiêu, khi nào cần.", "What is ordered, how many, by when."),
)

STEPS = Sheet(
    "steps",
    Text("Sản phẩm và công đoạn", "Items and steps"),
    [
        Column(
            "item",
            Kind.CODE,
            Text("Mã sản phẩm", "Item"),
            check=refuse_long_code,
            aliases=("Sản phẩm", "Mã hàng", "Product"),
            required=True,
            repeats=True,
            example="VB-6204",
        ),
        Column(
            "step",
            Kind.CODE,
            Text("Công đoạn", "Step"),
            check=refuse_long_code,
            aliases=("Bước", "Nguyên công", "Operation"),
            required=True,
            repeats=True,
            example="10",
            note=Text(
                "Số thứ tự hoặc tên; làm theo thứ tự dòng (số thì theo số).",
                "A number or a name; done in the order of the rows (numbers: in numerical order).",
            ),
        ),
        Column(
            "group",
            Kind.CODE,
            Text("Nhóm máy", "Machine group"),
            check=refuse_long_code,
            aliases=("Máy", "Work centre", "Work center", "Group"),
            example="TIEN",
            note=Text(
                "Để trống chỉ khi dòng này thêm một vật tư cho công đoạn đã có ở trên.",
                "Blank only on a row that adds one more material to a step above.",
            ),
        ),
        Column(
            "minutes_per_piece",
            Kind.DECIMAL,
            Text("Phút mỗi cái", "Minutes per piece"),
            aliases=("Phút/cái", "Thời gian/cái", "Min/pc", "Cycle time"),
            more_than=0,
            example=1.5,
        ),
        Column(
            "material",
            Kind.CODE,
            Text("Vật tư dùng", "Material"),
            check=refuse_long_code,
            aliases=("Vật tư", "Nguyên liệu", "Chi tiết con", "Component"),
            example="THEP-GCR15",
            note=Text(
                "Vật tư mua, hoặc chi tiết tự làm (có công đoạn riêng).",
                "Something bought, or an item made here (with its own steps).",
            ),
        ),
        Column(
            "material_quantity",
            Kind.DECIMAL,
            Text("Lượng vật tư mỗi cái", "Material per piece"),
            aliases=("Định mức", "Qty per", "Quantity per piece"),
            more_than=0,
            example=0.12,
        ),
    ],
    required=True,
    note=Text(
        "Mỗi công đoạn một dòng: làm ở nhóm máy nào, mấy phút một cái, tốn vật tư gì.",
        "One row per step: on which machine group, how many minutes per piece, using what.",
    ),
)

MACHINES = Sheet(
    "machines",
    Text("Máy", "Machines"),
    [
        Column(
            "machine",
            Kind.CODE,
            Text("Mã máy", "Machine"),
            check=refuse_long_code,
            aliases=("Máy", "Tên máy", "Resource"),
            required=True,
            example="TIEN-01",
        ),
        Column(
            "group",
            Kind.CODE,
            Text("Nhóm máy", "Machine group"),
            check=refuse_long_code,
            aliases=("Nhóm", "Group", "Work centre", "Work center"),
            required=True,
            example="TIEN",
        ),
    ],
    key=("machine",),
    note=Text(
        "Không có tờ này thì giả định mỗi nhóm có một máy.",
        "Without this sheet one machine per group is assumed.",
    ),
)

HOURS = Sheet(
    "hours",
    Text("Giờ làm việc", "Working hours"),
    [
        Column(
            "days",
            Kind.TEXT,
            Text("Các ngày", "Days"),
            aliases=("Thứ", "Ngày", "Weekdays"),
            required=True,
            example="T2-T7",
            check=refuse_weekdays,
            note=Text("Như T2-T7, T2,T4,T6 hoặc CN.", "Such as Mon-Sat, Mon,Wed,Fri or Sun."),
        ),
        Column(
            "start",
            Kind.TIME,
            Text("Từ giờ", "From"),
            aliases=("Bắt đầu", "Start"),
            required=True,
            example="08:00",
        ),
        Column(
            "end",
            Kind.TIME,
            Text("Đến giờ", "To"),
            aliases=("Kết thúc", "End"),
            required=True,
            example="12:00",
            note=Text("Qua nửa đêm được: 22:00 đến 06:00.", "May pass midnight: 22:00 to 06:00."),
        ),
    ],
    note=Text(
        "Mỗi ca một dòng (nghỉ trưa = hai dòng). Không có tờ này: giả định T2-T7, 08:00-17:00, nghỉ trưa.",
        "One row per shift (a lunch break = two rows). Without it Mon-Sat 08:00-17:00 with lunch is assumed.",
    ),
)

MINIMUM = Workbook(
    "factory-minimum",
    Text("Sổ tay xưởng, bản tối thiểu", "Workshop workbook, minimum"),
    [ORDERS, STEPS, MACHINES, HOURS],
    note=Text(
        "Điền bốn tờ này là đủ để có kế hoạch đầu tiên. Điều còn thiếu sẽ được giả định và ghi rõ.",
        "These four sheets are enough for a first plan. What is missing is assumed, and marked on it.",
    ),
)
