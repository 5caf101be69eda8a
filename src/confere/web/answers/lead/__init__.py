"""What the lead's pages ask; who may, each act says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confere.web.answers.lead import audit, interviews, people, plan, words, worth

ALL: tuple[Callable[..., Any], ...] = (
    people.people,
    people.add_person,
    people.remove_person,
    people.change_passphrase,
    people.approve_settings,
    people.certify_machine,
    people.remove_machine,
    words.words,
    words.add_word,
    words.edit_word,
    words.remove_word,
    words.import_words,
    words.export_words,
    words.word_history,
    words.proposals,
    words.accept_proposal,
    words.touched_segments,
    words.read_names,
    words.add_name,
    words.import_names,
    words.remove_name,
    plan.plan,
    plan.plan_means,
    plan.state_plan,
    plan.plan_of_recording,
    plan.draw_sample,
    interviews.interviews,
    interviews.write_interview,
    interviews.custody,
    interviews.prove_custody,
    audit.begin_audit,
    audit.audit_state,
    audit.stop_audit,
    worth.measure_some,
    worth.worth,
    worth.exportable,
    worth.export,
)
