"""Plans, bindings and seeds in the catalog: kept as they are, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from confere.domain import Interview, Recording, new_id
from confere.vault import draws, register
from confere.vault.catalog import Catalog
from confere.vault.draws import DEFAULT, Binding, Shown, Stated

AT = "2026-11-22T18:00:00.000Z"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog."""
    catalog = Catalog.create(tmp_path / "catalog.db", bytes(32))
    yield catalog
    catalog.close()


def recording(catalog: Catalog) -> str:
    """Add a recording; return its id."""
    id_, interview = new_id(), new_id()
    register.add_interview(catalog, Interview(interview, "", "", (), ""))
    made = Recording(id_, interview, 1, "a.wav", 1, id_, id_, 1000, AT, AT)
    register.add_recording(catalog, made, "{}")
    return id_


def binding(id_: str) -> Binding:
    """What a recording is bound to."""
    return Binding(id_, 200, 50, "ab" * 32, b"sealed", AT)


def shown(id_: str) -> Shown:
    """What was drawn for it."""
    ids = frozenset({"a"}), frozenset({"a", "b"}), frozenset({"c", "d"})
    return Shown(id_, bytes(range(32)), 7, *ids, "vera", AT)


def refused(catalog: Catalog, statement: str) -> str:
    """Return why the catalog refuses a statement."""
    with pytest.raises(Exception) as error:
        catalog.run(statement)
    return str(error.value)


def test_the_last_plan_is_in_force(catalog: Catalog) -> None:
    """And full verification before there is one."""
    assert draws.latest_plan(catalog) == DEFAULT
    assert DEFAULT.full
    plans = [Stated(1, 200, 50, "lena", AT), Stated(2, 1000, 0, "lena", AT)]
    for plan in plans:
        draws.add_plan(catalog, plan)
    assert draws.list_plans(catalog) == plans
    assert draws.latest_plan(catalog) == plans[-1]
    assert [plan.full for plan in plans] == [False, True]


def test_what_is_kept_comes_back(catalog: Catalog) -> None:
    """Bindings and seeds, of one recording, of some or of all."""
    one, two = recording(catalog), recording(catalog)
    assert draws.get_binding(catalog, one) is None
    for id_ in (one, two):
        draws.add_binding(catalog, binding(id_))
    assert draws.get_shown(catalog, one) is None
    draws.add_shown(catalog, shown(two))
    assert draws.get_binding(catalog, one) == binding(one)
    assert {b.recording_id for b in draws.list_bindings(catalog)} == {one, two}
    assert draws.list_bindings(catalog, [two]) == [binding(two)]
    assert draws.get_shown(catalog, two) == shown(two)
    assert draws.list_shown(catalog) == draws.list_every_shown(catalog) == [shown(two)]
    assert draws.list_shown(catalog, [one]) == []
    assert shown(two).segments == {"a", "b", "c", "d"}
    assert "sealed" not in repr(binding(one))


def test_a_binding_is_made_once_and_a_seed_needs_one(catalog: Catalog) -> None:
    """By the rules of the catalog itself."""
    one = recording(catalog)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        draws.add_shown(catalog, shown(one))
    draws.add_binding(catalog, binding(one))
    with pytest.raises(Exception, match="UNIQUE"):
        draws.add_binding(catalog, binding(one))


@pytest.mark.parametrize("table", ["plans", "draws", "seeds"])
def test_nothing_is_edited_or_removed(catalog: Catalog, table: str) -> None:
    """Nor replaced."""
    one = recording(catalog)
    draws.add_plan(catalog, Stated(1, 200, 50, "lena", AT))
    draws.add_binding(catalog, binding(one))
    draws.add_shown(catalog, shown(one))
    assert "is never edited" in refused(catalog, f"UPDATE {table} SET at = 'x'")
    assert "is never removed" in refused(catalog, f"DELETE FROM {table}")
    again = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    assert "is never removed" in refused(catalog, again)


def test_a_signed_transcript_leaves_the_queue(catalog: Catalog) -> None:
    """What was drawn for it is kept, and nobody waits for it."""
    one = recording(catalog)
    draws.add_binding(catalog, binding(one))
    draws.add_shown(catalog, shown(one))
    catalog.run("INSERT INTO sign_offs VALUES (?, 1, x'00', ?)", (one, AT))
    assert draws.list_shown(catalog) == []
    assert draws.list_every_shown(catalog) == [shown(one)]
