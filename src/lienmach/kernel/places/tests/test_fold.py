"""Vietnamese text is compared as people mean it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lienmach.kernel.i18n.fold import fold, tone_key


def test_marks_case_and_spaces_do_not_matter_for_search():
    assert fold("  Đại   ĐÌNH ") == fold("dai dinh") == "dai dinh"


def test_the_place_of_the_tone_mark_does_not_matter_for_matching():
    assert tone_key("Hoà") == tone_key("Hòa")
    assert len({tone_key(word) for word in ("hoa", "hòa", "hóa", "hỏa", "hõa", "họa", "hôa")}) == 7


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ ỐỒỔỖỘ", max_size=20))
def test_composed_and_decomposed_are_the_same(text):
    decomposed = unicodedata.normalize("NFD", text)
    assert fold(text) == fold(decomposed) and tone_key(text) == tone_key(decomposed)
    assert fold(fold(text)) == fold(text)
