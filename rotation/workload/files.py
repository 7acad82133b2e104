"""Files of tickets, plain or zipped, as lines of bounded length; nothing is read whole."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rotation.workload.errors import UnreadableFile
from rotation.workload.rows import OVERLONG_LINE

LONGEST_LINE = 1_000_000  # characters


@contextmanager
def tables(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Give the tables in `path`: the file itself, or each .csv inside a .zip, opened in turn.

    Raises:
        UnreadableFile: there is no such file, or the archive is damaged, locked or has no table.
    """
    try:
        with path.open("rb") as file:
            if path.suffix.lower() != ".zip":
                yield iter([(path.name, file)])
                return
            with zipfile.ZipFile(file) as archive:
                yield _members(archive, path.name)
    except OSError as error:
        raise UnreadableFile(file=path.name, problem="missing") from error
    except zipfile.BadZipFile as error:
        raise UnreadableFile(file=path.name, problem="zip") from error


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, IO[bytes]]]:
    found = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
    if not found:
        raise UnreadableFile(file=name, problem="no_csv")
    for info in found:
        if info.flag_bits & 1:
            raise UnreadableFile(file=name, problem="locked")
        with archive.open(info) as member:
            yield Path(info.filename).name, member


def lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the lines of `stream`; one that is too long is skipped and `OVERLONG_LINE` given.

    Bytes that `encoding` does not know come out as lone surrogates, which the reader rejects.
    """
    text = io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
    while line := text.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            yield line
            continue
        while (rest := text.readline(LONGEST_LINE)) and not rest.endswith("\n"):
            continue
        yield OVERLONG_LINE
