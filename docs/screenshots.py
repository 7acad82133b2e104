# ruff: noqa: INP001 -- a script beside the documents, no package
"""Takes the pictures of README from a running demo.

Start the demo (`make run`), then, with the packages of requirements-dev.txt:

    .venv/bin/python docs/screenshots.py http://127.0.0.1:8000

The manager's overview is written to docs/images/overview.png: German, light, 1440 px wide. Another
Chromium than /usr/bin/chromium is named by `--chromium`.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 1440, 1290
# No sandbox in containers, and nothing that asks the net.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def main() -> None:
    """Take the pictures."""
    wanted = _arguments()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=list(FLAGS))
        _overview(browser, wanted.address.rstrip("/"))
        browser.close()


def _arguments() -> Namespace:
    parser = ArgumentParser(description="Take the pictures of README from a running demo.")
    parser.add_argument("address", help="where the demo runs, such as http://127.0.0.1:8000")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser's program")
    return parser.parse_args()


def _overview(browser: Browser, address: str) -> None:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="de-DE",
        timezone_id="Europe/Berlin",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page.goto(f"{address}/accounts/login/")
    page.locator("[name=login]").first.fill("manager@example.org")
    page.locator("[name=password]").first.fill("demo")
    page.locator("form:has(#id_password) button").click()
    page.wait_for_url(f"{address}/")
    page.screenshot(path=IMAGES / "overview.png")


if __name__ == "__main__":
    main()
