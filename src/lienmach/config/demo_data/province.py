"""The firms of a province: names put together from word lists, tax codes that nobody has, places that exist.

The mix of trades and sizes is that of an industrial province in shape, not in figures: nothing here is
statistics. Trades are VSIC 2018 codes, places the communes given by the caller.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lienmach.config.demo_data.bearing_workshop import GENERATED
from lienmach.kernel.sheets import Choice, Column, Kind, Sheet, Text

UNALLOCATED_PREFIX = "99"
"""No tax office has this number, so that no generated code is anybody's."""

_CHECK_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)

_FORMS = (
    ("limited", "Công ty TNHH", 52, 8.0),
    ("joint_stock", "Công ty Cổ phần", 12, 22.0),
    ("private", "Doanh nghiệp tư nhân", 5, 5.0),
    ("cooperative", "Hợp tác xã", 3, 12.0),
    ("household", "Hộ kinh doanh", 28, 2.0),
)
"""Key, how the name begins, share in percent, median number of staff."""

_TRADES: tuple[tuple[str, str, int], ...] = (
    ("1071", "Bánh", 2), ("1080", "Thức ăn chăn nuôi", 1), ("1104", "Nước uống", 1),
    ("1392", "Dệt may gia dụng", 2), ("1410", "May mặc", 8), ("1520", "Giày dép", 3), ("1610", "Gỗ xẻ", 3),
    ("1622", "Gỗ xây dựng", 2), ("1623", "Bao bì gỗ", 2), ("1629", "Gỗ mỹ nghệ", 2),
    ("1702", "Bao bì giấy", 4), ("1811", "In ấn", 3), ("2029", "Hóa chất", 1),
    ("2219", "Cao su kỹ thuật", 2), ("2220", "Nhựa", 7), ("2392", "Gạch ngói", 1), ("2395", "Bê tông", 1),
    ("2431", "Đúc gang thép", 1), ("2432", "Đúc nhôm", 1), ("2511", "Kết cấu thép", 4),
    ("2591", "Rèn dập", 2), ("2592", "Cơ khí chính xác", 8), ("2593", "Dụng cụ cầm tay", 1),
    ("2599", "Kim khí", 3), ("2610", "Linh kiện điện tử", 2), ("2710", "Mô tơ điện", 1),
    ("2732", "Dây cáp điện", 1), ("2740", "Đèn chiếu sáng", 1), ("2790", "Thiết bị điện", 2),
    ("2813", "Bơm và van", 1), ("2814", "Vòng bi và bánh răng", 1), ("2822", "Máy công cụ", 1),
    ("2829", "Máy chuyên dụng", 2), ("3100", "Nội thất", 12), ("3250", "Thiết bị y tế", 1),
    ("3290", "Đồ gia dụng", 2), ("3312", "Sửa chữa máy", 3), ("3320", "Lắp đặt máy", 1),
    ("4101", "Xây dựng", 4), ("4321", "Cơ điện", 3), ("4520", "Sửa chữa ô tô", 3),
    ("4632", "Thực phẩm", 4), ("4641", "Vải sợi", 1), ("4659", "Máy và phụ tùng", 4),
    ("4662", "Sắt thép", 3), ("4663", "Vật liệu xây dựng", 4), ("4669", "Vật tư công nghiệp", 2),
    ("4711", "Tạp hóa", 6), ("4752", "Ngũ kim", 3), ("4933", "Vận tải", 6), ("5210", "Kho bãi", 1),
    ("5610", "Ăn uống", 7), ("6201", "Phần mềm", 1), ("7110", "Tư vấn kỹ thuật", 1),
    ("7120", "Đo kiểm", 1), ("7410", "Thiết kế", 1),
)  # fmt: skip
"""VSIC 2018 code, word in the name, weight."""

_THINGS = (
    "Bông Lúa", "Cánh Én", "Hoa Sen", "Bến Nước", "Cau Vườn", "Tre Làng", "Đá Cuội", "Gió Đồng",
    "Mây Chiều", "Nắng Mai", "Sóng Nhỏ", "Thác Bạc", "Trăng Rằm", "Vườn Mít", "Suối Trong", "Đồi Thông",
    "Cầu Gỗ", "Lá Dừa", "Hạt Mầm", "Giếng Làng", "Chim Sáo", "Đò Ngang", "Mái Đình", "Nón Lá", "Ong Vàng",
    "Phù Sa", "Rừng Cao", "Sao Hôm", "Tia Nắng", "Ruộng Bậc", "Chuồn Chuồn", "Bìm Bịp", "Cá Chép",
    "Dế Mèn", "Gà Gáy", "Hàng Bưởi", "Khói Bếp", "Lúa Chín", "Măng Non", "Nương Chè",
)  # fmt: skip
_QUALITIES = (
    "Xanh", "Vàng", "Mới", "Bền", "Sáng", "Vững", "Khéo", "Chăm", "Thơm", "Lành", "An", "Thuận", "Đều",
    "Nhanh", "Chắc", "Tươi", "Hiền", "Ngay", "Rộng", "Tinh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm that does not exist.

    Parameters
    ----------
    name
        Ends with a remark that it is generated.
    tax_code
        Ten digits with a valid check digit and a prefix that no tax office has.
    form
        ``limited``, ``joint_stock``, ``private``, ``cooperative`` or ``household``.
    industry
        VSIC 2018, four digits.
    commune
        One of the codes given by the caller.
    employees
        At the latest count; 0 is possible for a household.
    revenue_vnd, capital_vnd
        Of the latest year, in đồng, rounded to millions.
    established
        Day of registration.
    """

    name: str
    tax_code: str
    form: str
    industry: str
    commune: str
    employees: int
    revenue_vnd: int
    capital_vnd: int
    established: date


FIRMS = Sheet(
    "firms",
    Text(vi="Doanh nghiệp", en="Firms"),
    [
        Column("name", Kind.TEXT, Text(vi="Tên", en="Name"), required=True),
        Column("tax_code", Kind.CODE, Text(vi="Mã số thuế", en="Tax code"), digits=10),
        Column(
            "form",
            Kind.CHOICE,
            Text(vi="Loại hình", en="Legal form"),
            choices=[
                Choice("limited", Text(vi="Công ty TNHH", en="Limited company")),
                Choice("joint_stock", Text(vi="Công ty cổ phần", en="Joint-stock company")),
                Choice("private", Text(vi="Doanh nghiệp tư nhân", en="Private enterprise")),
                Choice("cooperative", Text(vi="Hợp tác xã", en="Cooperative")),
                Choice("household", Text(vi="Hộ kinh doanh", en="Business household")),
            ],
        ),
        Column("industry", Kind.CODE, Text(vi="Ngành (VSIC 2018)", en="Industry (VSIC 2018)"), digits=4),
        Column("commune", Kind.CODE, Text(vi="Mã xã, phường", en="Commune code"), digits=5),
        Column("commune_name", Kind.TEXT, Text(vi="Xã, phường", en="Commune")),
        Column("employees", Kind.INTEGER, Text(vi="Số lao động", en="Employees"), minimum=0),
        Column("revenue_vnd", Kind.INTEGER, Text(vi="Doanh thu, đồng", en="Revenue, VND"), minimum=0),
        Column("capital_vnd", Kind.INTEGER, Text(vi="Nguồn vốn, đồng", en="Capital, VND"), minimum=0),
        Column("established", Kind.DATE, Text(vi="Ngày thành lập", en="Established")),
    ],
    key=("tax_code",),
)
"""The firms as a table."""


def generate_firms(
    count: int, seed: int, communes: Sequence[str], *, until: date = date(2026, 10, 31)
) -> Iterator[Firm]:
    """Firms with distinct names and tax codes, one at a time; the first n are the same whatever `count` is.

    Parameters
    ----------
    count
        How many; 60,000 is the size of an industrial province.
    seed
        Of every random choice.
    communes
        Codes to spread the firms over; some get many, most get few.
    until
        Youngest day of registration.

    Raises
    ------
    ValueError
        No communes, or more firms than there are distinct names and codes (a million).
    """
    if not communes:
        raise ValueError("Firms need at least one commune to stand in.")
    if not 0 <= count <= 1_000_000:
        raise ValueError("count must be between 0 and 1,000,000.")
    rng = random.Random(f"province {seed}")  # noqa: S311 - generated data, not secrets
    weights = [rng.lognormvariate(0, 0.9) for _commune in communes]
    names: dict[str, int] = {}
    codes = _tax_codes(rng.randrange(7919))
    for _number in range(count):
        form, opening, _share, median = rng.choices(_FORMS, weights=[share for _k, _n, share, _m in _FORMS])[
            0
        ]
        industry, word, _weight = rng.choices(_TRADES, weights=[weight for _c, _w, weight in _TRADES])[0]
        employees = min(3000, int(rng.lognormvariate(0, 1.1) * median))
        revenue = max(employees, 1) * rng.lognormvariate(0, 0.7) * 450_000_000
        capital = revenue * rng.lognormvariate(-0.5, 0.6)
        yield Firm(
            name=_name(rng, names, f"{opening} {word}"),
            tax_code=next(codes),
            form=form,
            industry=industry,
            commune=rng.choices(communes, weights=weights)[0],
            employees=employees,
            revenue_vnd=_millions(revenue),
            capital_vnd=_millions(capital),
            established=until - timedelta(days=int(rng.triangular(30, 9000, 1200))),
        )


def tax_code(serial: int) -> str | None:
    """The ten digits for a serial of up to seven; ``None`` for the serials that have no valid check digit."""
    digits = f"{UNALLOCATED_PREFIX}{serial:07d}"
    check = 10 - sum(weight * int(digit) for weight, digit in zip(_CHECK_WEIGHTS, digits, strict=True)) % 11
    return None if check == 10 else f"{digits}{check}"


def _tax_codes(start: int) -> Iterator[str]:
    """Distinct codes in an order that looks like none: the step has no factor in common with the size."""
    size, step = 10_000_000, 7_654_321
    serial = start
    for _turn in range(size):
        serial = (serial + step) % size
        code = tax_code(serial) if serial else None
        if code:
            yield code


def _name(rng: random.Random, names: dict[str, int], opening: str) -> str:
    """A name that nobody else has: numbered from the second of the same words on."""
    words = f"{opening} {rng.choice(_THINGS)} {rng.choice(_QUALITIES)}"
    names[words] = names.get(words, 0) + 1
    return f"{words} {GENERATED}" if names[words] == 1 else f"{words} {names[words]} {GENERATED}"


def _millions(amount: float) -> int:
    return max(1, round(amount / 1_000_000)) * 1_000_000
