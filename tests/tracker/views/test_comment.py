"""The page of a thread, and its place beside the answer."""

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tests.pages import client_of, messages_on, words
from tracker.actions.comment import write_comment
from tracker.models import Assignment, Comment
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def address(name="comment_list", slug="I-13") -> str:
    return reverse(name, args=["XAA", slug])


@pytest.fixture
def write(xaa, alice, unit):
    def write(text="Is the act in force?", by=None, label="I.13", after=0) -> Comment:
        return write_comment(respondent=xaa, unit=unit(label), text=text, by=by or alice, after=after)

    return write


def test_a_comment_is_written_and_read_by_the_others(desk, carol):
    response = desk.post(address(), {"text": "@Carol, is it in force?", "after": 0}, follow=True)
    assert messages_on(response) == ["The comment was added. Notified: Carol"]
    said = words(client_of(carol).get(address()))
    assert "Alice" in said
    assert "@Carol, is it in force? Notified: Carol" in said


def test_somebody_is_chosen_without_a_script(desk, carol):
    desk.post(address(), {"text": "Look.", "after": 0, "to": [carol.pk]})
    assert Comment.everyones.get().mentioned == [carol.pk]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"text": " "}, "Enter a comment."),
        ({"text": "x" * 20_001}, "It has 20001."),
        ({"text": "Kept.", "to": ["x"]}, "Choose from the list."),
        ({"text": "Kept.", "to": ["99999"]}, "Choose from the list."),
        ({"text": "Kept.", "after": "\x00", "to": [""]}, ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_error_is_shown_and_the_input_stays(desk, sent, message):
    response = desk.post(address(), sent, follow=True)
    assert message in words(response)
    assert sent["text"].strip() in words(response)


def test_a_viewer_reads_and_is_offered_no_form(write, xaa):
    write()
    client = client_of(make_person("victor", Role.VIEWER, xaa))
    page = client.get(address())
    assert "Is the act in force?" in words(page)
    assert "Add comment" not in words(page)
    assert client.post(address(), {"text": "Mine."}).status_code == 403


def test_what_is_not_opened_has_no_page(write, xaa, carol, charlie, bob, unit, alice):
    xaa.opens_all_to_contributors = False
    xaa.save()
    write()
    Assignment.everyones.create(respondent=xaa, unit=unit("I.14"), person=carol, assigned_by=alice)
    for person in (carol, charlie, bob):
        client = client_of(person)
        assert [client.get(address()).status_code, client.post(address(), {"text": "A"}).status_code] == [404, 404]
    assert client_of(carol).get(address(slug="I-14")).status_code == 200


def test_comments_are_counted_on_the_answer_page(desk, write, carol):
    assert "Comments Read and write comments" in words(desk.get(address("record")))
    write(), write("Yes.", by=carol, after=1)
    assert "2 comments Read and write comments" in words(desk.get(address("record")))
    assert "comments" not in words(desk.get(address("record", slug="I-14"))).partition("Read and write")[0]


def test_a_long_thread_has_pages_and_takes_as_many_queries_as_a_short_one(
    desk, write, carol, django_assert_max_num_queries, django_assert_num_queries
):
    write("@Carol 1")
    with django_assert_max_num_queries(15) as few:
        desk.get(address())
    for number in range(1, 45):
        write(f"@Carol {number + 1}.", after=number)
    with django_assert_num_queries(len(few)):
        page = desk.get(address())
    assert "Page 1 of 3" in words(page)
    assert "@Carol 45." in words(page)
    assert "@Carol 25." in words(desk.get(address(), {"page": "2"}))
    assert desk.get(address(), {"page": "x"}).status_code == 200


def test_words_of_a_comment_are_not_markup(desk, write):
    write("<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in desk.get(address()).content.decode()
