import pytest
from django.utils.translation import override

from tracker.models.change import Change, ChangeCode, change_in_words

WORDS = {
    ChangeCode.LIST: ((), "Edited in the list"),
    ChangeCode.READY: ((), "Marked ready"),
    ChangeCode.EVIDENCE: ((), "Evidence added"),
    ChangeCode.EMPTIED: ((), "Set to “No information”"),
    ChangeCode.COMBINED: (["2"], "Combined with version 2"),
    ChangeCode.RESTORED: (["3"], "Restored from version 3"),
    ChangeCode.COPIED: ((), "Copied from the answer to a related recommendation"),
    ChangeCode.WORKBOOK: (["2026-03-03"], "From the workbook downloaded on 3 March 2026"),
    ChangeCode.SUGGESTION: (["Carol", "Carl"], "Suggestion accepted: Carol, Carl"),
    ChangeCode.TRANSCRIPTION: (
        ["note verbale\nNo. 12"],
        "Entered by the Secretariat at the written request of the State: note verbale No. 12",
    ),
    ChangeCode.SUGGESTION_AND_TRANSCRIPTION: (
        ["No. 12", "Carol"],
        "Suggestions accepted, some of them entered by the Secretariat at the written request of the State: "
        "No. 12, Carol",
    ),
}


def test_every_code_is_tried_below():
    assert set(WORDS) == set(ChangeCode)


@pytest.mark.parametrize("code", WORDS)
def test_a_change_is_put_into_words_when_it_is_shown(code):
    details, words = WORDS[code]
    assert change_in_words(Change.of(code, details)) == words


def test_what_its_author_wrote_has_no_words():
    assert change_in_words(Change()) == ""


def test_the_words_are_in_the_language_of_the_reader():
    with override("fr"):
        assert change_in_words(Change.of(ChangeCode.WORKBOOK, ["2026-03-03"])).endswith("3 mars 2026")
