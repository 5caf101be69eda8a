"""Confere: interviews off the recorder, sealed, drafted, corrected, and signed by a second person."""

import os

# ONNX Runtime (1.29 and later), which the voice detector and the sentence splitter use, reports to its
# maker unless told not to before it is imported: the models, the machine, an id kept in the home.
# Nothing of a study may leave the machine unasked.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
