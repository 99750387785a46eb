"""What `cotrace.dataset` offers is what it says it offers."""

import cotrace.dataset


def test_public_names_are_there_and_sorted():
    names = cotrace.dataset.__all__

    assert names == sorted(names)
    assert all(hasattr(cotrace.dataset, name) for name in names)
