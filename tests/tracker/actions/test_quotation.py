"""What a paper quotes: exact words that the State permits, of which it is notified, and to which it can object."""

import dataclasses
import datetime
import json

import pytest
from django.core import serializers
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.conftest import reread, save_for_xaa
from tests.submissions import STATED, item_of, opened_round, release_of_few, submit_ready
from tests.verification import find_errors
from tracker.actions.quotation import (
    move_quotation,
    notify_of_quotations,
    object_to_quotation,
    remove_quotation,
    save_quotation,
)
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import find_withdrawable, request_withdrawal
from tracker.models import Event, EventRow, Notification, Quotation
from tracker.models.quotation import passages_of, quote, split_sentences
from tracker.models.withdrawal import WithdrawalReason
from tracker.queries.quotations import (
    notified_quotations,
    open_quotations,
    open_quotations_of,
    quotations_for,
    read_quotable_submissions,
    tray_keys,
    tray_rows,
)
from tracker.workflow import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]

QUOTABLE = dataclasses.replace(STATED, quoted=True)
FRENCH = "Le fonds existe. Il avance l’indemnité. Depuis 2025, il la recouvre. Quetzalcanary le dirige."
CANARY = "Quetzalcanary"


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[2])


@pytest.fixture
def submission(xaa, alice, round_, unit):
    answer = Answer(status="implemented", measures=FRENCH, language="fr", ready=True)
    save_answer(respondent=xaa, unit=unit("II.4"), base=0, answer=answer, by=alice)
    answer = Answer(status="implemented", measures="An act was adopted.", ready=True)
    save_answer(respondent=xaa, unit=unit("II.5"), base=0, answer=answer, by=alice)
    return submit_ready(xaa, round_, alice, QUOTABLE)


@pytest.fixture
def release(submission, round_, bob):
    return release_of_few(round_, bob)


@pytest.fixture
def choose(submission, release, bob):
    def save(label="II.4", sentences=(1, 2), by=bob, field="measures", **translation):
        item = item_of(submission, label)
        return save_quotation(release=release, item=item, field=field, sentences=sentences, **translation, by=by)

    return save


TRANSLATED = {
    "translation": "The fund advances the compensation.",
    "translation_language": "en",
    "translator": "B. Lindqvist",
}


@pytest.fixture
def submit_anew(xaa, alice, round_, unit):
    """Submit another answer, and the others as before."""

    def submit(statements=QUOTABLE):
        save_for_xaa("II.6", "in_progress", measures="A bill.", ready=True)
        return submit_ready(xaa, round_, alice, statements)

    return submit


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def notify(release, by, languages=("en", "fr")) -> int:
    return sum(
        notify_of_quotations(release=release, language=language, object_by=in_days(10), by=by) for language in languages
    )


def words_in_paper(release, language="en") -> list[str]:
    return [row.words for rows in quotations_for(release, language).values() for row in rows]


def kept() -> str:
    """Everything that the table and the rows of events hold."""
    rows = serializers.serialize("json", Quotation.everyones.all(), ensure_ascii=False)
    return rows + json.dumps(list(EventRow.everyones.values_list("content", flat=True)), ensure_ascii=False)


# Exact words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("Article 3.2 applies.\n\n- A list\n- of two", ["Article 3.2 applies.", "- A list", "- of two"]),
        ("“It is so.” And so on", ["“It is so.”", "And so on"]),
        ("每名被害人均获得书面告知。包括期限。", ["每名被害人均获得书面告知。", "包括期限。"]),
        ("هل يُصرف التعويض؟ نعم.", ["هل يُصرف التعويض؟", "نعم."]),
        ("  \n", []),
    ],
)
def test_a_text_is_split_where_sentences_end(text, sentences):
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@pytest.mark.parametrize(
    ("sentences", "words"),
    [
        ([0, 1, 2], "One. Two?\nThree!"),
        ([0], "One. […]"),
        ([1], "[…] Two? […]"),
        ([2, 0], "One. […] Three!"),
        ([1, 2], "[…] Two?\nThree!"),
    ],
)
def test_what_is_left_out_is_marked_and_nothing_else_is_changed(sentences, words):
    text = "One. Two?\nThree! "
    assert quote(text, passages_of(text, sentences)) == words


def test_the_words_are_read_from_the_answer_and_kept_nowhere_else(choose):
    assert choose().words == "[…] Il avance l’indemnité. Depuis 2025, il la recouvre. […]"
    assert "indemnité" not in kept()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sentences": ()}, "sentences"),
        (TRANSLATED | {"translator": " "}, "translator"),
        (TRANSLATED | {"translation": " "}, "translation"),
        (TRANSLATED | {"translation_language": ""}, "translation_language"),
        (TRANSLATED | {"translation_language": "fr"}, "translation_language"),
        (TRANSLATED | {"translation_language": "und"}, "translation_language"),
        (TRANSLATED | {"translation": "The\x07 fund"}, "translation"),
        (TRANSLATED | {"translator": "B" * 201}, "translator"),
    ],
)
def test_an_error_is_shown_at_its_field(choose, values, field):
    with pytest.raises(ValidationError) as refused:
        choose(**values)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("values", [{"sentences": (4,)}, {"field": "lead_institution"}, {"field": "note"}])
def test_a_sentence_or_a_field_that_there_is_not_is_refused(choose, values):
    with pytest.raises(NotAllowed):
        choose(**values)


def test_a_state_that_does_not_permit_quotation_is_not_quoted(choose, submission, alice):
    change_use(submission=submission, quoted=False, by=alice)
    with pytest.raises(NotAllowed):
        choose()


def test_an_answer_that_the_release_does_not_count_is_not_quoted(xaa, alice, round_, unit, submission, release, bob):
    save_for_xaa("II.4", base=1, measures="Newer words.", ready=True)
    newer = submit_ready(xaa, round_, alice, QUOTABLE)
    with pytest.raises(NotAllowed):
        save_quotation(release=release, item=item_of(newer, "II.4"), field="measures", sentences=[0], by=bob)


# The paper


def test_a_quotation_enters_the_paper_once_its_state_is_notified(choose, release, bob, xaa, alice, charlie):
    choose("II.5", [0])
    assert words_in_paper(release) == []
    assert notify(release, bob) == 1
    found = [row for rows in quotations_for(release, "en").values() for row in rows]
    assert [(row.respondent.name, row.field, row.words, row.language, row.translation) for row in found] == [
        ("Arandia", "measures", "An act was adopted.", "en", "")
    ]
    assert open_quotations(release) == open_quotations_of(xaa, alice) == [(in_days(10), 1)]
    assert open_quotations_of(xaa, charlie) == []


def test_without_a_translation_words_in_another_language_are_not_in_the_paper(choose, release, bob):
    choose()
    notify(release, bob)
    assert words_in_paper(release, "en") == []
    assert words_in_paper(release, "fr") == ["[…] Il avance l’indemnité. Depuis 2025, il la recouvre. […]"]
    choose(**TRANSLATED)
    notify(release, bob)
    found = [row for rows in quotations_for(release, "en").values() for row in rows]
    assert [(row.language, row.translation, row.translator) for row in found] == [
        ("fr", "The fund advances the compensation.", "B. Lindqvist")
    ]
    assert [row.translation for rows in quotations_for(release, "fr").values() for row in rows] == [""]


def test_a_change_needs_another_notice(choose, release, bob):
    choose("II.5", [0])
    notify(release, bob)
    assert notify(release, bob) == 0
    choose("II.5", [0])
    assert words_in_paper(release) == ["An act was adopted."]
    choose("II.5", [0], translation="Une loi.", translation_language="fr", translator="UNODC")
    assert words_in_paper(release) == []
    assert notify(release, bob) == 1


def test_the_officers_order_is_that_of_the_paper(choose, release, bob):
    second, first = choose(sentences=[0], **TRANSLATED), choose("II.5", [0])
    notify(release, bob)
    move_quotation(quotation=first, above=second, by=bob)
    assert [row.pk for row in Quotation.everyones.order_by("position")] == [first.pk, second.pk]


def test_attack_an_officer_orders_quotations_of_a_state_under_a_restriction(choose, bob, erin, xaa):
    second, first = choose(sentences=[0], **TRANSLATED), choose("II.5", [0])
    add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(NotAllowed):
        move_quotation(quotation=first, above=second, by=reread(bob))
    assert [row.pk for row in Quotation.everyones.order_by("position")] == [second.pk, first.pk]


def test_a_newer_submission_keeps_the_quotation_of_the_release(choose, release, round_, xaa, alice, bob, unit):
    choose("II.5", [0])
    notify(release, bob)
    save_for_xaa("II.5", base=1, measures="Another act.", ready=True)
    submit_ready(xaa, round_, alice, QUOTABLE)
    assert words_in_paper(release) == ["An act was adopted."]


# Notice and objection


def test_the_focal_points_are_notified_with_the_date(choose, release, bob, alice):
    choose()
    notify(release, bob)
    rows = Notification.objects.filter(kind="quoted")
    assert [(row.user, row.path, row.context) for row in rows] == [
        (alice, "/desk/XAA/quotations/", {"due": in_days(10).isoformat()})
    ]
    event = Event.everyones.filter(respondent__code="XAA").latest("pk")
    assert (event.action, event.actor, event.after) == (
        "quotations sent",
        bob,
        f"1 quotations until {in_days(10).isoformat()}",
    )


def test_a_state_is_notified_only_of_what_can_enter_the_paper(choose, release, bob, xaa, alice):
    choose()
    readable = choose("II.5", [0])
    assert notify(release, bob, ["en"]) == 1
    assert [*notified_quotations(xaa, alice)] == [readable]
    translated = choose(**TRANSLATED)
    assert notify(release, bob, ["en"]) == 1
    assert [*notified_quotations(xaa, alice)] == [translated, readable]


def test_an_officer_who_may_not_read_a_state_does_not_notify_it(choose, release, bob, erin, xaa):
    choose("II.5", [0])
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert notify(release, reread(bob)) == 0
    assert not Notification.objects.filter(kind="quoted").exists()


def test_a_state_without_a_focal_point_cannot_be_notified(choose, release, bob, alice):
    choose("II.5", [0])
    alice.memberships.update(until=in_days(-1))
    assert (notify(release, bob), words_in_paper(release)) == (0, [])


@pytest.mark.parametrize("days", [0, -1])
def test_the_date_lies_ahead(choose, release, bob, days):
    choose()
    with pytest.raises(ValidationError):
        notify_of_quotations(release=release, language="fr", object_by=in_days(days), by=bob)


def test_a_state_sees_what_it_was_notified_of_and_no_quotation_of_others(choose, release, bob, xaa, alice, charlie):
    quotation = choose()
    assert [*notified_quotations(xaa, alice)] == []
    notify(release, bob)
    assert [*notified_quotations(xaa, alice)] == [quotation]
    assert [*notified_quotations(xaa, charlie)] == []
    assert list(Quotation.objects.visible_to(charlie)) == []


def test_an_objection_takes_the_quotation_out_for_good(choose, release, bob, alice):
    quotation = choose(**TRANSLATED)
    notify(release, bob)
    object_to_quotation(quotation=quotation, reason="It is out of date.", by=alice)
    quotation.refresh_from_db()
    assert (quotation.objected_by, quotation.reason, quotation.words, quotation.translation) == (
        alice,
        "It is out of date.",
        "[…] Il avance l’indemnité. Depuis 2025, il la recouvre. […]",
        "",
    )
    assert words_in_paper(release) == words_in_paper(release, "fr") == []
    with pytest.raises(NotAllowed):
        choose()
    with pytest.raises(NotAllowed):
        remove_quotation(quotation=quotation, by=bob)
    assert "advances" not in kept()


def test_a_reason_is_optional(choose, release, bob, alice):
    quotation = choose("II.5", [0])
    notify(release, bob)
    assert object_to_quotation(quotation=quotation, reason="", by=alice).reason == ""


def test_a_focal_point_of_the_state_objects_until_the_date(choose, release, bob, alice, charlie, xaa, victor):
    quotation = choose("II.5", [0])
    with pytest.raises(NotAllowed):
        object_to_quotation(quotation=quotation, reason="", by=alice)
    notify(release, bob)
    for person in (bob, charlie, victor):
        with pytest.raises(PermissionDenied):
            object_to_quotation(quotation=quotation, reason="", by=person)
    Quotation.everyones.filter(pk=quotation.pk).update(object_by=in_days(-1))
    with pytest.raises(NotAllowed):
        object_to_quotation(quotation=quotation, reason="", by=alice)
    assert words_in_paper(release) == ["An act was adopted."]
    Quotation.everyones.filter(pk=quotation.pk).update(object_by=in_days(10))


# What ends the permission


@pytest.fixture
def in_paper(choose, release, bob):
    """A quotation with a translation that has the canary."""
    quotation = choose(sentences=[3], **TRANSLATED | {"translation": f"{CANARY} directs it."})
    notify(release, bob)
    assert words_in_paper(release) == [f"[…] {CANARY} le dirige."]
    return quotation


def test_withdrawing_the_permission_deletes_the_quotation(in_paper, submission, release, alice):
    change_use(submission=submission, quoted=False, by=alice)
    assert (words_in_paper(release), CANARY in kept()) == ([], False)
    change_use(submission=submission, quoted=True, by=alice)
    assert words_in_paper(release) == []


def test_an_objection_stays_when_quotation_is_permitted_again(in_paper, choose, submission, bob, alice):
    object_to_quotation(quotation=in_paper, reason="It is out of date.", by=alice)
    for is_permitted in (False, True):
        change_use(submission=submission, quoted=is_permitted, by=alice)
    assert Quotation.everyones.get().reason == "It is out of date."
    with pytest.raises(NotAllowed):
        choose(sentences=[3])


def test_a_submission_that_does_not_permit_quotation_deletes_it(in_paper, submit_anew, release):
    submit_anew(STATED)
    assert (words_in_paper(release), Quotation.everyones.count()) == ([], 0)


def test_withdrawing_from_the_round_deletes_it(in_paper, submission, release, alice):
    withdraw_from_round(submission=submission, reason="Sent by mistake.", by=alice)
    assert (words_in_paper(release), CANARY in kept()) == ([], False)


def test_removing_words_of_the_answer_deletes_it(in_paper, xaa, alice, erin, release):
    request_withdrawal(respondent=xaa, by=alice, words="dirige", files=[], reason=WithdrawalReason.NAME)
    assert (words_in_paper(release), CANARY in kept()) == ([], False)


def test_a_removal_of_words_only_in_the_translation_deletes_it(choose, release, bob, xaa, alice, erin):
    choose(sentences=[0], **TRANSLATED | {"translation": "Headed by Coatlcanary."})
    notify(release, bob)
    places = find_withdrawable(respondent=xaa, by=alice, words="Coatlcanary", files=[]).places
    assert [place.where for place in places] == [
        "II.4 Civil society in prevention and protection strategies: quotation"
    ]
    request_withdrawal(respondent=xaa, by=alice, words="Coatlcanary", files=[], reason=WithdrawalReason.NAME)
    assert (words_in_paper(release, "fr"), "Coatlcanary" in kept()) == ([], False)


def test_removing_words_of_a_reason_leaves_the_objection(choose, release, bob, xaa, alice, erin):
    quotation = choose("II.5", [0])
    notify(release, bob)
    object_to_quotation(quotation=quotation, reason=f"It is about {CANARY}.", by=alice)
    request_withdrawal(respondent=xaa, by=alice, words=CANARY, files=[], reason=WithdrawalReason.NAME)
    quotation.refresh_from_db()
    assert (quotation.reason, quotation.objected_by, CANARY in kept()) == ("", alice, False)


def test_verification_finds_what_was_changed_past_the_site(choose, release, bob):
    quotation = choose()
    assert find_errors() == []
    Quotation.everyones.filter(pk=quotation.pk).update(passages=[[0, 5]])
    assert f"quotation {quotation.pk}: altered: passages" in find_errors()
    Quotation.everyones.filter(pk=quotation.pk).update(passages=quotation.passages)


def test_the_tray_says_what_is_not_in_the_paper(choose, release, unit, bob):
    choose()
    choose("II.5", [0])
    notify(release, bob)
    units = [unit("II.4"), unit("II.5")]
    keys = tray_keys(release, units, bob)
    rows = tray_rows(release, keys, units, read_quotable_submissions(release), "en", bob)
    assert {row.unit.label: (row.is_counted, row.is_readable) for row in rows} == {
        "II.4": (True, False),
        "II.5": (True, True),
    }
    [quoted] = [row for rows in quotations_for(release, "en").values() for row in rows]
    assert quoted.unit.label == "II.5"
