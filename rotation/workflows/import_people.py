"""file -> directory: a table of people, wholly or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db import IntegrityError, transaction

from rotation.audit.services import By
from rotation.directory.errors import Taken
from rotation.rosters.kinds import Fault, Kind, read_rows
from rotation.rosters.people import plan_places_and_people
from rotation.rosters.plan import Effect, Plan
from rotation.rosters.sentences import fault_message
from rotation.rosters.sheets import sheets_of
from rotation.rosters.storing import known_directory, known_times, lock_directory, store_plan
from rotation.rosters.times import Times, plan_times


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file did, or what a dry run would have done.

    Attributes:
        effects: By kind of row, how many created, changed or left unchanged something.
        faults: What is wrong, in the order of the file; with any, nothing was written.
        is_dry: Whether nothing was to be written.
    """

    effects: Mapping[Kind, Mapping[Effect, int]]
    faults: list[Fault] = field(default_factory=list)
    is_dry: bool = False

    @property
    def is_written(self) -> bool:
        """Whether the file is in the directory now."""
        return not self.faults and not self.is_dry

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it; keys are part of the command's contract."""
        return {
            "written": self.is_written,
            "dry_run": self.is_dry,
            "kinds": {
                kind.value: {effect.value: self.effects[kind][effect] for effect in Effect}
                for kind in Kind
                if kind in self.effects
            },
            "faults": [
                {
                    "sheet": fault.sheet,
                    "row": fault.row,
                    "column": fault.column,
                    "code": str(fault.code),
                    "message": fault_message(fault),
                }
                for fault in self.faults
            ],
        }


@transaction.atomic
def import_people(file: IO[bytes], *, by: By, now: datetime, dry_run: bool = False) -> Imported:
    """Store what a table says and return what that did; safe to repeat.

    All or nothing: with a fault anywhere nothing is written. Rows add and change; what a table
    does not name stays as it is. A dry run writes all and takes it back.

    Raises:
        UnreadableTable: the file is no table that can be read.
        Taken: somebody else added a user with an address of the table just now.
    """
    reading = read_rows(sheets_of(file))
    lock_directory()
    known = known_directory()
    plan = plan_places_and_people(reading, known)
    times = known_times(reading, known)
    plan_times(reading, plan, times)
    faults = sorted(plan.faults, key=lambda fault: (fault.sheet, fault.row))
    if not faults:
        _store(plan, times, by, now)
    if dry_run:
        transaction.set_rollback(True)
    return Imported(plan.effects, faults, dry_run)


def _store(plan: Plan, times: Times, by: By, now: datetime) -> None:
    try:
        store_plan(plan, times, by, now)
    except IntegrityError as error:
        raise Taken(field="email") from error
