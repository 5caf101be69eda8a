"""The Merkle tree of a log that only grows: its root, and short proofs about it.

::

    root of 5 entries              node = SHA-256(0x01 ‖ left ‖ right)
    ├── n                          leaf = SHA-256(0x00 ‖ entry)
    │   ├── n ── leaf 0, leaf 1
    │   └── n ── leaf 2, leaf 3    the left side is the largest power of two smaller than the size
    └── leaf 4

An *inclusion path* proves that an entry is the index-th of the log; a *consistency path* proves that
a log of ``new_size`` begins with the very log of ``old_size``. Both are lists of hashes of 32 bytes,
from the leaves upward.

A root does not tell the size of its tree: the two belong together and come from one signed
checkpoint. Whoever could choose a size for a root could sometimes choose a wrong one.

Source: RFC 6962, section 2.1 (the tree and its paths); RFC 9162, sections 2.1.3.2 and 2.1.4.2 (the
checks).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from confere.errors import BadProof

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_LEAF = b"\x00"  # the two prefixes keep a node's two hashes from passing for an entry
_NODE = b"\x01"
_INCLUSION = "a proof of inclusion"
_CONSISTENCY = "a proof of consistency"


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry, 32 bytes."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes, 32 bytes."""
    return hashlib.sha256(_NODE + left + right).digest()


class Tree:
    """A log's tree in memory, at its present size and at every size it ever had.

    It keeps the hash of every complete subtree, about 64 bytes an entry: ``_levels[k][i]`` is the
    root of the 2**k entries from i * 2**k on. A size or an index that the tree does not have is a
    mistake of the program and raises ValueError.
    """

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for entry in entries:
            self.append(entry)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._levels[0])

    def append(self, entry: bytes) -> int:
        """Add an entry at the end and return its index, counted from 0."""
        index = at = self.size
        level, node = 0, leaf_hash(entry)
        self._levels[0].append(node)
        while at % 2:  # a right side: the subtree above it is complete now
            node = node_hash(self._levels[level][at - 1], node)
            level, at = level + 1, at // 2
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)
        return index

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` entries (default: all); ``EMPTY_ROOT`` of none."""
        return self._subroot(0, self._known_size(size))

    def inclusion_path(self, index: int, size: int | None = None) -> list[bytes]:
        """The path that proves the entry at ``index`` in the tree of the first ``size`` entries."""
        start, end = 0, self._known_size(size)
        if not 0 <= index < end:
            raise ValueError(f"no entry {index} among {end}")
        path = []
        while end - start > 1:
            middle = start + _left_side(end - start)
            if index < middle:
                path.append(self._subroot(middle, end))
                end = middle
            else:
                path.append(self._subroot(start, middle))
                start = middle
        return path[::-1]

    def consistency_path(self, old_size: int, new_size: int | None = None) -> list[bytes]:
        """The path that proves the tree of ``old_size`` to be the beginning of that of ``new_size``.

        It is empty when the sizes are equal and when ``old_size`` is 0: there is nothing to prove.
        """
        start, end = 0, self._known_size(new_size)
        if not 0 <= old_size <= end:
            raise ValueError(f"a log of {end} entries never had {old_size} before")
        if old_size == 0:
            return []
        path = []
        while end != old_size:
            middle = start + _left_side(end - start)
            if old_size <= middle:
                path.append(self._subroot(middle, end))
                end = middle
            else:
                path.append(self._subroot(start, middle))
                start = middle
        if start > 0:  # else what is left is the old tree, whose root the checker has
            path.append(self._subroot(start, end))
        return path[::-1]

    def _known_size(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"no tree of {size} entries: there are {self.size}")
        return size

    def _subroot(self, start: int, end: int) -> bytes:
        """The root over the entries from ``start`` to ``end``, where the RFC cuts such a subtree."""
        complete = []  # the complete subtrees side by side, larger ones first
        while start < end:
            level = (end - start).bit_length() - 1
            complete.append(self._levels[level][start >> level])
            start += 1 << level
        if not complete:
            return EMPTY_ROOT
        node = complete.pop()
        while complete:
            node = node_hash(complete.pop(), node)
        return node


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise BadProof unless the entry of this leaf hash is the index-th of the log of that root."""
    if not 0 <= index < size:
        raise BadProof(_INCLUSION, f"there is no entry {index} among {size}")
    _check_lengths(_INCLUSION, leaf, root, *path)
    at, last = index, size - 1  # of the subtree reached, and of the last one, on its level
    node = leaf
    for sibling in path:
        if last == 0:
            raise BadProof(_INCLUSION, "it is too long")
        if at % 2 or at == last:
            node = node_hash(sibling, node)
            while at % 2 == 0 and at != 0:  # on these levels the last subtree has no sibling
                at, last = at // 2, last // 2
        else:
            node = node_hash(node, sibling)
        at, last = at // 2, last // 2
    if last != 0:
        raise BadProof(_INCLUSION, "it is too short")
    if node != root:
        raise BadProof(_INCLUSION, "it leads to another root")


def check_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise BadProof unless the log of the new root begins with the log of the old one."""
    if not 0 <= old_size <= new_size:
        raise BadProof(_CONSISTENCY, f"{old_size} entries cannot become {new_size}")
    _check_lengths(_CONSISTENCY, old_root, new_root, *path)
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise BadProof(_CONSISTENCY, "the root of no entries is another one")
    if old_size == new_size and old_root != new_root:
        raise BadProof(_CONSISTENCY, "the same size has two roots")
    if old_size in (0, new_size):
        if path:
            raise BadProof(_CONSISTENCY, "it is too long")
        return
    at, last = old_size - 1, new_size - 1
    while at % 2:  # up to the largest complete subtree at the old log's end
        at, last = at // 2, last // 2
    hashes = list(path) if at else [old_root, *path]  # at 0, that subtree is the whole old log
    if not hashes:
        raise BadProof(_CONSISTENCY, "it is too short")
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise BadProof(_CONSISTENCY, "it is too long")
        if at % 2 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            new = node_hash(new, sibling)
        at, last = at // 2, last // 2
    if last != 0:
        raise BadProof(_CONSISTENCY, "it is too short")
    if old != old_root:
        raise BadProof(_CONSISTENCY, "it leads to another old root")
    if new != new_root:
        raise BadProof(_CONSISTENCY, "it leads to another new root")


def _check_lengths(what: str, *hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise BadProof(what, f"a hash is not {HASH_BYTES} bytes long")


def _left_side(size: int) -> int:
    """The largest power of two smaller than ``size``, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
