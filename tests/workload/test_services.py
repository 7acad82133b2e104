"""Sources and their mappings."""

import pytest

from rotation.workload.errors import UnknownSource
from rotation.workload.models import TicketSource
from rotation.workload.services import mapping_data, source_named, source_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> TicketSource:
    return TicketSource.objects.create(name="push")


def test_a_source_is_stored_on_first_use_of_its_mapping() -> None:
    source = source_named("csv")
    assert source_named("csv") == source
    assert mapping_data(source)["date_format"] == "iso"
    source.mapping = {"own": "mapping"}
    assert mapping_data(source) == {"own": "mapping"}


def test_sources_of_the_house_are_known_beside_the_shipped_ones(source: TicketSource) -> None:
    assert source_names() == ["csv", source.name, "servicenow-incidents"]
    assert mapping_data(source) == mapping_data(source_named("csv"))
    with pytest.raises(UnknownSource):
        source_named("../csv")
