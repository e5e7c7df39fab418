"""What a paper quotes: exact words that the State permits, of which it is notified, and to which it can object."""

import dataclasses
import datetime
import json

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.conftest import reread, save_for_xaa
from tests.submissions import STATED, item_of, opened_round, release_of_few, submit_ready, translate
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
from tracker.models import CourtesyTranslation, Event, EventRow, Notification, Quotation
from tracker.models.quotation import find_passages, quote
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
    def save(
        label="II.4", words="Il avance l’indemnité. Depuis 2025, il la recouvre.", field="measures", into="en", **values
    ):
        item = item_of(submission, label)
        if values.get("translated"):
            translate(submission, label, bob, into, **{field: values["translated"]})
        return save_quotation(release=release, item=item, field=field, words=words, **values, by=bob)

    return save


TRANSLATED = {"translated": "The fund advances the compensation."}


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
    """Everything that the tables and the rows of events hold."""
    rows = [*Quotation.everyones.all(), *CourtesyTranslation.everyones.all()]
    contents = list(EventRow.everyones.values_list("content", flat=True))
    return serializers.serialize("json", rows, ensure_ascii=False) + json.dumps(contents, ensure_ascii=False)


# Exact words


ENGLISH = "The Trafficking Act (No. 9 of 2024) applies.\nA fund exists. It pays victims. A fund pays."
CHINESE = "每名被害人均获得书面告知。包括期限。主管部门为司法部，期限为三十天。"
ARABIC = "يُصرف التعويض من الصندوق. لا يلزم إدانة الجاني. والصندوق تديره وزارة العدل."


@pytest.mark.parametrize(
    ("text", "typed", "words"),
    [
        (
            ENGLISH,
            "Act (No. 9 of 2024) applies. A fund exists.",
            "[…] Act (No. 9 of 2024) applies.\nA fund exists. […]",
        ),
        (ENGLISH, "The Trafficking Act […] applies. [...] It pays victims. A fund pays.", None),
        (ENGLISH, "(No. 9 of 2024)", "[…] (No. 9 of 2024) […]"),
        (ENGLISH, ENGLISH.replace("\n", "\r\n"), ENGLISH),
        (CHINESE, "书面告知 […] 主管部门为司法部", "[…] 书面告知 […] 主管部门为司法部 […]"),
        (ARABIC, "يُصرف التعويض […] والصندوق تديره وزارة العدل.", "يُصرف التعويض […] والصندوق تديره وزارة العدل."),
    ],
)
def test_pasted_words_are_found_and_cuts_are_marked(text, typed, words):
    expected = "The Trafficking Act […] applies. […] It pays victims. A fund pays." if words is None else words
    assert quote(text, find_passages(text, typed)) == expected


ABSENT = "The text does not have the words “%s”. Copy the words from the text."
REPEATED = "The text has the words “%s” more than once. Copy more of the words around them."
REORDERED = "The words “%s” do not come after the words before them. Keep the order of the text."


@pytest.mark.parametrize(
    ("text", "typed", "refusal"),
    [
        (ENGLISH, "The Trafficking Act has applied", ABSENT % "has applied"),
        (ENGLISH, "afficking Act", ABSENT % "afficking Act"),
        (ENGLISH, "A fund […] It pays", REPEATED % "A fund"),
        (ENGLISH, "It pays victims. […] A fund exists.", REORDERED % "A fund exists."),
        (ENGLISH, "It pays victims. […] It pays victims.", REORDERED % "It pays victims."),
        (CHINESE, "期限", REPEATED % "期限"),
        (CHINESE, "主管部门为内政部", ABSENT % "主管部门为内政部"),
        (CHINESE, "司法部 […] 书面告知", REORDERED % "书面告知"),
        (ARABIC, "يُصرف التعويض من الخزينة", ABSENT % "الخزينة"),
        (ARABIC, "تديره وزارة العدل […] لا يلزم", REORDERED % "لا يلزم"),
        (f"{ENGLISH} {'on ' * 99}", f"{'on ' * 98}", REPEATED % f"{'on ' * 19}on…"),
    ],
)
def test_absent_repeated_and_reordered_words_are_refused_by_name(text, typed, refusal):
    with pytest.raises(ValidationError) as refused:
        find_passages(text, typed)
    assert refused.value.messages == [refusal]


def test_the_words_are_read_from_the_answer_and_kept_nowhere_else(choose):
    assert choose().words == "[…] Il avance l’indemnité. Depuis 2025, il la recouvre. […]"
    assert "indemnité" not in kept()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"words": " […] "}, "words"),
        ({"words": "Il n’existe pas."}, "words"),
        ({"translated": "The fund has no head."}, "translated"),
        ({"translated": "The\x07 fund"}, "translated"),
    ],
)
def test_an_error_is_shown_at_its_field(submission, release, bob, values, field):
    translate(submission, "II.4", bob, measures="The fund advances the compensation.")
    typed = {"words": "Le fonds existe."} | values
    with pytest.raises(ValidationError) as refused:
        save_quotation(release=release, item=item_of(submission, "II.4"), field="measures", **typed, by=bob)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("field", ["lead_institution", "note"])
def test_a_field_that_cannot_be_quoted_is_refused(choose, field):
    with pytest.raises(NotAllowed):
        choose(field=field)


def test_a_state_that_does_not_permit_quotation_is_not_quoted(choose, submission, alice):
    change_use(submission=submission, quoted=False, by=alice)
    with pytest.raises(NotAllowed):
        choose()


def test_an_answer_that_the_release_does_not_count_is_not_quoted(xaa, alice, round_, unit, submission, release, bob):
    save_for_xaa("II.4", base=1, measures="Newer words.", ready=True)
    newer = submit_ready(xaa, round_, alice, QUOTABLE)
    with pytest.raises(NotAllowed):
        save_quotation(release=release, item=item_of(newer, "II.4"), field="measures", words="Newer words.", by=bob)


# The paper


def test_a_quotation_enters_the_paper_once_its_state_is_notified(choose, release, bob, xaa, alice, charlie):
    choose("II.5", "An act was adopted.")
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
        ("fr", "The fund advances the compensation.", "the Secretariat")
    ]
    assert [row.translation for rows in quotations_for(release, "fr").values() for row in rows] == [""]


def test_a_change_needs_another_notice(choose, release, bob):
    choose("II.5", "An act was adopted.")
    notify(release, bob)
    assert notify(release, bob) == 0
    choose("II.5", "An act was adopted.")
    assert words_in_paper(release) == ["An act was adopted."]
    choose("II.5", "An act was adopted.", translated="Une loi.", into="fr")
    assert words_in_paper(release) == []
    assert notify(release, bob) == 1


def test_the_officers_order_is_that_of_the_paper(choose, release, bob):
    second, first = choose(words="Le fonds existe.", **TRANSLATED), choose("II.5", "An act was adopted.")
    notify(release, bob)
    move_quotation(quotation=first, above=second, by=bob)
    assert [row.pk for row in Quotation.everyones.order_by("position")] == [first.pk, second.pk]


def test_attack_an_officer_orders_quotations_of_a_state_under_a_restriction(choose, bob, erin, xaa):
    second, first = choose(words="Le fonds existe.", **TRANSLATED), choose("II.5", "An act was adopted.")
    add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(NotAllowed):
        move_quotation(quotation=first, above=second, by=reread(bob))
    assert [row.pk for row in Quotation.everyones.order_by("position")] == [second.pk, first.pk]


def test_a_newer_submission_keeps_the_quotation_of_the_release(choose, release, round_, xaa, alice, bob, unit):
    choose("II.5", "An act was adopted.")
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
    readable = choose("II.5", "An act was adopted.")
    assert notify(release, bob, ["en"]) == 1
    assert [*notified_quotations(xaa, alice)] == [readable]
    translated = choose(**TRANSLATED)
    assert notify(release, bob, ["en"]) == 1
    assert [*notified_quotations(xaa, alice)] == [translated, readable]


def test_an_officer_who_may_not_read_a_state_does_not_notify_it(choose, release, bob, erin, xaa):
    choose("II.5", "An act was adopted.")
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert notify(release, reread(bob)) == 0
    assert not Notification.objects.filter(kind="quoted").exists()


def test_a_state_without_a_focal_point_cannot_be_notified(choose, release, bob, alice):
    choose("II.5", "An act was adopted.")
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
    assert (quotation.objected_by, quotation.reason, quotation.words, quotation.translation_words) == (
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


def test_a_focal_point_objects_until_the_date_with_or_without_a_reason(choose, release, bob, alice):
    quotation = choose("II.5", "An act was adopted.")
    with pytest.raises(NotAllowed):
        object_to_quotation(quotation=quotation, reason="", by=alice)
    notify(release, bob)
    Quotation.everyones.filter(pk=quotation.pk).update(object_by=in_days(-1))
    with pytest.raises(NotAllowed):
        object_to_quotation(quotation=quotation, reason="", by=alice)
    assert words_in_paper(release) == ["An act was adopted."]
    Quotation.everyones.filter(pk=quotation.pk).update(object_by=in_days(10))
    assert object_to_quotation(quotation=quotation, reason="", by=alice).reason == ""


# What ends the permission


@pytest.fixture
def in_paper(choose, release, bob):
    """A quotation with a translation that has the canary."""
    quotation = choose(words=f"{CANARY} le dirige.", translated=f"{CANARY} directs it.")
    notify(release, bob)
    assert words_in_paper(release) == [f"[…] {CANARY} le dirige."]
    return quotation


def test_withdrawing_the_permission_deletes_the_quotation(in_paper, submission, release, alice):
    change_use(submission=submission, quoted=False, by=alice)
    assert (words_in_paper(release), Quotation.everyones.count()) == ([], 0)
    change_use(submission=submission, quoted=True, by=alice)
    assert words_in_paper(release) == []


def test_an_objection_stays_when_quotation_is_permitted_again(in_paper, choose, submission, bob, alice):
    object_to_quotation(quotation=in_paper, reason="It is out of date.", by=alice)
    for is_permitted in (False, True):
        change_use(submission=submission, quoted=is_permitted, by=alice)
    assert Quotation.everyones.get().reason == "It is out of date."
    with pytest.raises(NotAllowed):
        choose(words=f"{CANARY} le dirige.")


def test_a_submission_that_does_not_permit_quotation_deletes_it(in_paper, submit_anew, release):
    submit_anew(STATED)
    assert (words_in_paper(release), Quotation.everyones.count()) == ([], 0)


def test_withdrawing_from_the_round_deletes_it(in_paper, submission, release, alice):
    withdraw_from_round(submission=submission, reason="Sent by mistake.", by=alice)
    assert (words_in_paper(release), Quotation.everyones.count()) == ([], 0)


def test_removing_words_of_the_answer_deletes_it(in_paper, xaa, alice, erin, release):
    request_withdrawal(respondent=xaa, by=alice, words="dirige", files=[], reason=WithdrawalReason.NAME)
    assert (words_in_paper(release), CANARY in kept()) == ([], False)


def test_a_removal_of_words_only_in_the_translation_deletes_it(choose, release, bob, xaa, alice, erin):
    choose(words="Le fonds existe.", translated="Headed by Coatlcanary.")
    notify(release, bob)
    places = find_withdrawable(respondent=xaa, by=alice, words="Coatlcanary", files=[]).places
    assert [place.where for place in places] == [
        "II.4 Civil society in prevention and protection strategies: courtesy translation"
    ]
    request_withdrawal(respondent=xaa, by=alice, words="Coatlcanary", files=[], reason=WithdrawalReason.NAME)
    assert (words_in_paper(release, "fr"), "Coatlcanary" in kept()) == ([], False)


def test_removing_words_of_a_reason_leaves_the_objection(choose, release, bob, xaa, alice, erin):
    quotation = choose("II.5", "An act was adopted.")
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
    choose("II.5", "An act was adopted.")
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
