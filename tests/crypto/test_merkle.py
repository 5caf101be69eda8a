"""The Merkle tree of the log: its roots, and what its paths prove and what they do not."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Tree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)
from confere.errors import BadProof

# The vectors of the Certificate Transparency project: MerkleTreeTest.cc of
# github.com/google/certificate-transparency, where leaves are counted from 1.
CT_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION = {  # (index, size): path
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CT_CONSISTENCY = {  # (old size, new size): path
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

SIZES = range(71)  # every shape up to here, against the definitions
ENTRIES = [b"entry %d" % index for index in range(max(SIZES))]
TREE = Tree(ENTRIES)


# The definitions of RFC 6962, sections 2.1 to 2.1.2, as they stand there: D is a list of entries.
# They share no line with the code: neither a cache nor a loop, nor the hashes' functions.


def rfc_split(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def rfc_root(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n])."""
    if len(entries) == 0:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = rfc_split(len(entries))
    return sha256(b"\x01" + rfc_root(entries[:k]) + rfc_root(entries[k:])).digest()


def rfc_path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = rfc_split(len(entries))
    if m < k:
        return [*rfc_path(m, entries[:k]), rfc_root(entries[k:])]
    return [*rfc_path(m - k, entries[k:]), rfc_root(entries[:k])]


def rfc_subproof(m: int, entries: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b); PROOF(m, D[n]) is SUBPROOF(m, D[n], true)."""
    if m == len(entries):
        return [] if whole else [rfc_root(entries)]
    k = rfc_split(len(entries))
    if m <= k:
        return [*rfc_subproof(m, entries[:k], whole), rfc_root(entries[k:])]
    return [*rfc_subproof(m - k, entries[k:], False), rfc_root(entries[:k])]


def turns(index: int, size: int) -> str:
    """The way from the leaf at ``index`` up to the root: on which side it is at each node."""
    if size == 1:
        return ""
    k = rfc_split(size)
    return turns(index, k) + "L" if index < k else turns(index - k, size - k) + "R"


def steps(m: int, size: int, whole: bool = True) -> str:
    """The way up that SUBPROOF(m, D[size], whole) takes; S where it starts from a hash of its own."""
    if m == size:
        return "" if whole else "S"
    k = rfc_split(size)
    return steps(m, k, whole) + "L" if m <= k else steps(m - k, size - k, False) + "R"


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the check accepts; anything but BadProof is an error of the test."""
    try:
        check_inclusion(leaf, index, size, path, root)
    except BadProof:
        return False
    return True


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the check accepts; anything but BadProof is an error of the test."""
    try:
        check_consistency(old, old_root, new, new_root, path)
    except BadProof:
        return False
    return True


def spoilt(path: Sequence[bytes]) -> list[list[bytes]]:
    """Return the paths with one bit flipped, and with one hash missing, doubled, moved or cut."""
    wrong = []
    for at, each in enumerate(path):
        before, after = list(path[:at]), list(path[at + 1 :])
        for bit in range(8 * HASH_BYTES):
            flipped = bytearray(each)
            flipped[bit // 8] ^= 1 << bit % 8
            wrong.append([*before, bytes(flipped), *after])
        wrong += [
            [*before, *after],
            [*before, each, each, *after],
            [*before, each[:-1], *after],
            [*before, each + b"\x00", *after],
            [*before, b"", *after],
        ]
    wrong += [[EMPTY_ROOT, *path], [*path, EMPTY_ROOT], [*path, b""]]
    if len(set(path)) > 1:
        wrong.append(list(path[::-1]))
    return wrong


# --- the tree ----------------------------------------------------------------------------------


def test_the_published_roots() -> None:
    """The roots of the Certificate Transparency vectors, while growing and of every earlier size."""
    tree = Tree()
    assert tree.root().hex() == EMPTY_ROOT.hex() == CT_ROOTS[0]
    for index, entry in enumerate(CT_ENTRIES):
        assert tree.append(entry) == index
        assert tree.size == index + 1
        assert [tree.root(size).hex() for size in range(tree.size + 1)] == CT_ROOTS[: tree.size + 1]
        assert tree.root() == tree.root(tree.size)


def test_the_published_paths() -> None:
    """The paths of the Certificate Transparency vectors, made and checked."""
    tree = Tree(CT_ENTRIES)
    for (index, size), path in CT_INCLUSION.items():
        assert [each.hex() for each in tree.inclusion_path(index, size)] == path
        root = bytes.fromhex(CT_ROOTS[size])
        check_inclusion(leaf_hash(CT_ENTRIES[index]), index, size, unhex(path), root)
    for (old, new), path in CT_CONSISTENCY.items():
        assert [each.hex() for each in tree.consistency_path(old, new)] == path
        roots = bytes.fromhex(CT_ROOTS[old]), bytes.fromhex(CT_ROOTS[new])
        check_consistency(old, roots[0], new, roots[1], unhex(path))


def unhex(path: list[str]) -> list[bytes]:
    """Return the hashes of their hexadecimal texts."""
    return [bytes.fromhex(each) for each in path]


def test_the_example_of_the_rfc() -> None:
    """The tree of seven leaves drawn in RFC 6962, section 2.1.3, with the names it has there."""
    entries = [b"d0", b"d1", b"d2", b"d3", b"d4", b"d5", b"d6"]
    a, b, c, d, e, f, j = (leaf_hash(entry) for entry in entries)
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)
    tree = Tree(entries)
    assert tree.root() == node_hash(k, l_)
    assert tree.inclusion_path(0) == [b, h, l_]
    assert tree.inclusion_path(3) == [c, g, l_]
    assert tree.inclusion_path(4) == [f, j, k]
    assert tree.inclusion_path(6) == [i, k]
    assert tree.consistency_path(3) == [c, d, g, l_]
    assert tree.consistency_path(4) == [l_]
    assert tree.consistency_path(6) == [i, j, k]


def test_leaves_and_nodes_are_hashed_apart() -> None:
    """An entry made of two hashes does not get the hash of their node."""
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert Tree([left + right]).root() != Tree([b"left", b"right"]).root()


def test_every_root_and_path_is_that_of_the_definitions() -> None:
    """All sizes up to 70, all entries and all earlier sizes, against the recursive definitions."""
    for size in SIZES:
        entries = ENTRIES[:size]
        assert TREE.root(size) == rfc_root(entries)
        for at in range(size):
            assert TREE.inclusion_path(at, size) == rfc_path(at, entries)
        for old in range(1, size + 1):
            assert TREE.consistency_path(old, size) == rfc_subproof(old, entries, True)


def test_a_tree_that_grows_is_the_tree_of_its_entries() -> None:
    """Sizes are by default the present one, and earlier entries never change."""
    growing = Tree()
    for size, entry in enumerate(ENTRIES, start=1):
        assert growing.append(entry) == size - 1
        assert growing.root() == TREE.root(size)
        assert growing.inclusion_path(size // 2) == TREE.inclusion_path(size // 2, size)
        assert growing.consistency_path(size // 2) == TREE.consistency_path(size // 2, size)


@given(st.data())
def test_larger_trees_prove_themselves(data: st.DataObject) -> None:
    """Any size up to 3000, any entry of it and any earlier size: the definitions, and the checks."""
    size = data.draw(st.integers(1, 3000))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    entries = [b"%d" % number for number in range(size + data.draw(st.integers(0, 40)))]
    tree = Tree(entries)
    root, path = rfc_root(entries[:size]), tree.inclusion_path(index, size)
    assert tree.root(size) == root
    assert path == rfc_path(index, entries[:size])
    check_inclusion(leaf_hash(entries[index]), index, size, path, root)
    path = tree.consistency_path(old, size)
    assert path == rfc_subproof(old, entries[:size], True)
    check_consistency(old, rfc_root(entries[:old]), size, root, path)


def test_sizes_and_indices_that_are_not_there() -> None:
    """Asking for what the tree does not have is a mistake of the program."""
    tree = Tree(CT_ENTRIES)
    for size in (-1, 9):
        with pytest.raises(ValueError, match="no tree of"):
            tree.root(size)
        with pytest.raises(ValueError, match="no tree of"):
            tree.inclusion_path(0, size)
        with pytest.raises(ValueError, match="no tree of"):
            tree.consistency_path(0, size)
    for index, among in ((-1, 8), (8, 8), (5, 5), (0, 0)):
        with pytest.raises(ValueError, match="no entry"):
            tree.inclusion_path(index, among)
    for old, new in ((-1, 8), (9, 8), (6, 5)):
        with pytest.raises(ValueError, match="never had"):
            tree.consistency_path(old, new)


# --- inclusion ---------------------------------------------------------------------------------


def test_every_entry_is_proved_and_at_its_index_only() -> None:
    """In the tree of one size, a path holds for its entry at its index and for nothing else."""
    for size in SIZES:
        root = TREE.root(size)
        for index in range(size):
            leaf, path = leaf_hash(ENTRIES[index]), TREE.inclusion_path(index, size)
            held = [at for at in range(-1, size + 2) if includes(leaf, at, size, path, root)]
            assert held == [index]
            assert not includes(leaf_hash(b"another"), index, size, path, root)


def test_a_path_holds_for_no_other_tree() -> None:
    """With the root of another size, which is what its checkpoint says, no path holds."""
    for size in SIZES[1:34]:
        for index in range(size):
            leaf, path = leaf_hash(ENTRIES[index]), TREE.inclusion_path(index, size)
            for other in SIZES:
                held = includes(leaf, index, other, path, TREE.root(other))
                assert held == (other == size)


def test_a_wrong_size_passes_only_where_the_way_up_is_the_same() -> None:
    """A root does not tell its size: exactly where leaf and way agree, another one is accepted.

    This is so in every RFC 6962 check, and the reason why size and root come from one checkpoint.
    """
    accepted = 0
    for size in SIZES[1:20]:
        root = TREE.root(size)
        for index in range(size):
            leaf, path = leaf_hash(ENTRIES[index]), TREE.inclusion_path(index, size)
            for other in range(41):
                for at in range(41):
                    same_way = at < other and turns(at, other) == turns(index, size)
                    assert includes(leaf, at, other, path, root) == same_way
                    accepted += same_way and other != size
    assert accepted  # (0, 3) passes for (0, 4), for instance


def test_every_spoilt_inclusion_path_is_refused() -> None:
    """Each bit of each hash, and hashes missing, doubled, moved, added, too short or too long."""
    for size in (1, 2, 3, 4, 5, 6, 7, 8, 11, 21):
        for index in range(size):
            leaf, path = leaf_hash(ENTRIES[index]), TREE.inclusion_path(index, size)
            root = TREE.root(size)
            assert includes(leaf, index, size, path, root)
            for wrong in spoilt(path):
                assert not includes(leaf, index, size, wrong, root)


def test_a_leaf_or_a_root_that_is_no_hash() -> None:
    """Neither side may be anything but 32 bytes, even where both are the same."""
    entry = b"the entry itself"
    for wrong in (entry, b"", EMPTY_ROOT[:-1], EMPTY_ROOT + b"\x00"):
        with pytest.raises(BadProof, match="32 bytes"):
            check_inclusion(wrong, 0, 1, [], wrong)


def test_a_path_that_is_no_hashes() -> None:
    """A root that somebody made over a longer or shorter sibling is refused, though it fits."""
    leaf = leaf_hash(b"")
    for sibling in (b"", b"\x00" * 31, b"\x00" * 33, b"\x00" * 64):
        root = node_hash(leaf, sibling)
        with pytest.raises(BadProof, match="32 bytes"):
            check_inclusion(leaf, 0, 2, [sibling], root)
        with pytest.raises(BadProof, match="32 bytes"):
            check_consistency(1, leaf, 2, root, [sibling])


@pytest.mark.parametrize(
    ("index", "size"), [(0, 0), (-1, 0), (0, -1), (-1, 1), (1, 1), (2, 1), (8, 8), (1 << 70, 1)]
)
def test_an_entry_that_cannot_be(index: int, size: int) -> None:
    """An empty log has no entry, and none has one beyond its end."""
    with pytest.raises(BadProof, match="there is no entry"):
        check_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))


def test_the_refusals_say_what_is_wrong() -> None:
    """Too long, too short and another root are told apart, and are an incident."""
    root, path, leaf = TREE.root(6), TREE.inclusion_path(2, 6), leaf_hash(ENTRIES[2])
    with pytest.raises(BadProof, match="too long"):
        check_inclusion(leaf, 2, 6, [*path, root], root)
    with pytest.raises(BadProof, match="too short"):
        check_inclusion(leaf, 2, 6, path[:-1], root)
    with pytest.raises(BadProof, match="another root") as caught:
        check_inclusion(leaf, 2, 6, path, TREE.root(5))
    assert "incident" in caught.value.hint


# --- consistency -------------------------------------------------------------------------------


def test_every_beginning_is_proved() -> None:
    """All pairs of sizes up to 70; and the roots the other way round are refused."""
    for new in SIZES:
        for old in range(new + 1):
            path, roots = TREE.consistency_path(old, new), (TREE.root(old), TREE.root(new))
            check_consistency(old, roots[0], new, roots[1], path)
            if old != new:
                assert not consistent(old, roots[1], new, roots[0], path)
                assert not consistent(new, roots[1], old, roots[0], path)


def test_a_consistency_path_holds_for_no_other_tree() -> None:
    """With the sizes and roots of two other checkpoints of the same log, no path holds."""
    sizes = range(1, 18)
    for new in sizes:
        for old in range(1, new):
            path = TREE.consistency_path(old, new)
            for other_new in sizes:
                for other_old in range(1, other_new):
                    roots = TREE.root(other_old), TREE.root(other_new)
                    held = consistent(other_old, roots[0], other_new, roots[1], path)
                    assert held == ((other_old, other_new) == (old, new))


def test_wrong_old_and_new_sizes_pass_only_where_the_way_up_is_the_same() -> None:
    """As for inclusion: two roots do not tell their sizes, and no others are accepted."""
    sizes, accepted = range(1, 18), 0
    for new in sizes:
        for old in range(1, new):
            path, roots = TREE.consistency_path(old, new), (TREE.root(old), TREE.root(new))
            for other_new in sizes:
                for other_old in range(1, other_new):
                    same_way = steps(other_old, other_new) == steps(old, new)
                    held = consistent(other_old, roots[0], other_new, roots[1], path)
                    assert held == same_way
                    accepted += same_way and (other_old, other_new) != (old, new)
    assert accepted  # (1, 3) passes for (2, 8), for instance


def test_a_rewritten_log_has_no_proof() -> None:
    """A log whose past has one entry changed proves nothing to who has the old root."""
    for changed in range(9):
        entries = [b"changed" if at == changed else each for at, each in enumerate(ENTRIES[:20])]
        rewritten = Tree(entries)
        for old in range(changed + 1, 21):
            path, new_root = rewritten.consistency_path(old), rewritten.root()
            assert not consistent(old, TREE.root(old), 20, new_root, path)
            assert not consistent(old, TREE.root(old), 20, new_root, TREE.consistency_path(old, 20))
            assert not consistent(old, rewritten.root(old), 20, TREE.root(20), path)


def test_every_spoilt_consistency_path_is_refused() -> None:
    """Each bit of each hash, and hashes missing, doubled, moved, added, too short or too long."""
    for new in (2, 3, 4, 6, 7, 8, 13):
        for old in range(1, new + 1):
            path, roots = TREE.consistency_path(old, new), (TREE.root(old), TREE.root(new))
            for wrong in spoilt(path):
                assert not consistent(old, roots[0], new, roots[1], wrong)
            if old < new:
                assert not consistent(old, roots[0], new, roots[1], [])


def test_the_same_size_needs_the_same_root_and_no_path() -> None:
    """Two roots of one size are a forked log."""
    root, other = TREE.root(5), TREE.root(6)
    check_consistency(5, root, 5, root, [])
    with pytest.raises(BadProof, match="two roots"):
        check_consistency(5, root, 5, other, [])
    with pytest.raises(BadProof, match="too long"):
        check_consistency(5, root, 5, root, [other])


def test_every_log_begins_with_the_empty_one() -> None:
    """From nothing there is nothing to prove, but nothing has one root only."""
    root = TREE.root(5)
    check_consistency(0, EMPTY_ROOT, 5, root, [])
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    with pytest.raises(BadProof, match="too long"):
        check_consistency(0, EMPTY_ROOT, 5, root, [root])
    for old_root, new, new_root in ((root, 5, root), (root, 0, root), (EMPTY_ROOT, 0, root)):
        with pytest.raises(BadProof, match="root"):
            check_consistency(0, old_root, new, new_root, [])


@pytest.mark.parametrize(("old", "new"), [(5, 4), (1, 0), (-1, 4), (-2, -1), (0, -1)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    """An older checkpoint that is larger is a log cut off, whatever the path says."""
    with pytest.raises(BadProof, match="cannot become"):
        check_consistency(old, TREE.root(5), new, TREE.root(4), [])


def test_roots_that_are_no_hashes() -> None:
    """Both roots are 32 bytes, at equal sizes too."""
    for old, new in ((3, 5), (5, 5), (0, 5)):
        path = TREE.consistency_path(old, new)
        for wrong in (b"", EMPTY_ROOT[:-1], EMPTY_ROOT + b"\x00"):
            with pytest.raises(BadProof, match="32 bytes"):
                check_consistency(old, wrong, new, TREE.root(new), path)
            with pytest.raises(BadProof, match="32 bytes"):
                check_consistency(old, TREE.root(old), new, wrong, path)
