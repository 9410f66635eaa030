"""Follows a page of the manual word by word: each sentence of a known form is done in the browser.

A page of the manual is a list of numbered steps. Sentences that tell the reader to do something, or what they
will see, are written in these forms; other sentences explain and are not acted on. A step that holds no
sentence of a known form fails, so that no step is skipped silently.

    As `chu2`, on the computer:                          (or: on a phone; signed in unless a customer)
    Open **Plans**.                                      a link of the navigation or the page
    Press **Publish plan**.                              a button or a link that looks like one
    Press **the first job**.                             or **the first event**, **the newest number**
    Write `20` into **Quantity**.                        a field, by its label
    Choose **Yes** at **All good**.                      a choice, by its label
    Attach `my-workshop.xlsx` at **Workbook**.           a file made before
    Keep the link.                                       the address shown for the receiver
    Open the link.
    You see **Late orders**.                             text that must be on the page
    ![…](../pictures/plan.png)                           a picture, taken here
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEP = re.compile(r"^\d+\. ", re.MULTILINE)
HEADING = re.compile(r"^## ", re.MULTILINE)
SENTENCES: tuple[tuple[str, str], ...] = (
    ("who", r"As `(?P<who>[\w.-]+)`, on (?P<device>a phone|the computer)"),
    ("open_link", r"Open the link"),
    ("keep_link", r"Keep the link"),
    ("wait", r"Wait until you see \*\*(?P<text>[^*]+)\*\*"),
    ("open", r"[Oo]pen \*\*(?P<label>[^*]+)\*\*"),
    ("first", r"Press \*\*the first (?:job|event)\*\*"),
    ("newest", r"Press \*\*the newest number\*\*"),
    ("press", r"[Pp]ress \*\*(?P<label>[^*]+)\*\*"),
    ("write", r"[Ww]rite `(?P<value>[^`]*)` into \*\*(?P<label>[^*]+)\*\*"),
    ("choose", r"Choose \*\*(?P<value>[^*]+)\*\* at \*\*(?P<label>[^*]+)\*\*"),
    ("attach", r"Attach `(?P<file>[^`]+)` at \*\*(?P<label>[^*]+)\*\*"),
    ("see", r"[Yy]ou see \*\*(?P<text>[^*]+)\*\*"),
    ("picture", r"!\[[^\]]*\]\(\.\./pictures/(?P<name>[\w-]+)\.png\)"),
)


@dataclass(frozen=True)
class Sentence:
    """One thing the manual tells the reader to do or to see."""

    verb: str
    words: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One numbered step: its text and its sentences in order."""

    text: str
    sentences: tuple[Sentence, ...]


def steps(page: Path) -> list[Step]:
    """Return the numbered steps of a page; sections without numbers only explain."""
    text = page.read_text(encoding="utf-8")
    found = []
    for section in HEADING.split(text)[1:]:
        for step in STEP.split(section)[1:]:
            found.append(Step(" ".join(step.split()), tuple(_sentences(" ".join(step.split())))))
    return found


def _sentences(text: str) -> Iterator[Sentence]:
    matches = [
        (match.start(), order, verb, match.groupdict())
        for order, (verb, pattern) in enumerate(SENTENCES)
        for match in re.finditer(pattern, text)
    ]
    end = -1
    for start, _order, verb, words in sorted(matches, key=lambda each: (each[0], each[1])):
        if start > end:
            end = start + 1
            yield Sentence(verb, words)


class Reader:
    """Does what the sentences say, as one person after the other."""

    def __init__(self, arrive: Callable[..., Any], files: Path) -> None:
        self.arrive = arrive
        self.files = files
        self.people: dict[tuple[str, str], Any] = {}
        self.person: Any = None
        self.link = ""

    def follow(self, page: Path) -> int:
        """Do every step of the page; return how many."""
        todo = steps(page)
        for step in todo:
            assert step.sentences, f"No sentence of a known form in this step of {page.name}: {step.text}"
            for sentence in step.sentences:
                try:
                    getattr(self, sentence.verb)(**sentence.words)
                except Exception as error:
                    where = self.person.page.url if self.person else "nowhere yet"
                    raise AssertionError(
                        f"{page.name}: “{sentence.verb} {sentence.words}” failed at {where}, in the step: "
                        f"{step.text}\n{error}"
                    ) from error
        return len(todo)

    def who(self, who: str, device: str) -> None:
        """Become this person at this device, signed in (a customer has no account and is not)."""
        key = (who, device)
        if key not in self.people:
            self.people[key] = self.arrive(phone=device == "a phone", language="en")
            if who != "customer":
                self.people[key].sign_in(who)
        self.person = self.people[key]

    def open(self, label: str) -> None:
        """Follow a link; on a phone the navigation is opened first."""
        page = self.person.page
        menu = page.locator("[data-navigation-open]:visible")
        link = page.get_by_role("link", name=re.compile(rf"^{re.escape(label)}\b"))
        if link.locator("visible=true").count() == 0 and menu.count():
            menu.click()
        link.locator("visible=true").first.click()
        page.wait_for_load_state()

    def press(self, label: str) -> None:
        """Press a button, or a link drawn as one."""
        page = self.person.page
        button = page.get_by_role("button", name=label, exact=True)
        link = page.get_by_role("link", name=label, exact=True)
        button.or_(link).locator("visible=true").first.click()
        page.wait_for_load_state()

    def first(self) -> None:
        """Take the first entry of the list: of a table if the page has one."""
        page = self.person.page
        entries = page.locator("main tbody a:visible")
        (entries if entries.count() else page.locator("main a:visible")).first.click()
        self.person.page.wait_for_load_state()

    def newest(self) -> None:
        """Open the number of the latest month that has one."""
        self.person.page.locator("main tbody a:visible").last.click()
        self.person.page.wait_for_load_state()

    def write(self, value: str, label: str) -> None:
        """Fill a field."""
        self.person.page.get_by_label(label).first.fill(value)

    def choose(self, value: str, label: str) -> None:
        """Choose from a list."""
        self.person.page.get_by_label(label).first.select_option(label=value)

    def attach(self, file: str, label: str) -> None:
        """Attach a file."""
        self.person.page.get_by_label(label).first.set_input_files(str(self.files / file))

    def keep_link(self) -> None:
        """Remember the address that the page shows for the receiver."""
        self.link = self.person.page.get_by_label("Send this address").input_value()

    def open_link(self) -> None:
        """Open the remembered address."""
        self.person.open(self.link)

    def see(self, text: str) -> None:
        """Make sure the text is on the page, and that the page does not scroll sideways."""
        self.person.page.get_by_text(text).locator("visible=true").first.wait_for()
        self.person.no_sideways_scroll()

    def wait(self, text: str) -> None:
        """Wait for work in the background, coming back to the page as a person would."""
        page = self.person.page
        for _ in range(60):
            if page.get_by_text(text).locator("visible=true").count():
                return
            page.wait_for_timeout(1000)
            page.reload()
        raise AssertionError(f"{text!r} did not appear within a minute.")

    def picture(self, name: str) -> None:
        """Take the picture that the manual shows here."""
        self.person.picture(name)
