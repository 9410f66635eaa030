"""Tax codes as people write them: 10 digits, branches with three more; doubts are told, never thrown away."""

import re

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

_LABEL = re.compile(r"^(mst|ma so thue|mã số thuế)\s*:?\s*", re.IGNORECASE)
_PERSONAL_DIGITS = 12


def normalised(text: str) -> str:
    """Return a tax code with its usual slips mended: labels, blanks, O for 0, a lost leading zero."""
    code = re.sub(r"[\s'\".]", "", _LABEL.sub("", text.strip())).upper().replace("O", "0")
    if re.fullmatch(r"\d{9}", code):
        return f"0{code}"
    if re.fullmatch(r"\d{13}", code):
        return f"{code[:10]}-{code[10:]}"
    return code


def is_personal(code: str) -> bool:
    """Say whether it is the 12-digit personal number of a household's owner, which is never kept."""
    return code.isdigit() and len(code) == _PERSONAL_DIGITS


def is_sound(code: str) -> bool:
    """Say whether length and check digit fit. Codes in use may fail: a doubt, not an error."""
    try:
        mst.validate(code)
    except ValidationError:
        return False
    return True
