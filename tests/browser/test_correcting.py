"""An interpreter's day before the page, by keyboard alone, with everything that can go wrong in between."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Dialog, expect

from browser.person import Person
from web.standin import PASSPHRASE, StandIn

Enter = Callable[..., Person]


def test_thirty_segments_are_corrected_by_keyboard(enter: Enter, memory: StandIn) -> None:
    """Text is typed at the caret, accepted by key, and the next segment is there."""
    ines = enter("ines")
    ines.open()
    for number in range(1, 31):
        ines.is_at(number)
        ines.press("Control+End" if number % 2 else "Tab", "Control+End")
        ines.type(f" x{number}")
        ines.press("Control+Enter")
        if number % 2 and memory.segments[number - 1]["language"] == "pt":
            # The translation is older than the source text now: the first key leads to it.
            expect(ines.field(number, "target")).to_be_focused()
            ines.press("Control+Enter")
    ines.is_at(31)
    ines.saved()
    for number, segment in enumerate(memory.segments[:30], 1):
        side = "source" if number % 2 else "target"
        assert segment[side].endswith(f" x{number}"), number
        assert (segment["state"], segment["stale"]) == ("corrected", False)
    assert memory.segments[30]["state"] == "draft"


def test_what_is_typed_is_saved_a_moment_later(enter: Enter, memory: StandIn) -> None:
    """Without any key but the letters; the page says when."""
    ines = enter("ines")
    ines.open()
    ines.press("Control+End")
    ines.type(" E mais.")
    expect(ines.page.locator("#saved")).to_have_attribute("data-kind", "waiting")
    ines.saved()
    assert memory.segments[0]["source"].endswith(" E mais.")
    assert (memory.segments[0]["state"], memory.segments[0]["version"]) == ("edited", 1)
    expect(ines.row(1).locator("textarea:focus")).to_be_visible()


def test_without_a_network_nothing_is_lost(enter: Enter, memory: StandIn) -> None:
    """It is kept and shown, leaving asks, and it is saved when the server is back."""
    ines = enter("ines")
    ines.open()
    ines.page.context.set_offline(True)
    ines.press("Control+End")
    ines.type(" um")
    ines.press("Alt+ArrowDown", "Control+End")
    ines.type(" dois")
    status = ines.page.locator("#saved")
    expect(status).to_have_text("No answer from the server · 2 segments kept here")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    ines.page.once("dialog", stay)
    ines.page.close(run_before_unload=True)
    expect(status).to_be_visible()
    assert asked == ["beforeunload"]
    ines.page.context.set_offline(False)
    ines.saved()
    assert memory.segments[0]["source"].endswith(" um")
    assert memory.segments[1]["source"].endswith(" dois")


def test_what_was_accepted_without_a_network_is_accepted_later(
    enter: Enter, memory: StandIn
) -> None:
    """Also where nothing was typed."""
    ines = enter("ines")
    ines.open()
    ines.page.context.set_offline(True)
    ines.press("Control+Enter")
    ines.is_at(2)
    expect(ines.page.locator("#saved")).to_have_text(
        "No answer from the server · 1 segment kept here"
    )
    ines.page.context.set_offline(False)
    ines.stands(1, "corrected")
    ines.saved()
    assert memory.segments[0]["authors"] == ["ines"]


def test_two_people_on_one_segment_see_both_texts(enter: Enter, memory: StandIn) -> None:
    """The second to save is shown the other's text as a difference, and chooses; nothing typed is gone."""
    ines = enter("ines")
    ines.open()
    ines.press("Control+End")
    ines.type(" meu")
    theirs = memory.segments[0]["target"] + " theirs"
    memory.change(1, "ana", target=theirs)
    box = ines.row(1).locator(".conflict-box")
    expect(box).to_contain_text("ana changed this segment while you were writing")
    expect(box.locator("ins")).to_have_count(2)
    expect(ines.field(1)).to_have_value(memory.segments[0]["source"] + " meu")
    ines.press("Control+Enter")
    ines.is_at(1)
    box.get_by_role("button", name="Save mine").click()
    expect(box).to_have_count(0)
    ines.saved()
    assert memory.segments[0]["source"].endswith(" meu")
    assert memory.segments[0]["target"] == theirs


def test_taking_the_others_text_lets_mine_go(enter: Enter, memory: StandIn) -> None:
    """Then the field shows theirs, with the version that it has now."""
    ines = enter("ines")
    ines.open()
    ines.press("Control+End")
    ines.type(" meu")
    memory.change(1, "ana", source="Outra coisa.")
    ines.row(1).get_by_role("button", name="Take what ana wrote").click()
    expect(ines.field(1)).to_have_value("Outra coisa.")
    ines.page.locator(".row.current textarea").first.focus()
    ines.press("Control+End")
    ines.type(" Sim.")
    ines.saved()
    assert memory.segments[0]["source"] == "Outra coisa. Sim."


def test_a_locked_page_hides_everything_and_keeps_what_was_typed(
    enter: Enter, memory: StandIn
) -> None:
    """Another person's sign-in does not save it; the same person's does, and the caret is where it was."""
    ines = enter("ines")
    ines.open()
    ines.press("Control+End")
    memory.lock_all()
    ines.page.keyboard.insert_text(" guardado")  # at once: letters after the lock go to its sheet
    sheet = ines.sheet()
    expect(sheet).to_contain_text("what you typed in 1 segment is not saved yet")
    expect(ines.page.locator(".rows")).to_be_hidden()
    sheet.get_by_label("Name").fill("ana")
    sheet.get_by_label("Passphrase").fill(PASSPHRASE)
    ines.press("Enter")
    expect(sheet).to_contain_text("Only ines can save it")
    assert not memory.segments[0]["source"].endswith(" guardado")
    sheet.get_by_label("Name").fill("ines")
    sheet.get_by_label("Passphrase").fill(PASSPHRASE)
    ines.press("Enter")
    expect(sheet).to_have_count(0)
    ines.saved()
    ines.type("!")
    ines.saved()
    expect(ines.field(1)).to_have_value(memory.segments[0]["source"])
    assert memory.segments[0]["source"].endswith(" guardado!")
    assert memory.segments[0]["authors"] == ["ines"]


def test_split_merge_and_undo(enter: Enter, memory: StandIn) -> None:
    """A segment is split at the caret, merged again, and the last change taken back."""
    memory.segments[0].update(source="Um dois 😀 três quatro.", target="One two three four.")
    ines = enter("ines")
    ines.open()
    ines.press("Control+Home", *["ArrowRight"] * 9, "Control+Shift+Enter")
    expect(ines.page.locator(".row")).not_to_have_count(0)
    expect(ines.field(1)).to_have_value("Um dois 😀")
    ines.is_at(2)
    expect(ines.field(2)).to_have_value("três quatro.")
    assert len(memory.segments) == 61
    ines.press("Alt+ArrowUp", "Alt+m")
    expect(ines.field(1)).to_have_value("Um dois 😀 três quatro.")
    assert len(memory.segments) == 60
    ines.press("Control+End")
    ines.type(" Cinco.")
    ines.press("Alt+z")
    expect(ines.field(1)).to_have_value("Um dois 😀 três quatro.")


def test_a_speaker_is_set_by_key_and_renamed_everywhere(enter: Enter, memory: StandIn) -> None:
    """One digit for one segment; the sheet for all."""
    old = memory.segments[0]["speaker"]
    count = sum(s["speaker"] == old for s in memory.segments)
    ines = enter("ines")
    ines.open()
    ines.press("Alt+1")
    expect(ines.row(1).locator(".speaker")).to_have_text("I1")
    ines.press("Alt+3")
    expect(ines.row(1).locator(".speaker")).to_have_text("P01")
    expect(ines.page.get_by_role("status").filter(has_text="Speaker P01")).to_have_count(1)
    ines.press("Alt+0")
    sheet = ines.sheet()
    sheet.get_by_label("Code").fill("P07")
    sheet.get_by_role("checkbox").check()
    sheet.get_by_role("button", name="Set").click()
    expect(ines.page.locator("#notice")).to_have_text(f"{count} segments are P07 now")
    assert sum(s["speaker"] == "P07" for s in memory.segments) == count


def test_the_memory_is_put_in_by_one_key_and_never_by_itself(enter: Enter, memory: StandIn) -> None:
    """Only an exact repeat has the key."""
    one, other = memory.segments[0], memory.segments[1]
    one.update(source="Foi assim.", target="machine", language="pt")
    other.update(
        source="Foi assim.", target="It was like this.", state="verified", verified_by="vera"
    )
    ines = enter("ines")
    ines.open()
    expect(ines.page.locator(".suggestion.exact")).to_contain_text("It was like this.")
    expect(ines.field(1, "target")).to_have_value("machine")
    ines.press("Alt+t")
    expect(ines.field(1, "target")).to_have_value("It was like this.")
    ines.saved()
    assert one["target"] == "It was like this."


def test_what_others_do_arrives_without_moving_what_one_writes(
    enter: Enter, memory: StandIn
) -> None:
    """A split above moves every number; the caret and the row stay where they are on the screen."""
    ines = enter("ines")
    ines.open(memory.segments[20]["id"])
    row = ines.page.locator(f'[id="{memory.segments[20]["id"]}"]')
    ines.press("Control+End")
    before = row.bounding_box()
    memory.change(1, "ana", source=memory.segments[0]["source"] + " Palavra." * 60)
    memory.split(memory.segments[1], "ana", {"version": 0, "source_at": 3})
    expect(row).to_have_attribute("aria-posinset", "22")
    after = row.bounding_box()
    assert before is not None and after is not None
    assert abs(before["y"] - after["y"]) < 1
    expect(row.locator("textarea:focus")).to_be_visible()
    ines.type("!")
    ines.saved()
    assert memory.segments[21]["source"].endswith("!")


def test_finding_goes_to_rows_that_are_not_drawn(enter: Enter, memory: StandIn) -> None:
    """Words without their accents, a number, a time."""
    memory.segments[49]["source"] = "Aqui está a agulha única."
    ines = enter("ines")
    ines.open()
    ines.press("Control+f")
    ines.type("unica")
    ines.press("Enter")
    expect(ines.row(50).locator("mark.hit")).to_have_text("única")
    ines.press("Escape")
    ines.is_at(50)
    ines.press("Control+f")
    ines.type("#12")
    ines.press("Enter", "Escape")
    ines.is_at(12)


def test_no_word_of_the_transcript_is_kept_by_the_browser(enter: Enter) -> None:
    """After typing no kind of storage holds a text; fields are not spell-checked."""
    ines = enter("ines")
    ines.open()
    ines.type("canário")
    ines.saved()
    kept = ines.page.evaluate(
        "async () => [{...localStorage}, await indexedDB.databases(), Object.keys(sessionStorage)]"
    )
    assert kept == [{}, [], ["confere-token"]]
    field = ines.page.locator(".row.current textarea").first
    expect(field).to_have_attribute("spellcheck", "false")
    expect(field).to_have_attribute("autocomplete", "off")


def test_a_key_that_was_bound_anew_does_what_it_was_bound_to(enter: Enter) -> None:
    """A pedal's key plays while it is held."""
    ines = enter("ines")
    ines.page.goto(f"{ines.url}/keys")
    ines.page.get_by_role("button", name="Add a key: Play while it is held").click()
    ines.press("F9")
    expect(ines.page.get_by_role("button", name="Take F9 away")).to_be_visible()
    ines.open()
    play = ines.page.locator('[data-act="play"]')
    ines.page.keyboard.down("F9")
    expect(play).to_have_accessible_name("Pause")
    ines.page.keyboard.up("F9")
    expect(play).to_have_accessible_name("Play")
