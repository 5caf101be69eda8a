"""Drafting on several machines: a Dask cluster over mutual TLS that sees ciphertext only.

::

    the vault's machine                  scheduler          a worker's machine
    ┌────────────┐      ┌─────────┐      ┌───────┐      ┌────────┐      ┌─────────┐
    │ hands      │ pipe │ courier │ TLS  │ Dask  │ TLS  │ worker │ pipe │ bench   │
    │ vault,keys │══════│ Dask    │──────│       │──────│ Dask   │══════│ one key │
    └────────────┘      └─────────┘      └───────┘      └────────┘      └─────────┘

==================  ============================================================================
``hands``           executors for `acts.night`: orders are sealed here, and answers opened
``courier``         the process that speaks Dask for them; holds no key of the vault, and, ``confined``,
                    reads and writes no file of the account
``scheduler``       Dask's scheduler without its web server
``worker``          Dask's worker without its web server; hands orders on to its bench
``bench_process``   the process that opens an order, drafts, and seals the answer
``sealed``          the form of orders and answers
``closed``          Dask's settings, and which pickles it may read; ``tls``: files and addresses
``pipes``           messages between two processes of one machine
==================  ============================================================================

Whoever takes part in a Dask cluster can have code run in every process of it: pickles are its language. So no
process that speaks Dask ever holds a key or a word. **An order is sealed to one bench**: each makes
an identity when it starts, which is nowhere but in its memory; its recipient is signed with the
worker's certificate. The answer is sealed to an identity that lives as long as the connection.

What is not imported here is Dask: `confere draft` without a cluster needs none of it.
"""

from __future__ import annotations

from confere.wiring.cluster.hands import ClusterHand, cluster_hands
from confere.wiring.cluster.tls import TlsFiles

__all__ = ["ClusterHand", "TlsFiles", "cluster_hands"]
