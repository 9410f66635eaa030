"""A real server, a real worker and a real browser: nothing here is simulated.

The demonstration is started as a user would start it, on a free port and a folder of its own, and stopped
with Ctrl-C at the end. Pictures that the manual shows are taken on the way, into `docs/pictures/`, when
`LIENMACH_PICTURES=1`.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PASSWORD = "thu-lien-mach-2026"
READY_S = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that it runs where a browser is asked for only."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the demonstration with 200 firms; yield its address; stop it with Ctrl-C."""
    folder = tmp_path_factory.mktemp("demo")
    address = f"http://localhost:{_free_port()}"
    environment = {
        **os.environ,
        "LIENMACH_URL": address,
        "LIENMACH_BIND": address.removeprefix("http://").replace("localhost", "127.0.0.1"),
        "DJANGO_SETTINGS_MODULE": "lienmach.config.settings",
        "LIENMACH_LANGUAGE": "vi",
    }
    environment.pop("LIENMACH_DATA", None)
    environment.pop("LIENMACH_SECRET", None)
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lienmach", "demo", "--folder", str(folder / "data"), "--firms", "200"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + READY_S
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(
                    f"The demonstration did not start:\n{(folder / 'server.log').read_text()[-4000:]}"
                )
            time.sleep(0.3)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail("Ctrl-C did not stop the demonstration within 30 s.")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Yield the system's Chromium under Playwright."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium: CI installs it, this must not be skipped.")
        pytest.skip("No Chromium on this machine (Debian: apt install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Person:
    """Somebody at a browser: signs in, walks about, takes pictures, sees script errors as failures."""

    def __init__(self, browser: Any, address: str, *, phone: bool = False, language: str = "en") -> None:
        self.address = address
        self.context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale=language,
            is_mobile=phone,
            has_touch=phone,
            accept_downloads=True,
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )

    def open(self, path: str) -> Any:
        """Open a page of the platform by its path."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self.page

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        """Sign in through the log-in page."""
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", password)
        self.page.locator(
            "form:has(input[name=password]) button[type=submit], form:has(input[name=password]) button"
        ).first.click()
        self.page.wait_for_url("**/o/**")
        return self.page

    def picture(self, name: str) -> None:
        """Take the picture `docs/pictures/<name>.png` when pictures are asked for."""
        if os.environ.get("LIENMACH_PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(PICTURES / f"{name}.png"))

    def no_sideways_scroll(self) -> None:
        """Assert that the page itself fits the window's width; frames inside may scroll."""
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window, f"{self.page.url} is {wide} px wide in a window of {window} px"

    def close(self) -> None:
        """Close the browser window; errors of scripts or the content security policy fail the test."""
        self.context.close()
        assert not self.errors, self.errors


@pytest.fixture
def somebody(chromium: Any, server: str) -> Iterator[Any]:
    """Return a function that opens a browser window for one more person."""
    people: list[Person] = []

    def arrive(*, phone: bool = False, language: str = "en") -> Person:
        people.append(Person(chromium, server, phone=phone, language=language))
        return people[-1]

    yield arrive
    for person in people:
        person.close()
