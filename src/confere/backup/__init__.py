"""Copies of a vault elsewhere: ciphertext only, incremental, checked after copying.

============================  ==========================================================================
``copying``, ``plan``         ``back_up``: a vault's files to a store; read its docstring first
``bringing_back``             ``bring_back``: a backup into an empty folder
``checking``                  ``check``: everything in a store read again
``manifest``, ``state``       ``backup.json``: its format; read, taken, replaced in one step
``values``                    what goes in and comes out: SourceFile, Outcome, Problem
``port``, ``names``           the port to a store, and the names a store may be given
``folder``, ``s3``            the two kinds of store; ``place`` opens the one that a person typed
============================  ==========================================================================

A stage is handed values: which files a vault consists of, and which of them never change, the acts say.
"""
