"""How the courier's process begins: it gives up what it does not need, and only then reads Dask."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from pathlib import Path

from confere.wiring import keep_memory_private
from confere.wiring.cluster.confined import confine
from confere.wiring.cluster.pipes import to_parent
from confere.wiring.cluster.tls import TlsFiles


def main() -> None:
    """Carry until the pipe ends."""
    given = argparse.ArgumentParser()
    given.add_argument("url")
    given.add_argument("patience_s", type=float)
    given.add_argument("files", nargs=3, type=Path)
    options = given.parse_args()
    line = to_parent()
    keep_memory_private()
    line.send({"confined": confine(options.files)})
    from confere.wiring.cluster.closed import close_dask
    from confere.wiring.cluster.courier import Courier

    close_dask()
    logging.disable()  # whoever drafts is told in words of ours
    try:
        courier = Courier(line, options.patience_s)
        asyncio.run(courier.carry(options.url, TlsFiles(*options.files)))
    except (OSError, TimeoutError, ValueError) as error:
        line.send({"broken": type(error).__name__})
    os._exit(0)  # Dask's threads may still wait for what never comes


if __name__ == "__main__":
    main()
