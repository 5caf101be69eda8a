"""The errors of Confere: a small tree that says who must act.

::

    ConfereError
    ├── BadInput            what came from outside is not usable      -> whoever gave it
    ├── WrongSecret         a passphrase or a key does not open this   -> whoever typed it
    ├── DamagedStore        bytes of ours are broken or incomplete     -> the lead, with a backup
    ├── ForgedStore         bytes of ours are whole but not authentic  -> the lead, as an incident
    ├── EnvironmentProblem  the machine: disk, device, a model missing -> whoever keeps the machine
    └── Refused             a rule says no                             -> whoever asked

Leaf classes take data and write their own message and a hint that says what to do next. Neither ever
holds a secret or a word of a transcript. Exit codes (and later HTTP statuses) are decided in one
table by family, not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class ConfereError(Exception):
    """Any failure that Confere can explain: ``message`` says what, ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class BadInput(ConfereError):
    """What came from outside is not usable."""


class WrongSecret(ConfereError):
    """A passphrase or a key does not open what it was given for."""


class DamagedStore(ConfereError):
    """Something in the vault or among the models is broken or incomplete."""


class ForgedStore(ConfereError):
    """Something is whole but was not made by whom it says."""


class EnvironmentProblem(ConfereError):
    """The machine lacks something: room, a device, a model, a program."""


class Refused(ConfereError):
    """A rule of the study says no; nothing was changed."""


# --- bad input ---------------------------------------------------------------------------------


class NotAudio(BadInput):
    """A file does not open as audio."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(
            f"{name} does not open as audio" + (f" ({detail})" if detail else ""),
            "It was left where it is. If it is a recording, keep it and ask the lead.",
        )
        self.detail = detail


class DecoderStopped(NotAudio):
    """The process that decoded a file was killed, hung, or said what no decoder says."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, f"the decoder was stopped: {why}")


class EmptyFile(BadInput):
    """A file holds no bytes at all."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is empty (0 bytes)",
            "It was left where it is. Check on the recorder whether the recording was stopped properly.",
        )


class SourceChanged(BadInput):
    """A file on the recorder changed while it was being copied."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} changed while it was being copied",
            "It was left where it is. End the recording there, then run the same command again.",
        )


class UnknownLanguage(BadInput):
    """No speech of a recording is in one of the study's languages."""

    def __init__(self, languages: tuple[str, ...], heard: str = "") -> None:
        found = f"; it sounds like '{heard}'" if heard else ""
        super().__init__(
            f"no speech in a language of this study ({', '.join(languages)}) was found{found}",
            "If the interview is in another language, add it under [study] languages and draft again.",
        )


class NotAModel(BadInput):
    """A folder or a file holds no model that could be imported."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(
            f"{name} holds no model" + (f" ({detail})" if detail else ""),
            "A speech model is a CTranslate2 folder (model.bin, tokenizer.json …), a translation "
            "model an .argosmodel file or such a package unpacked. Links are not followed.",
        )


class NotPinned(BadInput):
    """The catalogue knows a model but no digests of its files, so it cannot be downloaded."""

    def __init__(self, model: str, origin: str) -> None:
        super().__init__(
            f"'{model}' has no pinned digest yet, so it is not downloaded",
            f"Get it from {origin} yourself, and use 'confere models import'.",
        )


class BadKeyText(BadInput):
    """The text of an identity, a recipient or a signing key is malformed."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(
            f"{what}: {detail}", "Check that the whole key was copied, without spaces."
        )


class BadSheet(BadInput):
    """A sheet of a recovery key is mistyped; ``number`` is its place among those given, from 1."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(
            f"the sheet given as number {number}: {detail}",
            "Compare it with the paper word by word, and enter each sheet by itself.",
        )


class SheetMissing(BadInput):
    """Fewer than two different sheets of a recovery key were given."""

    def __init__(self, given: int) -> None:
        found = {0: "no sheet was given", 1: "one sheet was given"}
        super().__init__(
            found.get(given, "the same sheet was given more than once")
            + "; it takes two different ones to give the recovery key back",
            "Ask the other person who keeps a sheet. One sheet alone opens nothing.",
        )


class BadSetting(BadInput):
    """A configuration file holds a key or a value that means nothing."""

    def __init__(self, file: str, line: int, detail: str) -> None:
        super().__init__(
            f"{file}, line {line}: {detail}",
            "config/confere.example.toml shows every key with its default.",
        )


class BadProfile(BadInput):
    """A file that describes a make of recorder holds a key or a value that means nothing."""

    def __init__(self, file: str, line: int, detail: str) -> None:
        super().__init__(
            f"{file}, line {line}: {detail}",
            "docs/recorders.md shows every key. Mend the file, or take it away.",
        )


class EncryptedAudio(BadInput):
    """A file is a dictation that its recorder encrypted: it can be kept, and not be opened here."""

    def __init__(self, name: str, container: str) -> None:
        super().__init__(
            f"{name} is a dictation ({container}) that the recorder encrypted",
            "Only the maker's own program and the recorder's password open it.",
        )
        self.container = container


class BadWordList(BadInput):
    """A CSV file is no word list; ``line`` counts from 1. Its words are never told."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(
            f"the word list, line {line}: {detail}",
            "It is a CSV file in UTF-8 with the columns source, target, status, note; the status is "
            "required, forbidden or keep. Nothing was imported.",
        )
        self.line = line


class BadNameList(BadInput):
    """A CSV file is no list of names for the identity key; ``line`` counts from 1. No name is told."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(
            f"the list of names, line {line}: {detail}",
            "It is a CSV file in UTF-8 with the columns name, code, note. Nothing was imported.",
        )
        self.line = line


class WordsClash(BadInput):
    """Entries of a word list repeat or contradict each other; ``pairs`` tells which, by place.

    A pair is the two places (``line 7 of the file``, ``entry 3``) and whether they contradict each
    other. No word is told.
    """

    def __init__(self, pairs: Sequence[tuple[str, str, bool]], hint: str) -> None:
        told = [
            f"{one} and {other} contradict each other"
            if against
            else f"{one} and {other} are the same"
            for one, other, against in pairs[:5]
        ]
        more = [f"and {len(pairs) - 5} more"] if len(pairs) > 5 else []
        super().__init__("; ".join(told + more), f"{hint} Nothing was changed.")
        self.pairs = tuple(pairs)


class NoSuchThing(BadInput):
    """A name or an id that nothing bears."""

    def __init__(self, kind: str, given: str, hint: str = "") -> None:
        super().__init__(f"there is no {kind} '{given}'", hint)


class BadValue(BadInput):
    """A value given by a person does not fit."""


# --- wrong secret ------------------------------------------------------------------------------


class WrongPassphrase(WrongSecret):
    """A passphrase does not open the file it was given for."""

    def __init__(self, what: str = "this file") -> None:
        super().__init__(
            f"the passphrase does not open {what}",
            "Nothing was changed. Check the keyboard layout and the name, and try again.",
        )


class WrongKey(WrongSecret):
    """None of the identities at hand opens a sealed file."""

    def __init__(self, what: str = "this file") -> None:
        super().__init__(
            f"none of the keys at hand opens {what}",
            "It is sealed to somebody else, or to another study.",
        )


class WrongSheets(WrongSecret):
    """Sheets are well-formed but do not give the recovery key that is needed."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            detail,
            "Check on the papers that all are of this study, and of the same printing.",
        )


# --- damaged store -----------------------------------------------------------------------------


class DamagedObject(DamagedStore):
    """A sealed file is broken: header, chunk, length or what follows it."""

    def __init__(self, detail: str, what: str = "a sealed file") -> None:
        super().__init__(
            f"{what} is damaged: {detail}",
            "Do not delete anything. Restore the file from a backup; what was read before is intact.",
        )
        self.detail = detail


class DamagedCatalog(DamagedStore):
    """The catalog does not open or does not hold what it must."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"the catalog (catalog.db) is damaged: {detail}",
            "The recordings are not touched by this. Restore catalog.db from a backup.",
        )


class DamagedVault(DamagedStore):
    """A file that a vault must have is missing or unreadable."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(
            f"{name} of the vault {detail}", "Do not delete anything. Restore it from a backup."
        )


class DamagedCopy(DamagedStore):
    """A file of a backup is missing, altered or malformed."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(
            f"{name} in the backup {detail}",
            "If the vault is whole: confere backup --recheck. If it is lost: use another copy, or "
            "confere restore --leave-out-damaged.",
        )


class MissingCopy(DamagedCopy):
    """A file of a backup is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "is missing")


class DamagedModel(DamagedStore):
    """A model folder lacks a file or holds one with a wrong digest."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(
            f"the model '{model}' is not usable: {detail}",
            "Install or import it again: confere models install, or confere models import.",
        )


# --- forged store ------------------------------------------------------------------------------


class BadSignature(ForgedStore):
    """A signature does not fit the bytes it stands under."""

    def __init__(self, what: str = "this text") -> None:
        super().__init__(
            f"the signature on {what} does not hold",
            "Treat this as an incident: keep the files as they are and tell the lead.",
        )


class AlteredTranscript(ForgedStore):
    """The catalog no longer says what was signed."""

    def __init__(self, recording: str, detail: str) -> None:
        super().__init__(
            f"the transcript of {recording} differs from what was signed: {detail}",
            "Treat this as an incident: the signed document in the recording's folder is what counts.",
        )


class BadProof(ForgedStore):
    """A checkpoint of the custody log, or a proof about it, does not hold or is malformed."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(
            f"{what} does not hold: {detail}",
            "Treat this as an incident: keep the files as they are and tell the lead.",
        )
        self.detail = detail


class RolledBack(ForgedStore):
    """The vault shows an older or another state than this machine has seen of it."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(
            f"{what} is not the continuation of what this machine has seen: {detail}",
            "If a backup was restored on purpose, a lead accepts it: confere audit --accept REASON. "
            "Otherwise treat this as an incident: keep the files as they are and tell the lead.",
        )


class AnotherStudy(ForgedStore):
    """Another study's vault lies where this machine knows one."""

    def __init__(self, where: str, known: str, found: str) -> None:
        super().__init__(
            f"the vault in {where} is another study's ({found}) than this machine knows there ({known})",
            "If you put it there on purpose, move it to a folder of its own and name that with --vault. "
            "Otherwise treat this as an incident: keep the files as they are and tell the lead.",
        )


# --- environment -------------------------------------------------------------------------------


class DiskFull(EnvironmentProblem):
    """No room is left where something was to be written."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"no room is left in {where}",
            "Nothing is lost: what was not copied is still where it was. Make room and run the same "
            "command again.",
        )


class SourceVanished(EnvironmentProblem):
    """What was being read is gone: cable pulled, card removed, share lost."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(
            f"{name} could not be read to the end" + (f" ({detail})" if detail else ""),
            "Nothing was deleted. Plug the recorder in again and run the same command.",
        )


class CopyDiffers(EnvironmentProblem):
    """What was read back, or read a second time, is not what was copied."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(
            f"the copy of {name} could not be proved: {detail}",
            "Nothing was deleted. Run the same command again; if it repeats, a disk is failing.",
        )


class Interrupted(EnvironmentProblem):
    """Somebody ended an offload before it was done."""

    def __init__(self) -> None:
        super().__init__(
            "the offload was interrupted",
            "What was not taken is on the recorder as it was. Run the same command again.",
        )


class StorageProblem(EnvironmentProblem):
    """The operating system refuses to read or write a file."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(
            f"{name}: {detail}", "Nothing was deleted. Check the disk and permissions."
        )


class CopyPlaceProblem(EnvironmentProblem):
    """Where a backup is kept cannot be reached, or does not let us in."""

    def __init__(self, where: str, detail: str, hint: str) -> None:
        super().__init__(f"{where}: {detail}", hint)


class ChangedUnderway(EnvironmentProblem):
    """A file of the vault changed while it was being copied to a backup."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(
            f"{name} could not be copied: {detail}",
            "The backup made before is still whole. Run the same command again.",
        )


class ModelMissing(EnvironmentProblem):
    """A model that the study names is not installed; ``installed`` are those that are."""

    def __init__(self, model: str, installed: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"the model '{model}' is not installed",
            f"Installed: {', '.join(installed) or '-'}. To get it: confere models install {model}, or from"
            " a stick: confere models import. What there is: confere models list.",
        )


class WorkerLost(EnvironmentProblem):
    """The process that drafted a recording ended before it had answered, twice at the same window."""

    def __init__(self) -> None:
        super().__init__(
            "the process that drafted it was ended by something else, twice",
            "Perhaps memory ran out: choose a smaller model or --workers 1, and draft again."
            " What was done of it is kept.",
        )


class ProgramMissing(EnvironmentProblem):
    """A program of the machine that is needed is not there."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} is not there", hint)


class ClusterProblem(EnvironmentProblem):
    """Other machines that were to draft cannot be reached, or are gone."""


class Offline(EnvironmentProblem):
    """A download could not be made or went wrong on the way."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            detail, "Try again later (it resumes), or use 'confere models import' with a folder."
        )


# --- refused -----------------------------------------------------------------------------------


class NotAllowed(Refused):
    """This person's roles do not include the act."""

    def __init__(self, name: str, act: str, roles: tuple[str, ...]) -> None:
        super().__init__(
            f"{name} may not {act}",
            f"This needs one of the roles: {', '.join(roles)}. Roles are given by the lead.",
        )


class OwnWork(Refused):
    """Nobody verifies what they wrote themselves."""

    def __init__(self, name: str, segment: str) -> None:
        super().__init__(
            f"{name} worked on segment {segment} and so cannot verify it",
            "Another person verifies it. 'confere queue' shows what waits for whom.",
        )


class NotPlayed(Refused):
    """A segment was not played to the person who wants to verify it."""

    def __init__(self, segment: str) -> None:
        super().__init__(
            f"the audio of segment {segment} was not played to the end by you",
            "Play it, or give a written reason with --unplayed.",
        )


class MoveRefused(Refused):
    """The table of states holds no such move."""

    def __init__(self, segment: str, state: str, decision: str) -> None:
        super().__init__(
            f"segment {segment} is '{state}', and '{decision}' is not possible from there",
            "'confere show' tells the state of every segment.",
        )


class Signed(Refused):
    """Nothing changes after the sign-off."""

    def __init__(self, recording: str) -> None:
        super().__init__(
            f"the transcript of {recording} is signed; nothing in it changes any more",
            "'confere reopen' begins a new version, with its own sign-off.",
        )


class NotApproved(Refused):
    """The settings are not those that a lead approved."""

    def __init__(self, act: str) -> None:
        super().__init__(
            f"confere.toml was changed since a lead approved it, so nobody can {act}",
            "A lead reads it and approves it: confere settings approve. Or put the old text back.",
        )


class Pointless(Refused):
    """Somebody would take, or be given, what they cannot bring to an end."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"it would lead to nothing for {name} to take this: {reason}",
            "'confere queue RECORDING' says who can do what, and why not the others.",
        )


class NotReady(Refused):
    """Something has to happen first."""


class SealedSeed(Refused):
    """The seed of a sample is not sealed to this person."""

    def __init__(self, recording: str, name: str) -> None:
        super().__init__(
            f"the seed of the sample of {recording} is not sealed to {name}",
            "It is sealed to those who were verifiers or leads, and no interpreters, when it was drafted."
            " If none of them is left, every segment is verified: that is always allowed.",
        )


class Destroyed(Refused):
    """A recording's retention was ended; its sound and its words are gone."""

    def __init__(self, recording: str, at: str, by: str) -> None:
        super().__init__(
            f"recording {recording} was destroyed by {by} at {at}",
            "Its sound and its words are gone, and nothing brings them back. What stays is in the "
            "custody log.",
        )


class MovedOn(Refused):
    """Somebody else changed the segment since it was read.

    ``mine``, ``theirs`` and ``base`` hold what was to be saved, what stands there now and what both
    started from, by field; ``by`` is who changed it last, ``editing`` who else has it open. They
    are for showing to the person who acts, and never in the message: it may be logged.
    """

    def __init__(self, segment: str, seen: int, now: int) -> None:
        super().__init__(
            f"segment {segment} was changed meanwhile (you saw version {seen}, it is {now})",
            "Look at it again with 'confere show', then repeat your change.",
        )
        self.seen, self.now = seen, now
        self.mine: Mapping[str, object] = {}
        self.theirs: Mapping[str, object] = {}
        self.base: Mapping[str, object] = {}
        self.by = ""
        self.editing: tuple[str, ...] = ()


class WordsMovedOn(Refused):
    """Somebody else changed the same words of the word list since it was read.

    ``mine`` and ``theirs`` hold what each adds and takes off, an entry a mapping with ``change`` beside
    its fields; ``by`` is who made the newest version. They are for showing to the person who acts,
    and never in the message.
    """

    def __init__(self, seen: int, now: int) -> None:
        super().__init__(
            "the same words of the word list were changed meanwhile "
            f"(you saw version {seen}, it is {now})",
            "Look at it again with 'confere words list', then repeat your change.",
        )
        self.seen, self.now = seen, now
        self.mine: Sequence[Mapping[str, str]] = ()
        self.theirs: Sequence[Mapping[str, str]] = ()
        self.by = ""


class InterviewMovedOn(Refused):
    """Somebody else wrote of the same interview since it was read.

    ``mine`` and ``theirs`` hold the fields that were to be saved, and what stands there now. They are
    for showing to the person who acts, and never in the message.
    """

    def __init__(self, interview: str, seen: int, now: int) -> None:
        super().__init__(
            f"interview {interview} was changed meanwhile (you saw version {seen}, it is {now})",
            "Look at it again with 'confere interview list', then repeat your change.",
        )
        self.seen, self.now = seen, now
        self.mine: Mapping[str, object] = {}
        self.theirs: Mapping[str, object] = {}
        self.by = ""


class PracticeOnly(Refused):
    """A practice model outside a practice vault."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"'{model}' is a practice model and this vault is a study's",
            "Practice models understand only the practice language. Install real models: "
            "confere models install.",
        )


class OtherContents(Refused):
    """A place for a copy holds something that is not of this copy."""

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(f"{where} holds {what}", hint)


class CopyUnderway(Refused):
    """Two copies go to the same place at once."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"something else is writing to {where}, or has just done so",
            "Nothing that was there is lost. Wait until it has ended, then run the same command again.",
        )


class FilesVanished(Refused):
    """A backup would forget files that the vault has lost without anybody saying so."""

    def __init__(self, names: tuple[str, ...]) -> None:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        super().__init__(
            f"{names[0]}{more} is in the backup but no longer in the vault",
            "The backup was left as it was. Restore what is missing; retention ends with 'confere destroy'.",
        )
