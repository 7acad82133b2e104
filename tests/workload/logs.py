"""Incident logs with the traps of the real one, as bytes."""

import csv
import io
import zipfile
from pathlib import Path

COLUMNS = (
    "number", "incident_state", "reopen_count", "sys_mod_count", "made_sla", "opened_at",
    "sys_updated_at", "category", "priority", "assignment_group", "assigned_to", "resolved_at",
    "closed_at",
)  # fmt: skip
DEFAULTS = {
    "number": "INC1", "incident_state": "Active", "reopen_count": "0", "sys_mod_count": "1",
    "made_sla": "true", "opened_at": "2/3/2026 09:00", "sys_updated_at": "2/3/2026 10:00",
    "category": "Category 1", "priority": "3 - Moderate", "assignment_group": "Group 1",
    "assigned_to": "Resolver 1", "resolved_at": "?", "closed_at": "?",
}  # fmt: skip


def row(**values: str) -> dict[str, str]:
    return {**DEFAULTS, **values}


def log(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def written(folder: Path, content: bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zipped(folder: Path, **members: bytes) -> Path:
    path = folder / "log.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return path
