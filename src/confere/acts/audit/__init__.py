"""The audit: is everything there, unchanged, and by whom it says? And the proof of one recording's custody.

=================  ==============================================================================
``audit``          every check in its order; looks before it writes, and puts nothing right
``finding``        what is told: subjects with counts, and findings in words
``chain``          the roster, version by version
``log``            the custody log against checkpoint, pin and older states (``older``)
``files``          what lies in the folders, and the headers of what is sealed
``opening``        what opens with a reader's passphrase
``notes``          offloads that wait
``events``         every event, by whoever was in the study then (``signatures``: very many)
``standing``       settings and people's files, as the events tell them
``recordings``     every recording's files
``transcripts``    drafts, revisions, playings, texts, sign-offs
``accept``         a lead takes an older state on purpose
``proof``          the custody of one recording, for somebody who has nothing else
=================  ==============================================================================
"""

from confere.acts.audit.audit import Audited, Order, audit, audit_in_public
from confere.acts.audit.finding import Finding, Report, Subject

__all__ = ["Audited", "Finding", "Order", "Report", "Subject", "audit", "audit_in_public"]
