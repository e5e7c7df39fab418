"""Each save is a new revision, says nothing twice, and is never lost to another's."""

import re
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import make_person
from tests.races import LOCKS, done_first, results_at_once, statements_of
from tests.thorough import times
from tests.verification import find_errors
from tracker.actions.draft import Tab
from tracker.actions.record import (
    Answer,
    StaleAnswer,
    StaleNote,
    _append_revisions,
    next_revision,
    restore_revision,
    save_answer,
    save_edit,
    save_note,
)
from tracker.actions.user import close_account, end_membership
from tracker.actions.withdrawal import request_withdrawal
from tracker.models import Citation, Event, Evidence, EvidenceVersion, Membership, Record, Revision, User
from tracker.models.answer_rules import answer_errors
from tracker.models.digest import digest_value, salt_fields
from tracker.models.draft import new_tab
from tracker.models.record import ReceivedDetails
from tracker.models.respondent import Respondent, RespondentKind, TreatyStatus
from tracker.models.status import Status
from tracker.models.user import Role

NO_NOTE = digest_value("")
IMPLEMENTED = Answer(status=Status.IMPLEMENTED, measures="Law No. 17 of 2022.")
FULL = Answer(
    status=Status.PARTIALLY_IMPLEMENTED,
    reasons="Funds.",
    measures="قانون ضحايا الجريمة\n\nЗакон № 17, 2022 年",
    difficulties="Awards are rarely enforced.",
    assistance_kinds=["training", "data"],
    assistance="Two trainers.",
    good_practice=True,
    good_practice_shared=True,
    items_met=["IV.46(i)(ii)", "IV.46(i)(iii)"],
    lead_institution="Ministry of Justice",
    target_date=date(2027, 6, 30),
    situation_as_at=date(2026, 10, 20),
    language="ar",
    ready=True,
)


@pytest.fixture
def save(xaa, alice, unit):
    """Save an answer of XAA to I.13, or to another unit, as alice."""

    def save_(answer=IMPLEMENTED, *, label="I.13", base=0, by=alice, **kwargs):
        return save_answer(respondent=xaa, unit=unit(label), base=base, answer=answer, by=by, **kwargs)

    return save_


def make_evidence(respondent, author, number=1, title="Victims of Crime Act") -> EvidenceVersion:
    evidence = Evidence.everyones.create(respondent=respondent, number=number)
    version = EvidenceVersion(
        evidence=evidence,
        number=1,
        title=title,
        kind="law",
        language="en",
        form="citation",
        citation="OG 12",
        author=author,
    )
    version.salts, version.field_digests = salt_fields(version.digested_fields())
    version.digest = version.make_digest()
    version.save(force_insert=True)
    return version


def stored(respondent, label="I.13") -> list[Revision]:
    """The revisions of a record, as they come back from the database."""
    return list(
        Revision.everyones.filter(record__respondent=respondent, record__recommendation__label=label).order_by("number")
    )


def citations_of(revision) -> list[Citation]:
    return list(Citation.everyones.filter(revision=revision).order_by("position"))


def messages(error: ValidationError) -> dict:
    return error.message_dict


# A save is a revision


def test_the_first_save_is_revision_1_and_current(save, xaa, alice, unit):
    revision = save()

    [kept] = stored(xaa)
    assert kept == revision
    assert (kept.number, kept.author, kept.wording, kept.previous_digest) == (
        1,
        alice,
        unit("I.13").current_wording,
        "",
    )
    assert Record.everyones.get(respondent=xaa).current == kept


def test_a_version_that_only_adds_evidence_says_so_and_ready_stays(save, xaa, alice):
    law, act = make_evidence(xaa, alice), make_evidence(xaa, alice, 2, "Act")
    ready = replace(IMPLEMENTED, ready=True)
    versions = [
        save(ready),
        save(replace(ready, citations=[(law, "art. 9")]), base=1),
        save(replace(ready, citations=[(act, ""), (law, "art. 9")]), base=2),
        save(replace(ready, citations=[(law, "art. 9")]), base=3),
        save(replace(ready, measures="Law", citations=[(law, "art. 9"), (act, "")]), base=4),
        save(replace(ready, measures="Law", citations=[(law, "art. 10"), (act, "")]), base=5),
    ]
    assert [version.change_text for version in versions] == ["", "Evidence added", "Evidence added", "", "", ""]
    assert {version.ready for version in versions} == {True}


def test_every_field_of_an_answer_is_stored_unchanged(save, xaa):
    save(FULL, label="IV.46(i)")

    [kept] = stored(xaa, "IV.46(i)")
    assert Answer.of(kept) == FULL


def test_the_next_save_is_revision_2_chained_to_the_first(save, xaa):
    first = save()
    second = save(replace(IMPLEMENTED, measures="And Law No. 4 of 2026."), base=1, change_reason="New law")

    assert stored(xaa) == [first, second]
    assert (second.number, second.previous_digest, second.change_reason) == (2, first.digest, "New law")
    assert Record.everyones.get(respondent=xaa).current == second


def test_saving_the_same_again_saves_nothing(save, xaa):
    first = save()

    assert save(base=1) is None
    assert stored(xaa) == [first]


FROM_JUSTICE = ReceivedDetails("Ministry of Justice", date(2026, 3, 3))


def test_what_an_institution_sent_is_marked_and_the_next_save_is_not(save, xaa):
    first = save(received=FROM_JUSTICE)
    save(replace(IMPLEMENTED, measures="And Law No. 4 of 2026."), base=1)

    assert [ReceivedDetails.of(revision) for revision in stored(xaa)] == [FROM_JUSTICE, ReceivedDetails()]
    assert restore_revision(revision=first, base=2, by=first.author).received_on is None


def test_that_an_institution_sent_the_same_is_a_revision_once(save, xaa):
    save()
    save(base=1, received=FROM_JUSTICE)

    assert save(base=1, received=FROM_JUSTICE) is None
    assert save(base=2) is None
    assert [ReceivedDetails.of(revision) for revision in stored(xaa)] == [ReceivedDetails(), FROM_JUSTICE]


@pytest.mark.parametrize(
    ("received", "field", "message"),
    [
        (ReceivedDetails("Ministry of Justice"), "received_on", "Enter the date when the information was received."),
        (ReceivedDetails(on=date(2026, 3, 3)), "received_from", "Enter the institution that sent the information."),
        (ReceivedDetails("  ", date(2026, 3, 3)), "received_from", "Enter the institution that sent the information."),
        (ReceivedDetails("Ministry", date(206, 3, 3)), "received_on", "Enter a date between 1945 and 2100."),
        (ReceivedDetails("Ministry", date(2099, 3, 3)), "received_on", "The date must be today or earlier."),
        (
            ReceivedDetails("x" * 201, date(2026, 3, 3)),
            "received_from",
            "The text is too long: at most 200 characters. It has 201.",
        ),
    ],
)
def test_an_institution_and_a_day_go_together(save, xaa, received, field, message):
    with pytest.raises(ValidationError) as refused:
        save(received=received)

    assert messages(refused.value) == {field: [message]}
    assert stored(xaa) == []


def test_a_double_click_saves_once(save, xaa):
    first = save(base=0)

    assert save(base=0) is None
    assert stored(xaa) == [first]
    assert Event.everyones.filter(action="answer saved").count() == 1


def test_digests_hold_after_the_round_trip(save, xaa, alice):
    cited = replace(FULL, citations=[(make_evidence(xaa, alice), "arts. 9–14")])
    save(cited, label="IV.46(i)")
    save(replace(cited, ready=False), label="IV.46(i)", base=1)

    assert [revision.holds(citations_of(revision)) for revision in stored(xaa, "IV.46(i)")] == [True, True]


def test_the_event_names_both_revisions_by_digest_and_none_of_the_words(save, alice):
    first = save()
    second = save(replace(IMPLEMENTED, measures="Other words."), base=1)

    event = Event.everyones.filter(action="answer saved").last()
    assert (event.actor, event.target) == (alice, "record I.13")
    assert event.before == f"revision 1 {first.digest}"
    assert event.after == f"revision 2 {second.digest}"


def test_evidence_is_cited_in_order_with_its_pinpoints(save, xaa, alice):
    law, report = make_evidence(xaa, alice, 1), make_evidence(xaa, alice, 2, "Annual report")
    revision = save(replace(IMPLEMENTED, citations=[(report, "p. 22"), (law, "")]))

    assert [(c.position, c.evidence_version, c.pinpoint) for c in citations_of(revision)] == [
        (1, report, "p. 22"),
        (2, law, ""),
    ]


def test_a_changed_pinpoint_is_enough_for_a_new_version(save, xaa, alice):
    law = make_evidence(xaa, alice)
    save(replace(IMPLEMENTED, citations=[(law, "art. 9")]))

    assert save(replace(IMPLEMENTED, citations=[(law, "art. 10")]), base=1).number == 2


def test_a_save_takes_as_many_queries_with_many_citations_as_with_few(save, xaa, alice, django_assert_max_num_queries):
    pieces = [(make_evidence(xaa, alice, number), "") for number in range(1, 31)]
    save(replace(IMPLEMENTED, citations=pieces[:2]))

    with django_assert_max_num_queries(20):
        save(replace(IMPLEMENTED, citations=pieces), base=1)


@pytest.mark.django_db(transaction=True)
def test_a_save_checks_and_analyses_first_and_is_one_transaction(save, xaa, alice):
    law, tab = make_evidence(xaa, alice), Tab(new_tab())
    save(label="I.14")  # an event, which the next one follows
    first = statements_of(partial(save, tab=tab))
    second = statements_of(partial(save, replace(IMPLEMENTED, measures="Another law."), base=1, tab=tab))
    citing = statements_of(partial(save, replace(IMPLEMENTED, citations=[(law, "art. 9")]), base=2, tab=tab))

    index = ["SAVEPOINT", "UPDATE", "INSERT", "RELEASE"]
    new_in_index = ["SAVEPOINT", "UPDATE", "DELETE", "INSERT", "RELEASE"]
    assert first[1] == [*LOCKS, "INSERT draft", "INSERT record", "INSERT revision", "INSERT event", *new_in_index]
    assert second[1] == [*LOCKS, "INSERT draft", "INSERT revision", "INSERT event", *index]
    assert citing[1] == [*LOCKS, "INSERT draft", "INSERT revision", "INSERT citation", "INSERT event", *index]
    for before, _written, after in (first, second, citing):
        assert before[1:6] == ["SELECT chainhead", "SELECT membership", "SELECT respondent", "SELECT", "SELECT record"]
        assert {asked.split()[0] for asked in before} == {"SELECT"}
        assert after == []


@pytest.mark.django_db(transaction=True)
def test_a_note_that_is_not_changed_takes_no_lock(xaa, alice, unit):
    node = unit("I.13")
    save_note(respondent=xaa, unit=node, note="Ask.", by=alice)
    with CaptureQueriesContext(connection) as captured:
        save_note(respondent=xaa, unit=node, note="Ask.", base=Record(note="Ask.").note_digest, by=alice)
    assert len(captured) == 0


# Who may, and what


@pytest.mark.parametrize("label", ["IV.46(i)(ii)", "IV.45(a)", "IV.46"])
def test_only_units_are_answered(save, xaa, label):
    with pytest.raises(ValidationError):
        save(label=label)
    assert stored(xaa, label) == []


def test_a_party_may_answer_what_is_put_to_states_not_yet_parties(save):
    assert save(label="I.2").number == 1


def test_the_european_union_answers_only_what_is_asked_of_it(unit):
    union = Respondent.objects.create(
        code="XEU", name="A union", kind=RespondentKind.EUROPEAN_UNION, treaty_status=TreatyStatus.PARTY
    )
    person = make_person("eve", Role.FOCAL_POINT, union)
    with pytest.raises(ValidationError):
        save_answer(respondent=union, unit=unit("I.1"), base=0, answer=IMPLEMENTED, by=person)


def test_evidence_of_another_state_cannot_be_cited(save, xaa, xbb, charlie):
    with pytest.raises(PermissionDenied):
        save(replace(IMPLEMENTED, citations=[(make_evidence(xbb, charlie), "")]))
    assert stored(xaa) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "done"}, "status"),
        ({"status": Status.CONSIDERED_NOT_TAKEN_UP}, "reasons"),
        ({"status": Status.CONSIDERED_NOT_TAKEN_UP, "reasons": "  \n"}, "reasons"),
        ({"status": Status.NOT_APPLICABLE}, "reason_code"),
        ({"status": Status.NOT_APPLICABLE, "reason_code": "because"}, "reason_code"),
        ({"status": Status.NOT_APPLICABLE, "reason_code": "other"}, "reasons"),
        ({"reason_code": "not_a_party"}, "reason_code"),
        ({"good_practice_shared": True}, "good_practice_shared"),
        ({"items_met": ["IV.46(i)(ii)"]}, "items_met"),
        ({"assistance_kinds": ["money"]}, "assistance_kinds"),
        ({"language": "xx"}, "language"),
        ({"target_date": date(207, 6, 30)}, "target_date"),
        ({"situation_as_at": date(9999, 1, 1)}, "situation_as_at"),
        ({"situation_as_at": date(2099, 1, 1)}, "situation_as_at"),
        ({"measures": "x" * 20_001}, "measures"),
        ({"lead_institution": "x" * 201}, "lead_institution"),
        ({"difficulties": "an\x00other"}, "difficulties"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused_at_its_field(save, xaa, changes, field):
    with pytest.raises(ValidationError) as refused:
        save(replace(IMPLEMENTED, **changes))

    assert list(messages(refused.value)) == [field]
    assert stored(xaa) == []


def test_a_reason_for_the_change_that_is_too_long_is_refused(save):
    with pytest.raises(ValidationError) as refused:
        save(change_reason="x" * 301)
    assert messages(refused.value) == {"change_reason": ["The text is too long: at most 300 characters. It has 301."]}


def test_the_invisible_character_is_named_with_the_words_before_it(unit):
    [problem] = answer_errors(unit("I.13"), replace(IMPLEMENTED, measures="The Fund paid\x07 38 victims"))["measures"]

    assert problem.messages == ["Remove the invisible character U+0007 after “The Fund paid”: it cannot be saved."]


def test_twenty_thousand_characters_in_any_script_are_kept(save, xaa):
    text = "ضحية 受害者 жертва 👩‍⚖️ "[:20] * 1000
    save(replace(IMPLEMENTED, measures=text[:20_000]))

    assert stored(xaa)[0].measures == text[:20_000]


@pytest.mark.parametrize(
    ("label", "item", "accepted"),
    [("IV.46(i)", "IV.46(i)(ii)", True), ("IV.46(j)", "IV.46(i)(ii)", False), ("I.13", "IV.46(i)(ii)", False)],
)
def test_items_met_are_of_this_text(unit, label, item, accepted):
    broken = answer_errors(unit(label), replace(IMPLEMENTED, items_met=[item]))
    assert broken == ({} if accepted else {"items_met": ["Choose from the list."]})


def test_a_version_is_cited_once_in_a_revision(save, xaa, alice):
    law = make_evidence(xaa, alice)
    with pytest.raises(ValidationError) as refused:
        save(replace(IMPLEMENTED, citations=[(law, "art. 9"), (law, "art. 10")]))
    assert list(messages(refused.value)) == ["citations"]


# No lost update


def test_an_answer_begun_before_another_was_saved_is_refused_with_the_newer_one(save, xaa):
    save()
    newer = save(replace(IMPLEMENTED, measures="Hers"), base=1)

    with pytest.raises(StaleAnswer) as stale:
        save(replace(IMPLEMENTED, measures="His"), base=1)
    assert stale.value.current == newer
    assert [revision.measures for revision in stored(xaa)] == ["Law No. 17 of 2022.", "Hers"]


@pytest.mark.parametrize("base", [0, 2, 10**30, -1])
def test_a_base_that_is_not_the_current_revision_is_stale(save, base):
    save()
    with pytest.raises(StaleAnswer):
        save(replace(IMPLEMENTED, measures="Other"), base=base)


def test_the_database_refuses_a_second_revision_of_the_same_number(save, xaa, alice):
    first = save()
    unlocked = Record.everyones.select_related("current").get(respondent=xaa)
    newer = save(replace(IMPLEMENTED, measures="Hers"), base=1)

    assert unlocked.current == first
    other = next_revision(unlocked, replace(IMPLEMENTED, measures="Other"), by=alice, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        _append_revisions(xaa, [other], "answer saved", alice)
    assert stored(xaa) == [first, newer]


# What comes between reading and writing


def test_an_answer_to_another_text_saved_in_between_stays(save, xaa):
    save()
    with done_first(partial(save, label="I.14")):
        save(replace(IMPLEMENTED, measures="Another law."), base=1)
    assert [len(stored(xaa, label)) for label in ("I.13", "I.14")] == [2, 1]
    targets = Event.everyones.filter(action="answer saved").order_by("number").values_list("target", flat=True)
    assert list(targets) == ["record I.13", "record I.14", "record I.13"]
    assert list(find_errors()) == []


def test_what_is_saved_again_locks_the_head_of_the_chain_last(save):
    """As every action does: two that lock the same rows in another order wait for each other."""
    save()
    with CaptureQueriesContext(connection) as captured, done_first(partial(save, label="I.14")):
        save(replace(IMPLEMENTED, measures="Another law."), base=1)
    asked = [re.search('INTO "tracker_(revision)"|FROM "tracker_(chainhead)"', query["sql"]) for query in captured]
    assert [found[1] or found[2] for found in asked if found][-2:] == ["revision", "chainhead"]


def test_an_answer_to_the_same_text_that_came_between_is_not_overwritten(save, xaa):
    save()
    between = partial(save, replace(IMPLEMENTED, measures="Law No. 18."), base=1)
    with pytest.raises(StaleAnswer) as stale, done_first(between):
        save(replace(IMPLEMENTED, measures="Another law."), base=1)
    assert [stale.value.current] == stored(xaa)[1:]


def test_an_edit_is_combined_with_what_came_between(save, edit, xaa):
    save()
    with done_first(partial(save, replace(IMPLEMENTED, measures="Law No. 18."), base=1)):
        edit(lead_institution="Court")
    last = stored(xaa)[-1]
    assert (last.number, last.measures, last.lead_institution) == (3, "Law No. 18.", "Court")


def test_a_note_that_came_between_is_not_overwritten(xaa, alice, unit):
    save_note(respondent=xaa, unit=unit("I.13"), note="Ask.", by=alice)
    note = partial(save_note, respondent=xaa, unit=unit("I.13"), base=digest_value("Ask."), by=alice)
    with pytest.raises(StaleNote) as stale, done_first(partial(note, note="Theirs")):
        note(note="Mine")
    assert stale.value.current == "Theirs"


def test_words_that_were_removed_in_between_do_not_come_back(save, xaa, alice, erin):
    save(replace(IMPLEMENTED, measures="Jane Doe was helped."))
    remove = partial(request_withdrawal, respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    with pytest.raises(StaleAnswer), done_first(remove):
        save(replace(IMPLEMENTED, measures="Jane Doe was helped in 2022."), base=1)
    assert [revision.measures for revision in stored(xaa)] == [""]


@pytest.mark.parametrize("ends", ["role", "account"])
def test_nobody_saves_whose_role_or_account_ended_in_between(ends, save, xaa, alice, erin):
    carla = make_person("carla", Role.CONTRIBUTOR, xaa)
    end = {
        "role": partial(end_membership, membership=Membership.objects.get(user=carla), by=alice),
        "account": partial(close_account, user=User.objects.get(pk=carla.pk), by=erin),
    }[ends]
    first = save()
    with pytest.raises(PermissionDenied), done_first(end):
        save(replace(IMPLEMENTED, measures="Another law."), base=1, by=carla)
    assert stored(xaa) == [first]


# Two editors


@pytest.fixture
def edit(xaa, alice, unit):
    def edit_(base=1, *, by=alice, **changed):
        answer = replace(IMPLEMENTED, **changed)
        return save_edit(respondent=xaa, unit=unit("I.13"), base=base, answer=answer, by=by)

    return edit_


def test_an_edit_of_an_older_version_is_combined_with_the_newest(save, edit, xaa, alice):
    law, act = make_evidence(xaa, alice), make_evidence(xaa, alice, number=2)
    save(IMPLEMENTED)
    save(replace(IMPLEMENTED, measures="Law No. 18.", citations=[(law, "art. 9")]), base=1)
    revision = edit(lead_institution="Court", citations=[(act, "")])

    assert Answer.of(revision) == replace(
        IMPLEMENTED, measures="Law No. 18.", lead_institution="Court", citations=[(law, "art. 9"), (act, "")]
    )
    assert (revision.number, revision.change_text) == (3, "Combined with version 2")


def test_an_edit_that_only_adds_evidence_says_so_and_leaves_the_mark(save, edit, xaa, alice):
    act = make_evidence(xaa, alice)
    save(IMPLEMENTED)
    save(replace(IMPLEMENTED, measures="Law No. 18.", ready=True), base=1)
    revision = edit(citations=[(act, "")])
    assert (revision.change_text, revision.ready, revision.measures) == ("Evidence added", True, "Law No. 18.")


def test_a_field_that_both_changed_is_refused_with_the_combination(save, edit, xaa):
    save()
    newer = save(replace(IMPLEMENTED, measures="Theirs", lead_institution="Court"), base=1)
    with pytest.raises(StaleAnswer) as stale:
        edit(measures="Mine")
    assert stale.value.current == newer
    assert [part.key for part in stale.value.combination.clashes] == ["measures"]
    assert stale.value.combination.answer.lead_institution == "Court"
    assert len(stored(xaa)) == 2


@pytest.mark.parametrize("base", [2, 10**30, -1])
def test_an_edit_of_no_version_is_refused(save, edit, base):
    save()
    with pytest.raises(StaleAnswer) as stale:
        edit(base, measures="Other")
    assert stale.value.combination is None


def test_a_person_without_permission_learns_nothing_of_the_newer_version(save, edit, charlie):
    save()
    save(replace(IMPLEMENTED, measures="Theirs"), base=1)
    with pytest.raises(PermissionDenied):
        edit(measures="Mine", by=charlie)


def test_the_same_edit_again_saves_nothing(save, edit, xaa):
    save()
    save(replace(IMPLEMENTED, measures="Theirs"), base=1)
    assert edit(lead_institution="Court").number == 3
    assert edit(lead_institution="Court") is None
    assert len(stored(xaa)) == 3


# Restoring


def test_restoring_repeats_an_earlier_version_as_a_new_version(save, xaa, alice):
    law = make_evidence(xaa, alice)
    first = save(replace(IMPLEMENTED, citations=[(law, "art. 9")]))
    save(replace(IMPLEMENTED, measures="A slip"), base=1)

    restored = restore_revision(revision=first, base=2, by=alice)

    assert Answer.of(restored) == Answer.of(first)
    assert (restored.number, restored.source) == (3, first)
    assert (restored.change_code, restored.change_details) == ("restored", "1")
    assert restored.change_text == "Restored from version 1"
    assert restored.holds(citations_of(restored))


def test_restoring_over_a_newer_revision_is_refused(save, alice):
    first = save()
    save(replace(IMPLEMENTED, measures="Two"), base=1)
    save(replace(IMPLEMENTED, measures="Three"), base=2)

    with pytest.raises(StaleAnswer):
        restore_revision(revision=first, base=2, by=alice)


def test_restoring_what_is_current_saves_nothing(save, alice):
    assert restore_revision(revision=save(), base=1, by=alice) is None


# The desk note


def test_an_internal_note_is_separate_and_makes_no_new_version(xaa, alice, unit):
    save_note(respondent=xaa, unit=unit("I.13"), base=NO_NOTE, note="Ask the ministry.", by=alice)

    record = Record.everyones.get(respondent=xaa)
    assert (record.note, record.current) == ("Ask the ministry.", None)
    assert Event.everyones.get(action="note saved").after == ""


def test_a_note_is_not_lost_to_another(xaa, alice, unit):
    note = {"respondent": xaa, "unit": unit("I.13"), "by": alice}
    save_note(**note, base=NO_NOTE, note="Hers")

    with pytest.raises(StaleNote) as stale:
        save_note(**note, base=NO_NOTE, note="His")
    assert stale.value.current == "Hers"
    save_note(**note, base=NO_NOTE, note="Hers")
    save_note(**note, base=digest_value("Hers"), note="Both")
    assert Record.everyones.get(respondent=xaa).note == "Both"
    assert Event.everyones.filter(action="note saved").count() == 2


def test_a_page_that_did_not_change_the_note_leaves_a_newer_one(xaa, alice, unit):
    note = {"respondent": xaa, "unit": unit("I.13"), "by": alice}
    save_note(**note, base=NO_NOTE, note="First")
    save_note(**note, base=digest_value("First"), note="Second")
    save_note(**note, base=digest_value("First"), note="First")
    save_note(**note, base=NO_NOTE, note="")
    assert Record.everyones.get(respondent=xaa).note == "Second"
    assert Event.everyones.filter(action="note saved").count() == 2


@pytest.mark.parametrize("note", ["x" * 20_001, "nul\x00"])
def test_a_note_that_cannot_be_kept_is_refused(xaa, alice, unit, note):
    with pytest.raises(ValidationError) as refused:
        save_note(respondent=xaa, unit=unit("I.13"), base=NO_NOTE, note=note, by=alice)
    assert list(messages(refused.value)) == ["note"]


# Many at once


@pytest.mark.django_db(transaction=True)
def test_forty_answers_by_twenty_people_at_once_are_all_there(xaa):
    people = [make_person(f"person{number}", Role.CONTRIBUTOR, xaa) for number in range(20)]
    units = list(xaa.units_to_answer().with_text()[:40])

    def save_two(index):
        return [
            save_answer(
                respondent=xaa,
                unit=unit,
                base=0,
                answer=replace(IMPLEMENTED, measures=f"By person {index}"),
                by=people[index],
            ).number
            for unit in units[2 * index : 2 * index + 2]
        ]

    results = results_at_once(*[lambda index=index: save_two(index) for index in range(20)])

    assert results == [[1, 1]] * 20
    revisions = list(Revision.everyones.select_related("record__respondent", "wording__recommendation"))
    assert sorted(revision.measures for revision in revisions) == sorted(
        f"By person {i}" for i in range(20) for _ in "12"
    )
    assert all(revision.holds([]) for revision in revisions)
    chain = list(Event.everyones.filter(chain="XAA").values_list("number", flat=True))
    assert chain == list(range(1, 41))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("base", [0, 1])
def test_of_two_editors_at_once_exactly_one_is_refused(xaa, alice, unit, base):
    of_xaa = {"respondent": xaa, "unit": unit("I.13"), "by": alice}
    if base:
        save_answer(**of_xaa, base=0, answer=IMPLEMENTED)

    def save(words):
        return save_answer(**of_xaa, base=base, answer=replace(IMPLEMENTED, measures=words))

    results = results_at_once(lambda: save("One law"), lambda: save("Another law"), refusals=StaleAnswer)

    [saved] = [result for result in results if isinstance(result, Revision)]
    [stale] = [result for result in results if isinstance(result, StaleAnswer)]
    assert stale.current == saved
    assert [revision.number for revision in stored(xaa)] == list(range(1, base + 2))


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_in_different_fields_both_are_saved(xaa, alice, unit):
    of_xaa = {"respondent": xaa, "unit": unit("I.13"), "by": alice}
    save_answer(**of_xaa, base=0, answer=IMPLEMENTED)

    def edit(**changed):
        return save_edit(**of_xaa, base=1, answer=replace(IMPLEMENTED, **changed))

    results_at_once(lambda: edit(measures="Law No. 18."), lambda: edit(difficulties="Few awards"))
    newest = stored(xaa)[-1]
    assert (newest.number, newest.measures, newest.difficulties) == (3, "Law No. 18.", "Few awards")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_save_once(xaa, alice, unit):
    of_xaa = {"respondent": xaa, "unit": unit("I.13"), "by": alice}
    results = results_at_once(*[lambda: save_answer(**of_xaa, base=0, answer=IMPLEMENTED)] * 2)

    assert sorted(type(result) for result in results if result) == [Revision]
    assert len(stored(xaa)) == 1


@settings(max_examples=times(2, 10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=100, max_size=100))
def test_a_hundred_interleaved_edits_lose_nothing_silently(xaa, alice, unit, steps):
    """Two editors open and save in any order: a save stands in the history, or its author is told."""
    node = unit("II.8")
    start = Revision.everyones.filter(record__recommendation=node).count()
    opened, expected = {True: start, False: start}, []
    for index, (editor, opens) in enumerate(steps):
        if opens:
            opened[editor] = start + len(expected)
            continue
        words = f"{start} {index}"
        answer = replace(IMPLEMENTED, measures=words)
        try:
            saved = save_answer(respondent=xaa, unit=node, base=opened[editor], answer=answer, by=alice)
        except StaleAnswer as stale:
            assert opened[editor] < stale.current.number == start + len(expected)
        else:
            expected.append(words)
            assert saved.number == opened[editor] + 1 == start + len(expected)
    assert [revision.measures for revision in stored(xaa, "II.8")][start:] == expected
