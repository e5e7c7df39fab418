"""The page on which a draft is offered, and on which a second person compares it with the document."""

from pathlib import Path

import pytest
from django.urls import reverse

from recommendations.models import PaperImport, Recommendation
from recommendations.paper_import.actions import save_paragraphs
from tests.pages import plain_text, words
from tests.papers import decided, offered, published, settled, stamp_of, taken_in

PDF = Path(__file__).parents[2] / "samples" / "A.pdf"
pytestmark = pytest.mark.django_db

REPORT = """Report of the Working Group

I. Introduction

1. The Working Group met in Vienna.

II. Recommendations

IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. States parties should criminalize trafficking in persons.
2. The Secretariat should compile good practices.

Annex

Topics

1. Victims
2. Funds
"""


@pytest.fixture
def draft(dana) -> PaperImport:
    return settled(decided(taken_in(dana), dana), dana)


def page_of(draft: PaperImport) -> str:
    return reverse("paper_import_publish", args=[draft.pk])


def section(page, name: str) -> str:
    """The words of a section of the page."""
    html = page.content.decode()
    start = html.index(f'id="{name}"')
    return plain_text(html[start : html.index("</section>", start)])


def test_a_curator_offers_and_an_officer_publishes(curator, officer, draft, bob):
    page = curator.post(page_of(draft), {"stamp": stamp_of(draft), "offer": ""}, follow=True)
    assert "The publication is requested. Secretariat officers and curators are notified." in words(page)
    assert "Publish 5 texts" not in words(page)

    assert "Papers that wait for your confirmation" in words(officer.get(reverse("desks")))
    page = officer.get(page_of(draft))
    assert "Publication requests no answer from any State." in words(page)
    page = officer.post(page_of(draft), {"stamp": page.context["plan"].stamp, "publish": ""}, follow=True)

    assert "The paper was published." in words(page)
    assert PaperImport.objects.get().published_by == bob
    assert "Papers that wait for your confirmation" not in words(officer.get(reverse("desks")))


def test_the_page_says_what_would_be_added_and_for_whom(officer, draft):
    page = officer.get(page_of(draft))

    assert "Texts 5 Chapeaux 1 Recommendations 4 Notes 0 Texts to be answered 4" in section(page, "added")
    assert "States parties 3 recommendations" in section(page, "added")
    assert "Recommendations without a theme" in section(page, "beside")
    assert "Texts without a short title 5" in section(page, "beside")


def test_the_page_lists_the_parts_left_out_with_their_paragraphs(officer, dana):
    draft = offered(taken_in(dana, REPORT), dana)

    page = officer.get(page_of(draft))

    assert [(head.text or head.printed, len(rows)) for head, rows in page.context["plan"].parts_left_out] == [
        ("Report of the Working Group", 1),
        ("Introduction", 2),
        ("Recommendations", 1),
        ("Ninth meeting, Vienna, 9 to 11 September 2019", 1),
        ("Annex", 4),
    ]
    assert "Annex 4 paragraphs" in section(page, "left-out")
    assert "Victims" in section(page, "left-out")


def test_attack_words_label_and_printed_place_are_changed(officer, dana):
    draft = taken_in(dana)
    row = draft.paragraphs.get(label="IX.3")
    values = {"text": "Strong measures should be taken to protect children.", "label": "IX.4", "paragraph": "4"}
    save_paragraphs(paper_import=draft, changes={row.pk: (row.version, values)}, by=dana)

    page = officer.get(page_of(offered(draft, dana)))

    assert "IX.4 · Words of the document are in no text Measures" in section(page, "words")
    assert "Strong measures should be taken to protect children." in section(page, "words")
    assert section(page, "labels").endswith("IX.4 Printed: 3.")


def test_the_page_lists_doubts_that_were_settled_by_hand(officer, draft, dana):
    page = officer.get(page_of(offered(draft, dana)))

    assert "IX.3 · The text does not say whom it addresses" in section(page, "settled")


def test_a_reason_that_is_refused_stays_on_the_page(officer, draft, dana):
    offered_draft = offered(draft, dana)
    sent = {"stamp": "old", "reason": "Annex II has topics.", "return": ""}

    page = officer.post(page_of(offered_draft), sent)

    assert (page.status_code, page.context["form"]["reason"].value()) == (200, "Annex II has topics.")
    assert "The page changed" in words(page)


def test_a_return_needs_a_reason(officer, draft, dana):
    offered_draft = offered(draft, dana)

    page = officer.post(page_of(offered_draft), {"stamp": stamp_of(offered_draft), "reason": "", "return": ""})

    assert page.context["form"].errors["reason"] == ["Enter the reason."]


def test_a_curator_reads_why_a_draft_was_returned(officer, curator, draft, dana):
    offered_draft = offered(draft, dana)
    sent = {"stamp": stamp_of(offered_draft), "reason": "Annex II has topics.", "return": ""}
    assert "The draft was returned to the curators." in words(officer.post(page_of(draft), sent, follow=True))

    assert "Returned by Bob: Annex II has topics." in words(curator.get(page_of(draft)))


def test_an_officer_has_no_button_on_another_draft(officer, draft):
    page = officer.get(page_of(draft))

    assert page.status_code == 200
    assert "Request publication" not in words(page)
    assert "Return the draft" not in words(page)


@pytest.mark.usefixtures("bob")
def test_the_curator_who_offered_reads_who_can_publish(curator, draft, dana):
    page = curator.get(page_of(offered(draft, dana)))

    assert [person.name for person in page.context["publishers"]] == ["Bob"]
    assert "Publish 5 texts" not in words(page)


def test_the_only_person_reads_when_publication_is_possible(curator, draft, dana):
    page = curator.get(page_of(offered(draft, dana)))

    assert "No other person can publish this draft." in words(page)


def test_an_officer_who_comes_late_reads_the_reason(officer, draft, dana):
    published(draft, dana)

    page = officer.post(page_of(draft), {"stamp": "old", "publish": ""}, follow=True)

    assert page.redirect_chain[-1][0] == reverse("desks")
    assert "The paper is already published." in words(page)
    assert Recommendation.objects.filter(meeting__number=9).count() == 5


def test_attack_a_form_without_a_button_decides_nothing(officer, draft, dana):
    offered_draft = offered(draft, dana)

    officer.post(page_of(draft), {"stamp": stamp_of(offered_draft)})

    assert PaperImport.objects.get().published_at is None


@pytest.mark.parametrize("who", ["curator", "officer"])
def test_the_page_takes_at_most_15_queries(client, dana, bob, django_assert_max_num_queries, who):
    draft = offered(taken_in(dana, REPORT), dana)
    client.force_login(bob if who == "officer" else dana)
    client.get(page_of(draft))

    with django_assert_max_num_queries(15):
        client.get(page_of(draft))


def test_the_lists_of_a_pdf_show_the_printed_page(officer, dana):
    draft = offered(taken_in(dana, REPORT), dana)
    draft.paragraphs.filter(number__gt=3).update(page=2)
    PaperImport.objects.update(document=PDF.read_bytes())

    page = officer.get(page_of(draft), {"printed": 2})

    address = reverse("paper_import_page", args=[draft.pk, 2])
    assert f'<img src="{address}" alt="Printed page 2"' in page.content.decode()
    picture = officer.get(address)
    assert (picture["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert officer.get(reverse("paper_import_page", args=[draft.pk, 99])).status_code == 404


def test_a_problem_leads_to_the_paragraphs_that_have_it(curator, dana):
    draft = taken_in(dana)

    page = curator.get(page_of(draft))

    first = draft.paragraphs.first()
    address = reverse("paper_import", args=[draft.pk], query={"show": "undecided"})
    assert f'<a href="{address}#paragraph-{first.pk}">Decide about 8 paragraphs.</a>' in page.text
    doubted = draft.paragraphs.get(label="IX.3")
    assert "The text does not say whom it addresses 1 IX.3" in words(page)
    assert f'href="{reverse("paper_import_text", args=[draft.pk, doubted.pk])}"' in page.text


def test_a_document_that_is_no_pdf_has_no_printed_page(officer, draft):
    assert "Printed page" not in words(officer.get(page_of(draft)))
    assert officer.get(reverse("paper_import_page", args=[draft.pk, 1])).status_code == 404
