"""Exports: from a transcript to the bytes of a file, one module for each kind.

``values`` is what goes in and comes out, ``kinds`` the list of kinds, ``manifest`` what lies beside
the files. Nothing here writes to a disk. An export is pseudonymised: speakers and participants appear
by code, and neither audio nor the recorder's file names are ever part of one.
"""

from confere.export.kinds import KINDS
from confere.export.manifest import manifest
from confere.export.values import ExportFile, ExportInput, from_draft, from_signed

__all__ = ["KINDS", "ExportFile", "ExportInput", "from_draft", "from_signed", "manifest"]
