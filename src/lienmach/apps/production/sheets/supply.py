"""Sheets of the full workbook about material: items, bills, stock, open purchases."""

from lienmach.apps.production.sheets.columns import money
from lienmach.kernel.sheets import Column, Kind, Sheet, Text

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
        Column(
            "lot_maximum",
            Kind.DECIMAL,
            Text("Lô tối đa", "Maximum lot"),
            aliases=("Lô lớn nhất",),
            minimum=1,
            note=Text(
                "Hàng tự làm: nhiều hơn thì chia thành nhiều lệnh.",
                "Made here: larger quantities become several jobs.",
            ),
        ),
        Column("safety_stock", Kind.DECIMAL, Text("Tồn an toàn", "Safety stock"), minimum=0),
        Column(
            "scrap_percent",
            Kind.DECIMAL,
            Text("Phế phẩm %", "Scrap %"),
            aliases=("Tỷ lệ hỏng", "Hỏng %", "Phế phẩm", "Scrap"),
            minimum=0,
            maximum=90,
        ),
        money(
            "price",
            Text("Đơn giá", "Price"),
            ("Giá mua", "Unit price", "Cost"),
        ),
        money(
            "expedite_surcharge",
            Text("Phụ phí lấy gấp", "Expedite surcharge"),
            ("Phụ phí giao gấp", "Express fee"),
            note=Text(
                "Mỗi chuyến hàng về sớm hơn thường lệ phải trả thêm bao nhiêu.",
                "What a delivery costs more when it comes earlier than usual.",
            ),
        ),
    ],
    key=("item",),
    note=Text(
        "Vật tư mua: mấy ngày về, mua của ai, lô mua, tồn an toàn, giá. Hàng tự làm: lô và phế phẩm.",
        "Bought: lead time, supplier, lots, safety stock, price. Made: lots and scrap.",
    ),
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
