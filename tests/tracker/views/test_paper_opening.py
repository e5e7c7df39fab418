"""The page on which two people open a paper to answers."""

import pytest
from django.urls import reverse

from recommendations.models import Paper
from tests.pages import plain_text, words
from tests.papers import opened, published, taken_in
from tracker.actions.record import Answer, save_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ninth(dana):
    return published(taken_in(dana), dana)


@pytest.fixture
def page(ninth) -> str:
    return reverse("paper_opening", args=[ninth.texts.first().paper_id])


def test_one_person_proposes_and_another_opens(officer, curator, dana, ninth, page):
    rounds = officer.get(reverse("round_list"))
    assert f'<a href="{page}">' in rounds.text
    shown = words(officer.get(page))
    assert "States parties 3 recommendations" in shown
    assert "IX.1(a)" in shown
    refused = officer.post(page, {"mandate": " "})
    assert refused.context["form"].errors == {"mandate": ["Enter the mandate, or the reference of the note verbale."]}
    assert officer.post(page, {"mandate": "Note verbale CU 2026/1"}).status_code == 302
    own = officer.get(page)
    assert "Another person who manages rounds confirms the opening on this page." in words(own)
    assert 'value="confirm"' not in own.text
    assert "Waits for a second person" in words(officer.get(reverse("round_list")))

    base = curator.get(page).context["paper"].opening_stamp
    for _double_click in range(2):
        assert curator.post(page, {"step": "confirm", "base": base}).status_code == 302

    opened = words(curator.get(page))
    assert ("The page changed" in opened, "Open to answers since" in opened) == (True, True)
    assert f'<a href="{page}">' not in curator.get(reverse("round_list")).text
    assert ninth.texts.first().paper.opened_by == dana


def test_a_proposal_is_withdrawn_on_the_page(officer, page):
    officer.post(page, {"mandate": "V.41"})
    officer.post(page, {"step": "withdraw"})
    assert Paper.objects.get(symbol="CTOC/COP/WG.4/2019/6").opening_proposed_at is None
    assert officer.post(page, {"step": "other"}).status_code == 400


def test_attack_a_message_says_whether_an_answer_exists(curator, ninth, xaa, alice, bob, dana, unit):
    """A curator tries everything on a text that nobody answered, and again once it is answered."""
    opened(ninth, bob, dana)
    text = unit("IX.1(a)")
    names = ("structure", "standing", "change", "delete", "history", "wording")
    addresses = [reverse(f"admin:recommendations_recommendation_{name}", args=[text.pk]) for name in names]
    addresses += [reverse("paper_import_retract", args=[ninth.pk]), reverse("paper_import", args=[ninth.pk])]
    addresses += [reverse("admin:recommendations_paper_delete", args=[text.paper_id])]
    sent = {"label": "IX.2", "kind": "note", "reason": "Try."}

    def said() -> list[tuple]:
        responses = [curator.get(address) for address in addresses] + [
            curator.post(address, sent) for address in addresses
        ]
        return [(response.status_code, plain_text(response.text.partition("<footer")[0])) for response in responses]

    before = said()
    save_answer(respondent=xaa, unit=text, base=0, answer=Answer(status="implemented", ready=True), by=alice)
    assert said() == before
