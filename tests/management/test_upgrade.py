"""An older database, with its data, is brought to this version by one command."""

from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from tests.management.installations import Installation, installation


def set_back(house: Installation) -> int:
    """Migrate the house to one step before the newest; return how many migrations it lacks."""
    graph = MigrationLoader(None).graph
    (newest,) = graph.leaf_nodes("rotation")
    (before,) = (up.key for up in graph.node_map[newest].parents if up.key[0] == "rotation")
    house.manage("migrate", *before)
    ((applied,),) = house.rows("SELECT count(*) FROM django_migrations")
    assert isinstance(applied, int)
    return len(graph.nodes) - applied


def test_a_database_one_migration_behind_is_brought_up_to_date(tmp_path: Path) -> None:
    with installation("upgrade", tmp_path) as house:
        missing = set_back(house)
        assert house.manage("upgrade").splitlines()[1] == f"{missing} migrations applied."
        house.manage("migrate", "--check")
        assert house.manage("prepare").splitlines()[1] == "0 migrations applied."
        assert not (tmp_path / "backups").exists()  # nobody lived there


def test_what_is_lived_in_is_backed_up_first_and_keeps_every_row(tmp_path: Path) -> None:
    with installation("lived_in", tmp_path, ROTATION_DEMO="1") as house:
        house.manage("prepare")
        missing = set_back(house)
        before = house.contents()
        told = house.manage("upgrade").splitlines()
        (backup,) = (tmp_path / "backups").iterdir()
        assert told[0] == f"To go back, restore {backup} with the version before."
        assert told[2] == f"{missing} migrations applied."
        assert ours(house.contents()) == ours(before)
        assert house.manage("restore", str(backup), "--replace").endswith(
            f"; {missing} migrations applied.\n"
        )
        assert ours(house.contents()) == ours(before)


def ours(contents: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """What people entered: without what migrations and the day's budgets are about."""
    moved = {"django_migrations", "sequences", "rules", "rotation_teambudget"}
    return {table: rows for table, rows in contents.items() if table not in moved}
