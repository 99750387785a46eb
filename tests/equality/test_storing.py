"""Whatever a line stores, and however, the native engine records it as the reference engine does."""

import pytest
from equality import storing, unseen
from equality.engines import needs_both
from equality.pair import difference

pytestmark = needs_both


@pytest.mark.parametrize("ledger", [True, False], ids=["with expressions", "by line"])
@pytest.mark.parametrize("name", storing.PROGRAMS)
def test_what_lines_store_is_recorded_the_same(name, ledger, zygote):
    assert difference(zygote, storing.PROGRAMS[name], ledger=ledger) == ""


@pytest.mark.parametrize("ledger", [True, False], ids=["with expressions", "by line"])
@pytest.mark.parametrize("name", unseen.PROGRAMS)
def test_what_lines_do_not_say_is_recorded_the_same(name, ledger, zygote):
    told = difference(zygote, unseen.PROGRAMS[name], limits=unseen.LIMITS.get(name), ledger=ledger)

    assert told == ""
