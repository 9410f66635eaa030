"""Templates keep the content policy; the style guide and the error pages come out whole in both languages."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

PACKAGE = Path(__file__).parents[3]
TEMPLATES = sorted(
    path for path in PACKAGE.glob("**/templates/**/*.html") if "new_app_template" not in path.parts
)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Structure(HTMLParser):
    """Collects what a browser would stumble over: unclosed tags, doubled ids, inline style and script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.problems = [], set(), []

    def handle_starttag(self, tag, attrs):
        """Note the tag and look at its attributes."""
        names = dict(attrs)
        for name in names:
            if name == "style" or (name.startswith("on") and name != "on"):
                self.problems.append(f"<{tag} {name}=…> breaks the content policy")
        if tag == "script" and "src" not in names and names.get("type") != "application/json":
            self.problems.append("inline script breaks the content policy")
        if tag == "style":
            self.problems.append("inline style sheet breaks the content policy")
        if "id" in names:
            if names["id"] in self.ids:
                self.problems.append(f"id {names['id']!r} stands twice")
            self.ids.add(names["id"])
        for name in ("src", "href", "action"):
            if (names.get(name) or "").startswith(("http:", "https:", "//")) and tag in (
                "script",
                "link",
                "img",
            ):
                self.problems.append(f"<{tag}> fetches {names[name]}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """SVG shapes close themselves."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        """Check that it closes what was opened last."""
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else, after {self.open[-3:]}")


def looked_at(html):
    """Return what is wrong with a page."""
    parser = Structure()
    parser.feed(html)
    parser.close()
    return parser.problems + ([f"never closed: {parser.open}"] if parser.open else [])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_templates_keep_the_content_policy(path):
    """The policy refuses inline style and script: such a page would look broken and say nothing."""
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text("utf-8"), flags=re.S)
    text = text.replace("{% if alone %}<style>{% stylesheet %}</style>{% else %}", "")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "address", ["/design/", "/design/operator/", "/design/report/", "/design/signed-out/"]
)
def test_style_guide_is_sound(db, address, language):
    """Every component, whole and without anything the policy forbids."""
    client = Client(headers={"accept-language": language})
    response = client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert f'<html lang="{language}"' in html
    assert looked_at(html) == []


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "csrf"])
def test_error_pages_say_what_and_where_and_what_to_do(name):
    """They are drawn without database and session: those may be what failed."""
    request = RequestFactory().get("/o/xưởng/đơn/")
    html = render_to_string(f"web/errors/{name}.html", {"path": request.path}, request=None)
    assert looked_at(html) == []
    assert "/o/xưởng/đơn/" in html
    assert "<h1>" in html
    assert 'class="button primary"' in html


@pytest.mark.parametrize(
    ("address", "field", "value", "cookie"),
    [("/theme/", "theme", "dark", "theme"), ("/language/", "language", "en", "django_language")],
)
def test_choices_are_remembered_and_lead_back(db, address, field, value, cookie):
    response = Client().post(address, {field: value, "next": "/design/?page=2"})
    assert response.status_code == 302
    assert response["Location"] == "/design/?page=2"
    assert response.cookies[cookie].value == value
    assert response.cookies[cookie]["httponly"]


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""]
)
def test_a_choice_never_leads_to_another_site(db, away):
    assert Client().post("/theme/", {"theme": "dark", "next": away})["Location"] == "/"


def test_a_strange_choice_changes_nothing(db):
    response = Client().post("/theme/", {"theme": "<script>", "next": "/design/"})
    assert response["Location"] == "/design/"
    assert not response.cookies
    assert not Client().post("/language/", {"language": "xx", "next": "/design/"}).cookies


def test_the_chosen_theme_is_drawn_by_the_server(db):
    """Without script, and without a flash of the other one."""
    client = Client()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/design/").content.decode()
    client.cookies["theme"] = "evil"
    assert "data-theme=" not in client.get("/design/").content.decode()


def test_sign_in_pages_stand_in_our_frame(db):
    """allauth's own pages would look like another product."""
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        html = Client(headers={"accept-language": "vi"}).get(address).content.decode()
        assert "web/lienmach" in html
        assert looked_at(html) == []


def test_a_report_opens_alone(rf):
    """As a file it has its looks inside and fetches nothing."""
    from lienmach.kernel.web.design import specimens

    html = render_to_string("web/design_report.html", {**specimens(rf.get("/")), "alone": True})
    assert "<style>" in html
    assert "<link" not in html
    assert "<script" not in html
