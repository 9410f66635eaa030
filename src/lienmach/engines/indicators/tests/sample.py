"""The indicator, register and schemas that the tests of this engine use."""

from lienmach.engines.indicators import Assertion, EventSchema, Exit, FieldType, Register

ID, INT, DATE, TIMESTAMP = FieldType.ID, FieldType.INT, FieldType.DATE, FieldType.TIMESTAMP

DELIVERY = EventSchema(
    "production.receipt_confirmed",
    {"promised": DATE, "received": TIMESTAMP, "quantity": INT, "ordered_quantity": INT, "order": ID},
)
_HOME = {"enterprise": ID, "location": ID, "valid_from": DATE}
SCHEMAS = [
    DELIVERY,
    EventSchema("registry.enterprise_registered", _HOME),
    EventSchema("registry.enterprise_moved", _HOME),
    EventSchema("registry.enterprise_claimed", {"enterprise": ID, "organisation": ID, "valid_from": DATE}),
    EventSchema("registry.enterprise_closed", {"enterprise": ID}),
]
REGISTER = Register(
    claims=(Assertion("registry.enterprise_claimed", "organisation", "enterprise", "valid_from"),),
    locations=(
        Assertion("registry.enterprise_registered", "enterprise", "location", "valid_from"),
        Assertion("registry.enterprise_moved", "enterprise", "location", "valid_from"),
    ),
    exits=(Exit("registry.enterprise_closed", "enterprise"),),
)
ON_TIME = """
indicator = "on_time_delivery_share"
version = 1
kind = "ratio"
unit = "percent"
direction = "up"
entity = "enterprise"
dimensions = ["place", "period"]

[title]
vi = "Tỷ lệ giao hàng đúng hạn"
en = "On-time delivery share"

[basis]
vi = "Dự án Liền Mạch, 21/11/2026; không có văn bản pháp luật nào định nghĩa chỉ số này"
en = "Liền Mạch project, 21 November 2026; no legal act defines this indicator"

[valid]
from = 2025-01-01

[numerator]
event = "production.receipt_confirmed"
agg = "count"
where = [
  { field = "received", op = "le", other = "promised" },
  { field = "quantity", op = "ge", other = "ordered_quantity" },
]

[denominator]
event = "production.receipt_confirmed"
agg = "count"
where = [{ field = "promised", op = "not_null" }]
"""
