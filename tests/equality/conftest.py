"""A warm process that records programs in children."""

import pytest
from oracle.zygote import Zygote


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as running:
        yield running
