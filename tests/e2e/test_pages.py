"""Every page a person can walk to: it answers, fits a phone, speaks the language; axe finds nothing."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import PASSWORD

MOST_PAGES = 60
SERIOUS = {"serious", "critical"}
PEOPLE = ["chu", "tho", "canbo"]
IDENTIFIERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=/work/)[\w.-]+")
NOT_OURS = re.compile(r"/logout|/api/v1/docs")  # the API's documentation is drawn by its own package
FILES = re.compile(r"\.(xlsx|csv|json|html|pdf|svg|png)$|format=")
ENGLISH_ONLY = ("Sign out", "Nothing here yet", "Search", "Orders", "People", "Events")


def kind_of(address: str) -> str:
    """Return the address with identifiers left out: pages of one kind are visited once."""
    return IDENTIFIERS.sub("…", urlsplit(address).path)


def walk(person: Any) -> list[str]:
    """Visit one page of every kind that can be reached by links; return their addresses."""
    waiting, seen, visited = [person.page.url], set(), []
    while waiting and len(visited) < MOST_PAGES:
        address = waiting.pop(0)
        if kind_of(address) in seen:
            continue
        seen.add(kind_of(address))
        try:
            answer = person.page.goto(address)
        except Exception as error:
            if "Download is starting" in str(error):
                continue  # a file, not a page
            raise
        assert answer is not None and answer.status < 400, f"{address} answers {answer and answer.status}"
        visited.append(address)
        for link in person.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            link = link.split("#")[0]
            if link.startswith(person.address) and not FILES.search(link) and not NOT_OURS.search(link):
                waiting.append(link)
    return visited


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_passes_axe_and_fits_a_narrow_phone(somebody: Any, who: str) -> None:
    """No serious finding of axe-core on any page, in light and dark; no page scrolls sideways at 360 px."""
    from axe_playwright_python.sync_playwright import Axe

    person = somebody()
    person.sign_in(who, PASSWORD)
    axe, findings, wide = Axe(), [], []
    for address in walk(person):
        page = person.open(address)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for violation in axe.run(page).response["violations"]:
                if violation["impact"] in SERIOUS:
                    findings.append(
                        f"{address} ({scheme}): {violation['id']}: {violation['nodes'][0]['html'][:160]}"
                    )
        page.set_viewport_size({"width": 360, "height": 740})
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > 360:
            wide.append(f"{address}: {across} px")
        page.set_viewport_size({"width": 1280, "height": 800})
    assert not findings, "\n".join(findings)
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_speaks_vietnamese(somebody: Any, who: str) -> None:
    """The page says it is Vietnamese, and no common English phrase of ours is left in it."""
    person = somebody(language="vi")
    person.sign_in(who, PASSWORD)
    left = []
    for address in walk(person):
        page = person.open(address)
        assert page.locator("html").get_attribute("lang") == "vi", address
        text = page.locator("body").inner_text()
        left += [f"{address}: {phrase}" for phrase in ENGLISH_ONLY if re.search(rf"\b{phrase}\b", text)]
    assert not left, "\n".join(left)
