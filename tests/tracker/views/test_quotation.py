"""The officers' tray of quotations, and the page on which a State sees its own."""

import dataclasses
import datetime
import html
import re

import pytest
from django.utils import timezone

from recommendations.error_messages import PAGE_CHANGED
from tests.conftest import find_person, find_state, make_person, open_round_for_arandia, save_for_xaa
from tests.pages import client_of, messages_on, text_area, words, words_of_page
from tests.submissions import STATED, item_of, release_of_few, submit_ready, translate
from tracker.actions.quotation import notify_of_quotations, save_quotation
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use
from tracker.models import Quotation, Submission
from tracker.models.user import Role
from tracker.views import quotation as views

pytestmark = pytest.mark.django_db

TRAY, OF_STATE = "/progress/paper/quotations/", "/desk/XAA/quotations/"
CHOOSE = "/progress/paper/quotations/2026/XAA/II-4/measures/"
PAID = "يُصرف التعويض من الصندوق."
NO_VERDICT = "لا يلزم إدانة الجاني."
ARABIC = f"{PAID} {NO_VERDICT}"
TRANSLATION = {"translated": "Compensation is paid from the fund."}
QUERIES = 15


@pytest.fixture(scope="module", autouse=True)
def world(for_the_module):
    round_ = open_round_for_arandia(meetings=[2])
    save_for_xaa("II.4", measures=ARABIC, language="ar", difficulties="A lack of staff.", ready=True)
    save_for_xaa("II.49", measures="Courts award compensation.", ready=True)
    found = submit_ready(find_state("XAA"), round_, find_person("alice"), dataclasses.replace(STATED, quoted=True))
    text = f"{TRANSLATION['translated']} No conviction is required."
    translate(found, "II.4", find_person("bob"), measures=text)


@pytest.fixture
def submission() -> Submission:
    return Submission.everyones.get()


@pytest.fixture
def release(submission, bob):
    return release_of_few(submission.round, bob)


@pytest.fixture
def officer(release, bob):
    return client_of(bob)


@pytest.fixture
def theme(unit):
    return unit("II.4").primary_theme.slug


@pytest.fixture
def quotation(submission, release, bob):
    return save_quotation(
        release=release, item=item_of(submission, "II.4"), field="measures", words=PAID, by=bob, **TRANSLATION
    )


@pytest.fixture
def of_other_theme(submission, release, bob):
    item = item_of(submission, "II.49")
    return save_quotation(release=release, item=item, field="measures", words="Courts award compensation.", by=bob)


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def test_the_tray_lists_what_states_permit(officer, theme):
    page = officer.get(TRAY, {"theme": theme})
    shown = words_of_page(page)
    for listed in ("Quotable answers 1", "Arandia Arabic", "Measures taken", "Difficulties", "No quotations"):
        assert listed in shown
    assert f'<p class="typed" lang="ar" dir="rtl">{ARABIC}' in page.content.decode()


@pytest.mark.parametrize(("q", "count"), [("", 1), ("II.4", 1), ("صندوق", 1), ("lack staff", 1), ("prison", 0)])
def test_words_and_recommendations_are_searched(officer, theme, q, count):
    page = officer.get(TRAY, {"theme": theme, "q": q})
    assert (len(page.context["answers"]), "No results" in words_of_page(page)) == (count, not count)


def test_an_empty_list_says_why(officer, submission, alice, theme):
    assert "No answer matches. Choose another theme or clear the words." in words(
        officer.get(TRAY, {"theme": theme, "q": "prison"})
    )
    change_use(submission=submission, in_aggregates=True, quoted=False, published=False, by=alice)
    none = officer.get(TRAY, {"theme": theme})
    assert "No State in this release permits quotation with its name." in words(none)


def test_an_unknown_theme_has_an_error_at_its_field(officer):
    page = officer.get(TRAY, {"theme": "none", "q": "kept"})
    assert (page.status_code, 'value="kept"' in page.content.decode()) == (400, True)
    assert "Choose from the list." in words(page)


def test_without_a_release_there_is_nothing_to_quote_for(bob):
    assert "No releases yet" in words_of_page(client_of(bob).get(TRAY))


def test_an_officer_who_may_not_read_a_state_sees_none_of_its_words(release, bob, xaa, erin, theme, quotation):
    add_restriction(user=bob, respondent=xaa, by=erin)
    shown = words_of_page(client_of(bob).get(TRAY, {"theme": theme}))
    assert ("No results" in shown, "صندوق" in shown) == (True, False)
    assert client_of(bob).get(CHOOSE).status_code == 404


def test_words_are_pasted_and_translated(officer):
    page = officer.get(CHOOSE)
    assert "Original language: Arabic" in words_of_page(page)
    answer = officer.post(CHOOSE, {"words": PAID} | TRANSLATION, follow=True)
    assert messages_on(answer) == ["The quotation is in the tray."]
    shown = words(answer)
    for listed in (
        "يُصرف التعويض من الصندوق. […]",
        "Compensation is paid from the fund. […] Unofficial courtesy translation into English by the Secretariat ( Bob",
        "The State is not notified yet.",
    ):
        assert listed in shown


def test_an_error_is_at_its_field_and_the_input_stays(officer):
    page = officer.post(CHOOSE, {"words": "", "translated": "Typed."})
    assert "Paste the words to quote." in words(page)
    page = officer.post(CHOOSE, {"words": f"{PAID} لا يوجد", "translated": "Typed."})
    assert "The text does not have the words “يوجد”. Copy the words from the text." in words(page)
    assert f"{PAID} لا يوجد</textarea>" in page.content.decode()
    page = officer.post(CHOOSE, {"words": PAID, "translated": "Typed."})
    assert "The text does not have the words “Typed.”. Copy the words from the text." in words(page)
    assert "Typed." in page.content.decode()


def base_of(page) -> str:
    return re.search(r'name="base"(?: value="([^"]*)")?', page.content.decode())[1] or ""


def test_a_stale_page_replaces_another_officers_quotation_only_when_confirmed(officer):
    behind = base_of(officer.get(CHOOSE))
    assert behind == ""
    officer.post(CHOOSE, {"words": PAID, "base": behind} | TRANSLATION)
    other = {"words": NO_VERDICT, "translated": "No conviction is required."}
    officer.post(CHOOSE, other | {"base": behind, "words": ""})
    answer = officer.post(CHOOSE, other | {"base": behind})
    shown = words(answer)
    changed = "The quotation was changed or removed after you opened this page. Compare it with yours."
    for listed in (changed, "Saved quotation", "يُصرف"):
        assert listed in shown
    assert text_area(answer, "translated") == "No conviction is required."
    assert Quotation.everyones.get().words == f"{PAID} […]"
    officer.post(CHOOSE, other | {"base": base_of(answer)})
    assert Quotation.everyones.get().translation_words == "[…] No conviction is required."


def test_a_quotation_removed_after_opening_returns_only_when_confirmed(officer, quotation):
    typed = {"words": PAID, "base": base_of(officer.get(CHOOSE))} | TRANSLATION
    quotation.delete()
    answer = officer.post(CHOOSE, typed)
    assert "The quotation was removed from the tray." in words(answer)
    assert TRANSLATION["translated"] in words(answer)
    assert not Quotation.everyones.exists()
    officer.post(CHOOSE, typed | {"base": base_of(answer)})
    assert Quotation.everyones.exists()


def test_a_quotation_without_a_translation_is_not_in_the_paper(officer):
    answer = officer.post(CHOOSE, {"words": PAID}, follow=True)
    assert "Not in the paper: add a courtesy translation into English." in words(answer)
    assert "Notify the States" not in words(answer)
    answer = officer.post(TRAY, {"object_by": in_days(5).isoformat()}, follow=True)
    assert messages_on(answer) == ["There is no State to notify."]
    assert Quotation.everyones.get().object_by is None


@pytest.mark.parametrize(
    "url",
    [
        CHOOSE.replace("measures", "note"),
        CHOOSE.replace("XAA", "XBB"),
        CHOOSE.replace("II-4", "II-5"),
        CHOOSE.replace("/2026/", "/2027/"),
    ],
)
def test_what_may_not_be_quoted_is_not_found(officer, url):
    assert officer.get(url).status_code == 404


def test_states_are_notified_with_a_date(officer, quotation):
    refused = officer.post(TRAY, {"object_by": "yesterday"})
    assert 'value="yesterday"' in refused.content.decode()
    answer = officer.post(TRAY, {"object_by": in_days(5).isoformat()}, follow=True)
    assert messages_on(answer) == ["The State was notified of 1 quotation."]
    assert "The State can object until" in words(answer)


def test_a_state_without_a_focal_point_is_named_as_not_notified(officer, quotation, alice):
    alice.memberships.update(until=in_days(-1))
    answer = officer.post(TRAY, {"object_by": in_days(5).isoformat()}, follow=True)
    assert messages_on(answer) == [
        "A State without a focal point cannot be notified. Its quotations do not enter the paper."
    ]


def test_a_quotation_is_removed(officer, quotation):
    answer = officer.post(f"{TRAY}2026/{quotation.pk}/remove/", follow=True)
    assert messages_on(answer) == ["The quotation was removed from the tray."]
    assert not Quotation.everyones.exists()


def test_a_quotation_moves_up(officer, quotation, submission, release, bob):
    item = item_of(submission, "II.4")
    second = save_quotation(release=release, item=item, field="difficulties", words="A lack of staff.", by=bob)
    officer.post(f"{TRAY}2026/{second.pk}/move/")
    assert list(Quotation.everyones.values_list("pk", flat=True)) == [second.pk, quotation.pk]
    first = officer.post(f"{TRAY}2026/{second.pk}/move/", follow=True)
    assert len(messages_on(first)) == 1


THEMES = {
    "compensation": "Compensation, restitution and access to justice",
    "national-coordination": "National coordination, monitoring and partnerships (civil society, private sector)",
}


def opened(page) -> tuple[str, list[str]]:
    """The theme that is open, and the recommendations of its quotations."""
    return page.context["theme"].slug, [row.unit.label for row in page.context["rows"]]


def test_the_tray_shows_one_theme_and_counts_the_others(officer, quotation, of_other_theme):
    first = officer.get(TRAY)
    assert opened(first) == ("compensation", ["II.49"])
    shown = words_of_page(first)
    assert "In the tray 2 The States of 2 quotations are not notified yet." in shown
    assert " 1 ".join(THEMES.values()) + " 1 " + THEMES["compensation"] in shown
    link = re.search(r'href="([^"]*)#tray">National coordination', first.content.decode())[1]
    assert opened(officer.get(TRAY + html.unescape(link))) == ("national-coordination", ["II.4"])


def test_a_theme_without_quotations_can_be_open(officer, quotation):
    page = officer.get(TRAY, {"theme": "demand"})
    assert opened(page) == ("demand", [])
    assert f"{THEMES['national-coordination']} 1 Demand reduction No quotations" in words_of_page(page)


def test_the_theme_stays_open_after_each_action(officer, quotation, of_other_theme, submission, release, bob):
    item = item_of(submission, "II.4")
    second = save_quotation(release=release, item=item, field="difficulties", words="A lack of staff.", by=bob)
    open_theme = f"{TRAY}?release=2026&theme=national-coordination"
    assert f'href="{open_theme}">Cancel' in html.unescape(officer.get(CHOOSE).content.decode())
    sent = [
        officer.post(CHOOSE, {"words": ARABIC, "base": quotation.stamp} | TRANSLATION),
        officer.post(f"{TRAY}2026/{second.pk}/move/"),
        officer.post(open_theme, {"object_by": in_days(5).isoformat()}),
        officer.post(f"{TRAY}2026/{second.pk}/remove/"),
    ]
    assert [answer.url.removesuffix("#tray") for answer in sent] == [open_theme] * 4


def test_a_long_theme_has_pages_and_the_page_stays(officer, quotation, submission, release, bob, monkeypatch):
    monkeypatch.setattr(views, "TRAY_PAGE", 1)
    item = item_of(submission, "II.4")
    second = save_quotation(release=release, item=item, field="difficulties", words="A lack of staff.", by=bob)
    open_theme = f"{TRAY}?release=2026&theme=national-coordination&tray=2"
    page = officer.get(open_theme)
    assert [row.quotation for row in page.context["rows"]] == [second]
    assert "Difficulties In the tray" in words_of_page(page)
    assert "Previous Page 2 of 2" in words_of_page(page)
    move = re.search(r'action="([^"]*/move/[^"]*)"', page.content.decode())[1]
    assert officer.post(move).url == f"{open_theme}#tray"
    assert [row.quotation for row in officer.get(open_theme).context["rows"]] == [quotation]


def test_the_list_of_themes_marks_an_objection(officer, notified, of_other_theme, alice):
    client_of(alice).post(of_state(notified))
    assert f"{THEMES['national-coordination']} Objection by the State 1" in words_of_page(officer.get(TRAY))


@pytest.fixture
def notified(quotation, release, bob):
    notify_of_quotations(release=release, language="en", object_by=in_days(5), by=bob)
    return quotation


def of_state(quotation) -> str:
    return f"{OF_STATE}{quotation.pk}/object/"


def test_a_state_sees_its_quotation_its_paper_and_its_figures(notified, alice):
    shown = words_of_page(client_of(alice).get(OF_STATE))
    for listed in (
        "يُصرف التعويض من الصندوق. […]",
        "Compensation is paid from the fund.",
        "Compensation is paid from the fund. […] Unofficial courtesy translation into English by the Secretariat ( Bob",
        f"Paper: progress report, {notified.round.title}. Figures: release 2026 .",
        "If a focal point objects, the quotation is removed.",
        "You can object until",
    ):
        assert listed in shown


def test_quotations_are_a_tab_once_there_are_any(alice, quotation, release, bob):
    client, tab = client_of(alice), f'<li><a href="{OF_STATE}"'
    assert tab not in client.get("/desk/XAA/submissions/").text
    notify_of_quotations(release=release, language="en", object_by=in_days(5), by=bob)
    assert tab in client.get(OF_STATE).text


def test_an_objection_is_confirmed_and_the_words_stay_on_the_page(desk, notified):
    assert f'href="{of_state(notified)}"' in desk.get(OF_STATE).content.decode()
    shown = words_of_page(desk.get(of_state(notified)))
    assert "صندوق" in shown and "An objection cannot be withdrawn" in shown
    assert Quotation.everyones.get().objected_at is None
    refused = desk.post(of_state(notified), {"reason": "r" * 2001})
    assert "2,000" in words(refused) or "2000" in words(refused)
    answer = desk.post(of_state(notified), {"reason": "Out of date"}, follow=True)
    shown = words(answer)
    assert "Objection on" in shown and "Out of date" in shown and "صندوق" in shown
    assert "Compensation is paid from the fund." not in shown


def test_an_objection_is_asked_for_once_and_in_time(desk, notified):
    desk.post(of_state(notified), {"reason": ""})
    assert desk.get(of_state(notified)).status_code == 302
    again = desk.post(of_state(notified), {"reason": "Another"}, follow=True)
    assert (again.status_code, Quotation.everyones.get().reason) == (200, "")


def test_after_the_date_the_page_says_that_it_has_changed(notified, alice):
    Quotation.everyones.update(object_by=in_days(-1))
    late = client_of(alice).post(of_state(notified), {"reason": "Late"})
    assert (messages_on(late), Quotation.everyones.get().objected_at) == ([PAGE_CHANGED], None)
    Quotation.everyones.update(object_by=in_days(5))


def test_before_the_notice_the_state_sees_nothing(quotation, alice):
    assert "No quotations" in words_of_page(client_of(alice).get(OF_STATE))


def test_only_a_focal_point_objects(notified, xaa):
    viewer = client_of(make_person("victor", Role.VIEWER, xaa))
    assert "Only a focal point can object." in words_of_page(viewer.get(OF_STATE))
    assert viewer.post(of_state(notified)).status_code == 403


def test_a_quotation_of_another_state_is_not_found(notified, charlie, xbb):
    assert client_of(charlie).post(f"/desk/XBB/quotations/{notified.pk}/object/").status_code == 404


def test_an_objection_is_shown_to_the_officers(officer, notified, alice):
    client_of(alice).post(of_state(notified), {"reason": "Out of date"})
    shown = html.unescape(words_of_page(officer.get(TRAY)))
    assert "Objection by the State" in shown and "Out of date" in shown


def test_the_pages_read_the_same_number_of_rows_however_much_there_is(
    desk, officer, theme, notified, of_other_theme, django_assert_max_num_queries
):
    with django_assert_max_num_queries(QUERIES):
        officer.get(TRAY, {"theme": theme})
    with django_assert_max_num_queries(QUERIES):
        officer.get(CHOOSE)
    with django_assert_max_num_queries(QUERIES):
        desk.get(OF_STATE)
    with django_assert_max_num_queries(QUERIES):
        desk.get(of_state(notified))
