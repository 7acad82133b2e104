"""What is wrong with a delivery of tickets, in sentences that say what to do."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.periods.errors import RotationError
from rotation.workload.records import Fault

FAULTS: Mapping[Fault, Promise] = {
    Fault.MISSING_VALUE: _("This is needed; write a value."),
    Fault.BAD_DATE: _("This is no date of the expected form, or of a year outside 2000 to 2100."),
    Fault.BAD_NUMBER: _("Write a whole number that is not negative and not too large."),
    Fault.BAD_FLAG: _("Write true or false."),
    Fault.BAD_WORD: _("This word is not known here; write one that the description names."),
    Fault.BAD_TYPE: _("Write a single value, not an object or a list."),
    Fault.TOO_LONG: _("This is too long; keys have up to 120 characters, numbers up to 80."),
    Fault.CONTROL_CHARACTER: _("This holds a control character, such as a line break; remove it."),
    Fault.BAD_ENCODING: _("This is not written in the expected encoding."),
    Fault.WRONG_WIDTH: _("The row has more or fewer columns than the header."),
    Fault.LINE_TOO_LONG: _("The line has more than a million characters."),
    Fault.BAD_QUOTES: _("A quotation mark does not end, or the field is far too long."),
    Fault.BAD_JSON: _("The line is no JSON."),
    Fault.FORMULA: _("The formula has no value; open the file in Excel and save it once."),
    Fault.UNKNOWN_FIELD: _("This field is not taken; leave it out. No text of a ticket is stored."),
}
FILES: Mapping[str, Promise] = {
    "missing": _("%(file)s cannot be read: there is no such file, or you may not read it."),
    "zip": _("%(file)s is no readable zip archive: export or download it again."),
    "locked": _("%(file)s is protected by a password: unpack it first."),
    "no_table": _("%(file)s holds no .csv file, nor a .json or .jsonl one."),
    "empty": _("%(file)s is empty: the first line must name the columns."),
    "empty_json": _("%(file)s is empty: write an array of objects, or one object a line."),
    "json": _("%(file)s is no readable JSON: write an array of objects, or one object a line."),
    "sheet": _("%(file)s is no readable Excel workbook: save it again as .xlsx."),
    "locked_sheet": _(
        "%(file)s is protected by a password, or of an Excel before 2007: save it as .xlsx without"
        " a password."
    ),
    "too_large": _("%(file)s unpacks to more than is read at once: export it in parts."),
}
OTHERS: Mapping[str, Promise] = {
    "unknown_source": _("No source is called “%(name)s”; known: %(known)s."),
    "bad_mapping": _("The mapping cannot be used: look at “%(field)s”."),
    "missing_column": _(
        "%(file)s has no column “%(column)s”: check the file, its separator and its encoding, or"
        " the mapping of the source."
    ),
    "changed_source": _(
        "Somebody changed this meanwhile. What you wrote stands below; saving again puts it in"
        " place of theirs."
    ),
    "source_exists": _("There is a source called “%(name)s”; open it, or choose another name."),
}
DELIVERY_ERRORS = frozenset({"unreadable_file", *OTHERS})


def fault_text(fault: Fault) -> str:
    """Return what is wrong with a cell or a row, in the reader's language."""
    return str(FAULTS[fault])


def delivery_text(error: RotationError) -> str:
    """Return what is wrong with a file or its source, in the reader's language."""
    fields = dict(error.fields)
    if "known" in fields:
        fields["known"] = ", ".join(fields["known"])
    text = FILES[fields["problem"]] if error.code == "unreadable_file" else OTHERS[error.code]
    return str(text % fields)
