"""The workbook that fills a register."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from lienmach.apps.registry.taxcode import is_personal, is_sound, normalised
from lienmach.kernel.places import queries as places
from lienmach.kernel.scope import Scope
from lienmach.kernel.sheets import (
    Choice,
    Column,
    Imported,
    Kind,
    Problem,
    Row,
    Severity,
    Sheet,
    Text,
    Workbook,
)

SHEET = "enterprises"

ENTERPRISES = Workbook(
    "register",
    Text(vi="Danh sách doanh nghiệp", en="Register of enterprises"),
    [
        Sheet(
            SHEET,
            Text(vi="Doanh nghiệp", en="Enterprises"),
            [
                Column(
                    "name",
                    Kind.TEXT,
                    Text(vi="Tên doanh nghiệp", en="Name"),
                    required=True,
                    aliases=("Tên", "Tên đơn vị", "Company"),
                    example="Công ty TNHH Cơ khí Mẫu",
                ),
                Column(
                    "tax_code",
                    Kind.TEXT,
                    Text(vi="Mã số thuế", en="Tax code"),
                    aliases=("MST", "Mã số doanh nghiệp"),
                    example="0100109106",
                ),
                Column(
                    "kind",
                    Kind.CHOICE,
                    Text(vi="Loại", en="Kind"),
                    default="enterprise",
                    choices=[
                        Choice(
                            "enterprise",
                            Text(vi="doanh nghiệp", en="enterprise"),
                            ("công ty", "DN", "company"),
                        ),
                        Choice("branch", Text(vi="chi nhánh", en="branch")),
                        Choice("cooperative", Text(vi="hợp tác xã", en="cooperative"), ("HTX",)),
                        Choice("household", Text(vi="hộ kinh doanh", en="household"), ("HKD",)),
                    ],
                ),
                Column(
                    "commune",
                    Kind.TEXT,
                    Text(vi="Xã, phường", en="Commune"),
                    required=True,
                    aliases=("Phường/xã", "Xã/phường/đặc khu", "Ward"),
                    note=Text(
                        vi="Tên hoặc mã của xã, phường, đặc khu vào ngày ghi ở cột 'Có tên từ ngày'.",
                        en="Name or code of the commune on the day in 'In the register since'.",
                    ),
                    example="Phường Thủ Dầu Một",
                ),
                Column(
                    "province",
                    Kind.TEXT,
                    Text(vi="Tỉnh, thành phố", en="Province"),
                    repeats=True,
                    aliases=("Tỉnh", "Tỉnh/thành phố"),
                    example="Thành phố Hồ Chí Minh",
                ),
                Column("address", Kind.TEXT, Text(vi="Địa chỉ", en="Address"), example="12 Đường Mẫu"),
                Column(
                    "industry",
                    Kind.TEXT,
                    Text(vi="Ngành nghề", en="Industry"),
                    aliases=("Mã ngành", "VSIC"),
                    example="2814",
                ),
                Column(
                    "registered_on",
                    Kind.DATE,
                    Text(vi="Có tên từ ngày", en="In the register since"),
                    required=True,
                    aliases=("Ngày thành lập", "Ngày đăng ký", "Registered"),
                    example=date(2025, 7, 1),
                ),
            ],
            required=True,
        )
    ],
    note=Text(
        vi="Mỗi dòng một doanh nghiệp. Số định danh cá nhân của chủ hộ không được lưu.",
        en="One enterprise per row. Personal numbers of household owners are not kept.",
    ),
)


@dataclass(frozen=True)
class Entry:
    """One row that can become an entry."""

    name: str
    tax_code: str
    kind: str
    address: str
    industry: str
    registered_on: date
    unit: places.Unit


def entries(scope: Scope, imported: Imported) -> tuple[list[Entry], list[Problem]]:
    """Return the rows as entries, and what a reader of cells alone could not see: places and tax codes."""
    found: list[Entry] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    resolved: dict[tuple[str, str, date], places.Unit] = {}
    for row in imported.tables[SHEET]:
        code = _tax_code(row, seen, problems)
        place = (row["commune"], row["province"] or "", row["registered_on"])
        if place not in resolved:
            try:
                resolved[place] = places.unit_resolve(
                    scope, text=place[0], at=place[2], level="commune", province=place[1]
                )
            except (places.NoSuchUnit, places.AmbiguousUnit) as error:
                problems.append(_unknown_place(row, error))
                continue
        found.append(
            Entry(
                name=row["name"],
                tax_code=code,
                kind=row["kind"],
                address=row["address"] or "",
                industry=row["industry"] or "",
                registered_on=row["registered_on"],
                unit=resolved[place],
            )
        )
    return found, problems


def _tax_code(row: Row, seen: dict[str, int], problems: list[Problem]) -> str:
    code = normalised(row["tax_code"] or "")
    if not code:
        return ""
    if is_personal(code):
        problems.append(
            row.problem(
                "personal_number",
                "tax_code",
                reason=_("This looks like a personal number; it is not kept."),
                remedy=_("Leave the cell empty for households."),
                severity=Severity.WARNING,
            )
        )
        return ""
    if code in seen:
        problems.append(
            row.problem(
                "tax_code_twice",
                "tax_code",
                reason=_("Row %(row)s has the same tax code.") % {"row": seen[code]},
                remedy=_("Keep one row per enterprise; a branch has three digits more."),
            )
        )
    seen[code] = row.number
    if not is_sound(code):
        problems.append(
            row.problem(
                "tax_code_doubtful",
                "tax_code",
                reason=_("Length or check digit do not fit a tax code."),
                remedy=_("Check it; it is kept as written."),
                severity=Severity.WARNING,
            )
        )
    return code[:14]


def _unknown_place(row: Row, error: Exception) -> Problem:
    if isinstance(error, places.AmbiguousUnit):
        names = "; ".join(unit.full_name for unit in error.candidates[:5])
        return row.problem(
            "place_ambiguous",
            "commune",
            reason=_("Several communes have this name: %(names)s.") % {"names": names},
            remedy=_("Fill in the province, or write the five-digit code."),
        )
    return row.problem(
        "place_unknown",
        "commune",
        reason=_("On %(day)s no commune had this name or code.")
        % {"day": f"{row['registered_on']:%d/%m/%Y}"},
        remedy=_("Names changed on 1 July 2025: write the one that held on that day."),
    )
