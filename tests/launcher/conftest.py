"""What tests of the launcher share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder that the account of the servers may pass; pytest keeps its own ones closed."""
    with tempfile.TemporaryDirectory(prefix="rundgang-launcher-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
