"""An older database is brought to this version by one command."""

from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from tests.management.installations import installation


def test_a_database_one_migration_behind_is_brought_up_to_date(tmp_path: Path) -> None:
    graph = MigrationLoader(None).graph
    (newest,) = graph.leaf_nodes("rotation")
    (before,) = (up.key for up in graph.node_map[newest].parents if up.key[0] == "rotation")
    with installation("upgrade", tmp_path) as house:
        house.manage("migrate", *before)
        ((applied,),) = house.rows("SELECT count(*) FROM django_migrations")
        assert isinstance(applied, int)
        missing = len(graph.nodes) - applied
        assert house.manage("prepare").splitlines()[1] == f"{missing} migrations applied."
        house.manage("migrate", "--check")
        assert house.manage("prepare").splitlines()[1] == "0 migrations applied."
