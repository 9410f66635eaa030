"""The fixed words of the plan documents in both languages."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Kế hoạch sản xuất", "Production plan"),
    "made_at": ("Tính từ {moment}", "Planned from {moment}"),
    "late_orders": ("Đơn trễ và vì sao", "Late orders, and why"),
    "more_late": ("Thêm {count} đơn trễ", "{count} more late orders"),
    "no_late": ("Không có đơn nào trễ.", "No order is late."),
    "orders": ("Ngày có thể hứa giao", "Dates to promise"),
    "purchases": ("Vật tư cần mua", "Materials to buy"),
    "no_purchases": ("Không cần mua thêm vật tư nào.", "Nothing has to be bought."),
    "assumptions": ("Những điều đã giả định", "What was assumed"),
    "assumptions_note": (
        "Ghi số thật vào sổ tay xưởng để kế hoạch chính xác hơn.",
        "Write the real values into the workbook and the plan gets better.",
    ),
    "no_assumptions": ("Không phải giả định điều gì.", "Nothing had to be assumed."),
    "schedule": ("Lịch máy", "Machine schedule"),
    "load": ("Tải máy", "Machine load"),
    "order": ("Đơn hàng", "Order"),
    "remedies": ("Cách giúp đơn trễ", "What would help late orders"),
    "remedies_note": (
        "Mỗi cách đã được xếp lịch thử lại: không đơn nào bị lùi. Cách được nhiều nhất đứng trước.",
        "Each was tried by planning again: no order gets later. What gains most stands first.",
    ),
    "remedy": ("Nên làm", "What to do"),
    "effect": ("Được gì", "What it gains"),
    "helps_orders": ("Giúp đơn", "Helps orders"),
    "item": ("Sản phẩm", "Item"),
    "quantity": ("Số lượng", "Quantity"),
    "customer": ("Khách hàng", "Customer"),
    "due": ("Hạn giao", "Due"),
    "promised": ("Ngày xong", "Ready"),
    "late": ("Trễ", "Late"),
    "on_time": ("Đúng hạn", "On time"),
    "is_late": ("Trễ hạn", "Late"),
    "state": ("Tình trạng", "State"),
    "why": ("Vì sao", "Why"),
    "material": ("Vật tư", "Material"),
    "supplier": ("Nhà cung cấp", "Supplier"),
    "order_by": ("Đặt trước ngày", "Order by"),
    "arrives": ("Về ngày", "Arrives"),
    "for_orders": ("Cho đơn", "For orders"),
    "overdue": ("Đặt ngay", "Order now"),
    "assumed": ("giả định", "assumed"),
    "machine": ("Máy", "Machine"),
    "step": ("Công đoạn", "Step"),
    "start": ("Bắt đầu", "Start"),
    "end": ("Kết thúc", "End"),
    "setup": ("Gá đặt", "Setup"),
    "work": ("Làm", "Work"),
    "closed": ("Đóng cửa", "Closed"),
    "late_work": ("Thuộc đơn trễ", "Of a late order"),
    "last_end": ("Xong hết", "All done"),
    "on_time_count": ("Đúng hạn", "On time"),
    "late_count": ("Trễ hạn", "Late"),
    "buy_count": ("Cần mua", "To buy"),
    "value": ("Giá trị", "Value"),
    "where": ("Ghi ở tờ, cột", "Where to write it"),
    "verified": (
        "Lịch này đã qua bộ kiểm tra độc lập: không máy nào làm hai việc cùng lúc, không việc nào "
        "chạy ngoài giờ hay trước khi có vật tư.",
        "An independent check accepted this schedule: no machine does two things at once, nothing runs "
        "outside opening hours or before its material is there.",
    ),
    "found_by": (
        "Tìm bằng {method}, hạt giống {seed}, ngân sách {budget} bước; cùng dữ liệu thì cùng kết quả.",
        "Found by {method}, seed {seed}, work budget {budget}; the same input gives the same plan.",
    ),
    "tasks": ("Công việc theo máy", "Work per machine"),
    "days_late": ("Trễ (giờ)", "Late (hours)"),
    "unit": ("Đơn vị", "Unit"),
    "busy": ("Giờ chạy", "Busy hours"),
    "costs": ("Kế hoạch tốn bao nhiêu", "What the plan costs"),
    "cost_kind": ("Khoản", "What for"),
    "cost_amount": ("Số tiền (đ)", "Amount (VND)"),
    "cost_machines": ("Giờ máy", "Machine hours"),
    "cost_labour": ("Giờ công", "Labour"),
    "cost_overtime": ("Tăng ca", "Overtime"),
    "cost_materials": ("Vật tư", "Material"),
    "cost_outsourcing": ("Gia công ngoài", "Outsourcing"),
    "cost_lateness": ("Phạt trễ", "Lateness"),
    "cost_total": ("Tổng cộng", "Total"),
    "costs_unpriced": (
        "Chưa có đơn giá, nên chưa tính: {items}.",
        "Without a price, and so not counted: {items}.",
    ),
}


def word(key: str, language: str) -> str:
    """Return the word in the language; Vietnamese unless English is asked for."""
    vietnamese, english = WORDS[key]
    return english if language.startswith("en") else vietnamese
