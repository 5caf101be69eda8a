"""Which speech and translation models there are: list, find, check, import, install.

``manifest`` says what a model is, file by file; ``store`` keeps the folder of installed models and
knows the two practice models that ship with Confere; ``bring`` takes a model from a folder or a
stick, ``install`` from its usual place on the net, as ``catalogue`` pins it. Nothing in here loads a
model: the engines are handed a folder that was checked.
"""
