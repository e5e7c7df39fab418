"""What must always hold of the catalogue, each rule with an attempt to break it."""

import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError

from recommendations.models import (
    Addressee,
    Body,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Recommendation,
    Theme,
    Wording,
)
from tests.bodies import add_second_body

pytestmark = pytest.mark.django_db


def refused(write, **kwargs) -> str:
    """The constraint that the database names when it refuses."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write(**kwargs)
        connection.check_constraints()
    return str(caught.value)


def node(**kwargs) -> Recommendation:
    body = Body.objects.get(slug="wgtip")
    kwargs = {"label": "IX.1", "slug": "IX-1", "position": 1000, "kind": "recommendation"} | kwargs
    return Recommendation(body=body, meeting=body.meetings.first(), paper=body.papers.get(), **kwargs)


def test_a_meeting_has_a_name_a_place_and_days():
    meeting = Meeting.objects.get(number=4)
    assert (meeting.roman, meeting.name, meeting.place_and_days) == (
        "IV",
        "Fourth meeting",
        "Vienna, 10 to 12 October 2011",
    )


def again(model, **changed):
    """A row that is there already, with another key."""
    row = model.objects.exclude(**{f"{name}__in": [value] for name, value in changed.items()}).first()
    row.pk, row._state.adding = None, True
    for name, value in changed.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize(
    "make",
    [
        lambda: node(label="I.1"),
        lambda: node(slug="I-1"),
        lambda: node(position=1),
        lambda: again(Meeting, heading="Ninth meeting"),
        lambda: again(Footnote, text="Again."),
        lambda: again(FamilyMember, kind="partial"),
        lambda: again(Lineage, confidence="low"),
        lambda: again(Wording, text="Another text."),
    ],
    ids=["label", "slug", "position", "meeting", "footnote", "member of a group", "reference", "wording"],
)
def test_the_database_keeps_no_row_twice(make):
    assert re.search("UNIQUE|append-only|breaks its rule", refused(make().save), re.IGNORECASE)


def test_another_body_may_have_the_same_label():
    add_second_body()
    assert Recommendation.objects.filter(label="I.1").count() == 2


def test_one_body_is_the_first():
    assert "is_first" in refused(Body.objects.filter(pk=add_second_body().pk).update, is_first=True)


def test_no_two_texts_have_one_address():
    other = add_second_body()
    assert "slug" in refused(Recommendation.objects.filter(body=other, label="I.1").update, slug="I-1")


@pytest.mark.parametrize(
    ("kwargs", "constraint"),
    [
        ({"is_unit": True, "is_topic": True}, "topic_is_no_unit"),
        ({"is_unit": True, "kind": "note"}, "note_is_no_unit"),
        ({"published_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)}, "published_has_wording"),
    ],
)
def test_a_node_that_contradicts_itself_is_refused(kwargs, constraint):
    assert constraint in refused(node(**kwargs).save)


@pytest.mark.parametrize(("has_first", "field"), [(True, "secondary_theme"), (False, "primary_theme")])
def test_a_second_theme_needs_another_first_theme(has_first, field):
    theme = Theme.objects.first()
    text = node(secondary_theme=theme, primary_theme=theme if has_first else None)
    assert "second_theme_differs" in refused(text.save)
    with pytest.raises(ValidationError) as caught:
        text.clean()
    assert list(caught.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("kwargs", "constraint"),
    [
        ({"number": 0, "kind": "adopted"}, "wording_numbered_from_1|later_wording_has_reason"),
        ({"number": 2, "kind": "correction", "text": "", "reason": "A slip."}, "wording_has_text"),
        ({"number": 2, "kind": "correction"}, "later_wording_has_reason"),
        ({"number": 2, "kind": "adopted", "reason": "A slip."}, "later_wording_has_reason"),
        ({"number": 2, "kind": "mended", "reason": "A slip."}, "later_wording_has_reason"),
    ],
)
def test_a_wording_that_says_too_little_is_refused(unit, kwargs, constraint):
    wording = Wording(**{"recommendation": unit("I.1"), "text": "Another text.", **kwargs})
    assert re.search(constraint, refused(wording.save))


def test_a_meeting_ends_after_it_begins():
    assert "meeting_ends_after_start" in refused(Meeting.objects.update, ends="2001-01-01")


def test_an_addressee_is_one_of_the_nine():
    assert "addressee_code_known" in refused(Addressee(code="moon").save)
    assert Addressee.objects.count() == 9


def test_a_reference_is_to_another_text():
    assert "lineage_to_another" in refused(Lineage.objects.update, target=F("source"))


@pytest.mark.parametrize("label", ["I.1", "I.7", "I.7(a)", "II.44", "III"])
def test_a_published_node_is_not_deleted(unit, label):
    with pytest.raises(ProtectedError):
        unit(label).delete()


def test_nor_by_the_database(unit):
    table = Recommendation._meta.db_table

    def delete():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE label = 'I.1'")

    refused(delete)
    assert unit("I.1").label == "I.1"


@pytest.mark.parametrize("model", [Body, Meeting, Theme, Family], ids=lambda model: model.__name__)
def test_rows_that_texts_depend_on_are_not_deleted(model):
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        model.objects.filter(slug="prevention").delete() if model is Theme else model.objects.first().delete()
        connection.check_constraints()


@pytest.mark.parametrize(
    ("label", "chapeaux"),
    [("I.1", []), ("I.7(a)", ["I.7"]), ("IV.46(i)(ii)", ["IV.46", "IV.46(i)"])],
)
def test_chapeaux_are_listed_from_the_outermost(unit, label, chapeaux):
    assert [chapeau.label for chapeau in unit(label).chapeaux] == chapeaux


@pytest.mark.parametrize(
    ("label", "unit_label"),
    [
        ("I.1", "I.1"),
        ("I.7(a)", "I.7(a)"),
        ("IV.46(i)", "IV.46(i)"),
        ("IV.46(i)(ii)", "IV.46(i)"),
        ("IV.46(j)(vi)", "IV.46(j)"),
        ("IV.46(a)", "IV.46(a)"),
    ],
)
def test_a_text_is_answered_at_itself_or_at_the_chapeau_that_is_one_with_its_items(unit, label, unit_label):
    assert unit(label).answered_at.label == unit_label


@pytest.mark.parametrize("label", ["III", "I.7", "IV.46", "IV.45(a)", "V.43", "VI.14"])
def test_what_is_no_unit_is_answered_nowhere(unit, label):
    assert unit(label).answered_at is None


@pytest.mark.parametrize(
    ("label", "is_put"),
    [("VII.1(a)", True), ("VII.2(o)", True), ("VII.1", False), ("IV.45(a)", False), ("VIII.1(a)", False)],
)
def test_the_items_of_meeting_vii_were_put_to_the_conference(unit, label, is_put):
    assert unit(label).is_for_adoption is is_put


@pytest.mark.parametrize(("label", "by_facts"), [("IV.1", True), ("I.3", True), ("II.44", False), ("I.4", False)])
def test_texts_to_the_conference_and_working_group_have_recorded_actions(unit, label, by_facts):
    assert unit(label).is_answered_by_recorded_actions is by_facts
