"""A proof from the log, checked by a stranger, by the offline page and by Python: one story, one verdict."""

import re
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger import verify
from tests.e2e.conftest import PASSWORD

LEAF = re.compile(r"/proof/leaves/[0-9a-f-]{36}/$")


def open_receipt(person: Any) -> str:
    """Open the proof of a receipt from the log; return its identifier."""
    home = re.match(r".*?/o/[^/]+/", person.page.url)
    assert home
    page = person.open(f"{home[0]}proof/?kind=production.receipt_confirmed")
    page.locator("#leaves tbody a").first.click()
    page.wait_for_url(LEAF)
    return str(page.url.rstrip("/").rsplit("/", 1)[1])


def download(page: Any, click: str, to: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator(click).first.click()
    waiting.value.save_as(to)
    return to


def test_from_the_log_to_three_independent_verdicts(somebody: Any, chromium: Any, tmp_path: Path) -> None:
    """The owner downloads; a stranger's page, a file on a disk and Python say the same: unwitnessed."""
    owner = somebody()
    owner.sign_in("chu", PASSWORD)
    leaf = open_receipt(owner)
    owner.page.check("input[value=partner]")
    file = download(owner.page, ".proof-choice button", tmp_path / "receipt.proof.json")
    assert verify.main([str(file)]) == 0
    stranger = somebody()
    page = stranger.open("/verify/")
    alone = download(page, "a[download]", tmp_path / "lienmach-verify.html")
    page.set_input_files("input[type=file]", file)
    page.locator("main form button.primary").click()
    text = page.locator("main").inner_text()
    assert "it is unwitnessed" in text
    assert "confirmed by the other side" in text
    assert "The shipment's own entry" in text
    assert "What this does not prove" in text
    context = chromium.new_context(offline=True, locale="en")
    disk = context.new_page()
    disk.goto(alone.as_uri())
    disk.set_input_files("#file", file)
    disk.locator("#verdict h2").wait_for()
    assert "UNWITNESSED" in disk.locator("#verdict").inner_text()
    assert leaf in disk.locator("#verdict").inner_text()
    context.close()
    place = stranger.open(f"/verify/{leaf}/").locator("main").inner_text()
    assert "This entry stands in the log" in place
    assert "confirmed by the other side" not in place


@pytest.mark.parametrize("path", ["/verify/", "/verify/what-it-proves/"])
def test_outsiders_pages_pass_axe_on_a_phone_in_both_lights(somebody: Any, path: str) -> None:
    """Nobody signs in, nothing scrolls sideways, nothing is hidden from a screen reader."""
    from axe_playwright_python.sync_playwright import Axe

    for language in ("vi", "en"):
        stranger = somebody(phone=True, language=language)
        page = stranger.open(path)
        page.set_viewport_size({"width": 360, "height": 740})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            assert not [each["id"] for each in found if each["impact"] in ("serious", "critical")], found
        stranger.no_sideways_scroll()
        assert page.locator("html").get_attribute("lang") == language


def test_a_partner_opens_a_link_and_takes_the_proof(somebody: Any, tmp_path: Path) -> None:
    """Made on the entry's page, shown to whoever made it; the partner's file holds no private group."""
    owner = somebody()
    owner.sign_in("chu", PASSWORD)
    open_receipt(owner)
    owner.page.locator("#partner button").click()
    link = owner.page.locator("#partner-link").input_value()
    owner.page.reload()
    assert owner.page.locator("#partner-link").input_value() == link
    partner = somebody(phone=True)
    page = partner.open(link)
    page.set_viewport_size({"width": 360, "height": 740})
    partner.no_sideways_scroll()
    file = download(page, ".proof-card a[download]", tmp_path / "partner.proof.json")
    assert verify.main([str(file)]) == 0
    assert '"private"' not in file.read_text("utf-8").split('"policy"')[0].split('"opened"')[1]


def test_pictures_of_the_log(somebody: Any) -> None:
    """For the manual: the log, an entry with its way, and a stranger's verdict."""
    owner = somebody(language="vi")
    owner.sign_in("chu", PASSWORD)
    open_receipt(owner)
    owner.picture("proof-leaf")
    owner.page.locator("a[href$='/proof/']").first.click()
    owner.picture("proof-log")
    assert owner.page.locator("#leaves tbody tr").count() == 50
