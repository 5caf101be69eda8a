"""What the machine was worth: its draft measured against what people made of it and verified.

``scores`` counts errors (the only importer of ``jiwer`` and ``sacrebleu``), ``measures`` sums them over a
transcript, a model or a study, ``time_spent`` estimates the work, ``plot`` draws the figures over time,
``methods`` writes them up and ``coreq`` fills in the checklist.

The verified text was made by correcting the draft. So these are figures of *this* work: against a text
that somebody wrote without seeing the draft, error rates would be higher.
"""

from confere.review.worth.coreq import CoreqItem, coreq, coreq_text
from confere.review.worth.measures import (
    Estimate,
    Figures,
    Model,
    Models,
    Share,
    Worth,
    by_models,
    combined,
    figures,
    measure,
)
from confere.review.worth.methods import Facts, Language, Sampled, paragraph
from confere.review.worth.plot import Point, plot
from confere.review.worth.time_spent import OVER_ALL, TimeSpent, time_spent

__all__ = [
    "OVER_ALL",
    "CoreqItem",
    "Estimate",
    "Facts",
    "Figures",
    "Language",
    "Model",
    "Models",
    "Point",
    "Sampled",
    "Share",
    "TimeSpent",
    "Worth",
    "by_models",
    "combined",
    "coreq",
    "coreq_text",
    "figures",
    "measure",
    "paragraph",
    "plot",
    "time_spent",
]
