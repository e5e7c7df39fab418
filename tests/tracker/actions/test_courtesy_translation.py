"""Courtesy translations of an answer: who writes one, to which words it is bound, and what removes it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.conftest import find_person, find_state, make_person, open_round_for_arandia, reread, save_for_xaa
from tests.submissions import item_of, quote, release_of_few, submit_ready, translate
from tests.verification import find_errors
from tracker.actions.courtesy_translation import save_translations
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use
from tracker.actions.withdrawal import confirm_withdrawal, find_withdrawable, refuse_withdrawal, request_withdrawal
from tracker.models import CourtesyTranslation, Event, EventRow, HiddenText, Record, Revision, Submission
from tracker.models.courtesy_translation import stamp_of
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason
from tracker.workflow import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]

PAID = "يُصرف التعويض من الصندوق."
FUND = "Compensation is paid from the fund."


@pytest.fixture(scope="module", autouse=True)
def world(for_the_module):
    round_ = open_round_for_arandia(meetings=[2])
    save_for_xaa("II.4", measures=PAID, difficulties="نقص الموظفين.", language="ar", ready=True)
    submit_ready(find_state("XAA"), round_, find_person("alice"))


@pytest.fixture
def submission() -> Submission:
    return Submission.everyones.get()


@pytest.fixture
def answer(submission) -> Revision:
    return item_of(submission, "II.4").revision


@pytest.fixture
def save(answer, bob):
    def save(by=bob, revision=answer, language="en", base=None, **texts):
        save_translations(revision=revision, language=language, texts=texts, base=base, by=by)

    return save


def current() -> Revision:
    return Record.everyones.get(recommendation__label="II.4").current


def shown(revision: Revision) -> dict[str, str]:
    """The texts by field that a reader of the version sees."""
    found = CourtesyTranslation.objects.of_words([revision])[revision.pk]
    return {name: row.text for name, row in found.items()}


def test_an_officer_and_the_state_write_and_say_who(save, answer, alice, bob):
    save(measures=FUND)
    save(by=alice, difficulties="A lack of staff.")
    rows = CourtesyTranslation.objects.of_words([answer])[answer.pk]
    assert {name: (row.text, row.is_by_state, row.author) for name, row in rows.items()} == {
        "measures": (FUND, False, bob),
        "difficulties": ("A lack of staff.", True, alice),
    }
    events = Event.everyones.filter(action="courtesy translation saved").order_by("pk")
    assert [(event.chain, event.actor, event.target, event.after) for event in events] == [
        ("XAA", person, "courtesy-translation of II.4", "revision 1") for person in (bob, alice)
    ]


def test_the_trail_has_no_word_of_a_translation(save):
    save(measures=FUND)
    [row] = EventRow.everyones.filter(name__startswith="courtesy-translation ")
    assert (row.content["language"], FUND in str(row.content)) == ("en", False)


def test_the_state_changes_what_an_officer_wrote(save, answer, alice):
    save(measures=FUND)
    save(by=alice, measures="The fund pays.")
    assert shown(answer) == {"measures": "The fund pays."}
    assert CourtesyTranslation.everyones.get().is_by_state is True


def test_the_same_again_changes_nothing(save):
    save(measures=FUND)
    count = Event.everyones.count()
    save(measures=f" {FUND} ")
    assert Event.everyones.count() == count


def test_an_empty_text_removes_the_translation(save, answer):
    save(measures=FUND, difficulties="A lack of staff.")
    save(measures="", difficulties="A lack of staff.")
    assert shown(answer) == {"difficulties": "A lack of staff."}


def test_a_stale_page_does_not_replace_another_translation(save, answer, alice):
    save(measures=FUND, base="")
    seen = stamp_of(CourtesyTranslation.everyones.all())
    with pytest.raises(ValidationError, match="changed after you opened this page"):
        save(by=alice, measures="Typed.", base="")
    save(by=alice, measures="Typed.", base=seen)
    assert shown(answer) == {"measures": "Typed."}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"language": "", "measures": FUND}, "language"),
        ({"language": "und", "measures": FUND}, "language"),
        ({"language": "ar", "measures": FUND}, "language"),
        ({"measures": "The\x07 fund"}, "measures"),
        ({"measures": "x" * 20_001}, "measures"),
    ],
    ids=str,
)
def test_an_error_is_shown_at_its_field(save, values, field):
    with pytest.raises(ValidationError) as refused:
        save(**values)
    assert list(refused.value.message_dict) == [field]


def test_a_text_without_words_is_not_translated(save):
    with pytest.raises(NotAllowed):
        save(reasons="None.")


# Who


def test_people_who_may_not_answer_or_read_are_refused(save, xaa, xbb, dana):
    viewer = make_person("victor", Role.VIEWER, xaa)
    stranger = make_person("sam", Role.FOCAL_POINT, xbb)
    for person in (viewer, stranger, dana):
        with pytest.raises(PermissionDenied):
            save(by=person, measures=FUND)


def test_an_officer_under_a_restriction_is_refused(save, bob, xaa, erin):
    add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(PermissionDenied):
        save(by=reread(bob), measures=FUND)


def test_an_answer_is_translated_by_officers_only_once_submitted(save, alice):
    save_for_xaa("II.4", base=1, measures="النص الجديد.", language="ar")
    with pytest.raises(PermissionDenied):
        save(revision=current(), measures="The new text.")
    save(by=alice, revision=current(), measures="The new text.")


# The words


def test_a_translation_stays_with_the_same_words(save, answer):
    save(measures=FUND, difficulties="A lack of staff.")
    save_for_xaa("II.4", base=1, measures=PAID, difficulties="لا توجد.", language="ar")
    assert shown(current()) == {"measures": FUND}
    assert shown(answer) == {"measures": FUND, "difficulties": "A lack of staff."}


def test_a_later_version_with_the_same_words_has_one_translation(save, alice, answer):
    save(measures=FUND)
    save_for_xaa("II.4", base=1, measures=PAID, language="ar")
    save(by=alice, revision=current(), measures="The fund pays.")
    assert shown(answer) == shown(current()) == {"measures": "The fund pays."}
    assert CourtesyTranslation.everyones.count() == 1


# Removal


def remove(xaa, alice, words: str):
    return request_withdrawal(respondent=xaa, by=alice, words=words, files=[], reason=WithdrawalReason.NAME)


@pytest.mark.parametrize("words", ["الصندوق", "fund"], ids=["of the answer", "of the translation"])
def test_removing_words_removes_the_translation(words, save, answer, xaa, alice, erin):
    save(measures=FUND, difficulties="A lack of staff.")
    places = find_withdrawable(respondent=xaa, by=alice, words=words, files=[]).places
    assert "II.4 Civil society in prevention and protection strategies: courtesy translation" in {
        place.where for place in places
    }
    request = remove(xaa, alice, words)
    answer.refresh_from_db()
    assert shown(answer) == {"difficulties": "A lack of staff."}
    confirm_withdrawal(pk=request.pk, by=erin)
    assert [row.text for row in CourtesyTranslation.everyones.order_by("field")] == ["A lack of staff.", ""]
    assert HiddenText.everyones.count() == 0
    assert find_errors() == []


@pytest.mark.parametrize("words", ["الصندوق", "fund"], ids=["of the answer", "of the translation"])
def test_a_declined_removal_shows_the_translation_again(words, save, answer, xaa, alice, erin):
    save(measures=FUND)
    request = remove(xaa, alice, words)
    refuse_withdrawal(pk=request.pk, by=alice)
    answer.refresh_from_db()
    assert shown(answer) == {"measures": FUND}


def test_hidden_words_cannot_be_translated(save, xaa, alice, erin):
    remove(xaa, alice, "الصندوق")
    with pytest.raises(NotAllowed):
        save(measures=FUND)


def test_a_translation_without_the_victims_name_can_be_written_again(save, answer, xaa, alice, erin):
    save(measures=FUND)
    confirm_withdrawal(pk=remove(xaa, alice, "fund").pk, by=erin)
    save(measures="Compensation is paid.")
    assert shown(answer) == {"measures": "Compensation is paid."}


# Quotations


@pytest.fixture
def quoted(submission, alice, bob):
    change_use(submission=submission, quoted=True, by=alice)
    return quote(release_of_few(submission.round, bob), submission, "II.4", "measures", bob, translation=FUND)


def test_a_changed_translation_keeps_a_quotation_of_the_same_words(quoted, submission, bob):
    translate(submission, "II.4", bob, measures=f"In Arandia: {FUND}")
    quoted.refresh_from_db()
    assert (quoted.translation_words, quoted.object_by is None) == (f"[…] {FUND}", False)


@pytest.mark.parametrize(("text", "into"), [("The fund pays.", "en"), ("", "en"), (FUND, "fr")])
def test_other_words_end_the_translation_of_a_quotation(quoted, submission, bob, text, into):
    translate(submission, "II.4", bob, into, measures=text)
    quoted.refresh_from_db()
    assert (quoted.translation, quoted.translated, quoted.object_by) == (None, [], None)


def test_a_translation_emptied_while_its_words_are_hidden_leaves_the_removal_to_be_decided(save, xaa, alice, erin):
    save(measures=FUND)
    request = remove(xaa, alice, "fund")
    save(by=alice, measures="Compensation is paid.")
    save(by=alice, measures="")
    refuse_withdrawal(pk=request.pk, by=alice)
    assert CourtesyTranslation.everyones.get().text == FUND


def test_attack_declining_one_removal_brings_back_the_translation_of_destroyed_words(save, answer, xaa, alice, erin):
    """Two requests for two words of one answer, whose translation has neither."""
    save(measures=FUND)
    first, second = remove(xaa, alice, "التعويض"), remove(xaa, alice, "الصندوق")
    confirm_withdrawal(pk=second.pk, by=erin)
    refuse_withdrawal(pk=first.pk, by=alice)
    answer.refresh_from_db()
    assert (answer.measures, CourtesyTranslation.everyones.get().text) == ("", "")
