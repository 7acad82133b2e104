"""Files of tickets, plain or zipped: CSV, JSON, Excel; read as streams, nothing is kept."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rotation.workload.delimited import delimited_table
from rotation.workload.errors import UnreadableFile
from rotation.workload.mapping import SourceMapping
from rotation.workload.rows import Table
from rotation.workload.sheets import sheet_table
from rotation.workload.structured import structured_table

STRUCTURED = frozenset({".json", ".jsonl", ".ndjson"})
MEMBERS = STRUCTURED | {".csv"}
LARGEST = 4_000_000_000  # bytes, unpacked


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open the file at `path`.

    Raises:
        UnreadableFile: there is none, or it may not be read.
    """
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise UnreadableFile(file=path.name, problem="missing") from error


@contextmanager
def tables(
    stream: IO[bytes], name: str, mapping: SourceMapping, largest: int = LARGEST
) -> Iterator[Iterator[Table]]:
    """Give the tables of a file called `name`: the file itself, or each table inside a .zip.

    Each is read before the next one is asked for. The name tells the format; whatever is called
    neither .json, .jsonl, .xlsx nor .zip is read as CSV.

    Raises:
        UnreadableFile: the file is damaged, locked, empty, unpacks to more than `largest` bytes,
            or has no table.
    """
    if not name.lower().endswith(".zip"):
        yield iter([_table(stream, name, mapping)])
        return
    try:
        with zipfile.ZipFile(stream) as archive:
            yield _unpacked(archive, _members(archive, name, largest), mapping)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableFile(file=name, problem="zip") from error


def _unpacked(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], mapping: SourceMapping
) -> Iterator[Table]:
    for info in members:
        with archive.open(info) as member:
            yield _table(member, Path(info.filename).name, mapping)


def _table(stream: IO[bytes], name: str, mapping: SourceMapping) -> Table:
    kind = Path(name).suffix.lower()
    if kind == ".xlsx":
        return sheet_table(stream, name)
    if kind in STRUCTURED:
        return structured_table(stream, mapping, name)
    return delimited_table(stream, mapping, name)


def _members(archive: zipfile.ZipFile, name: str, largest: int) -> list[zipfile.ZipInfo]:
    found = [info for info in archive.infolist() if Path(info.filename).suffix.lower() in MEMBERS]
    if not found:
        raise UnreadableFile(file=name, problem="no_table")
    if any(info.flag_bits & 1 for info in found):
        raise UnreadableFile(file=name, problem="locked")
    if sum(info.file_size for info in found) > largest:
        raise UnreadableFile(file=name, problem="too_large")
    return found
