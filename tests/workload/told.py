"""What a reader tells, as values."""

from datetime import timedelta

from rotation.workload.columns import EPOCH, NULL
from rotation.workload.mapping import DATES, SourceMapping
from rotation.workload.rows import RowReader, Table, Tally

Told = dict[str, object]


def told_by(table: Table, mapping: SourceMapping, tally: Tally) -> list[Told]:
    """Return the rows that a table holds, read back from the text that COPY gets."""
    reader = RowReader(table, mapping, tally)
    lines = "".join(reader.blocks()).split("\n")[:-1]
    return [dict(zip(reader.fields, _values(reader, line), strict=True)) for line in lines]


def _values(reader: RowReader, line: str) -> list[object]:
    return [_value(name, text) for name, text in zip(reader.fields, line.split("\t"), strict=True)]


def _value(name: str, text: str) -> object:
    if text == NULL:
        return None
    if name in DATES:
        return EPOCH + timedelta(microseconds=int(text))
    return {"t": True, "f": False}.get(text, text.replace("\\\\", "\\"))
