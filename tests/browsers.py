"""Finding a Chromium on this machine."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # root in a container has no user namespace to give
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM to its path"


def find_chromium() -> str | None:
    """The path of $CHROMIUM, else of the first known name on PATH, else none."""
    wished = os.environ.get("CHROMIUM")
    candidates = (wished,) if wished else NAMES
    return next((path for name in candidates if (path := shutil.which(name))), None)


def is_required() -> bool:
    """True when a missing browser must fail the tests that need one."""
    return os.environ.get("REQUIRE_BROWSER") == "1"
