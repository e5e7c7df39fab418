"""The offline workbook, from the page where it is taken home to the answers that it brings back."""

import datetime

import pytest
from django.urls import reverse

from tests.workbooks import as_upload, downloaded, filled
from tracker.actions.record import Answer, save_answer
from tracker.models import Revision, WorkbookUpload

pytestmark = pytest.mark.django_db

TEXTS = [
    "A law.",
    "قانون مكافحة الاتجار\nسطر ثانٍ",
    "《反对贩运人口法》",
    "=1+1",
    " spaced \r\nlines  \n\n",
    "_x000D_ & <b>",
]


@pytest.fixture
def say(xaa, alice, unit):
    def say(label, status="implemented", by=None, **said):
        current = Revision.everyones.filter(record__recommendation__label=label, record__respondent=xaa).last()
        answer = Answer(status=status, **said)
        return save_answer(
            respondent=xaa, unit=unit(label), base=current.number if current else 0, answer=answer, by=by or alice
        )

    return say


@pytest.fixture
def send(client, alice):
    """Upload a workbook as alice; what she is answered."""
    client.force_login(alice)

    def send(content, name="XAA-workbook.xlsx", **data):
        return client.post(
            reverse("workbook", args=["XAA"]), {"workbook": as_upload(content, name), **data}, follow=True
        )

    return send


def newest(label) -> Revision:
    return Revision.everyones.filter(record__recommendation__label=label).last()


def problem(response) -> str:
    return " ".join(response.context["form"].errors.get("workbook", []))


def faults(response) -> list[tuple]:
    return [tuple(fault) for fault in response.context["form"].faults]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_left_as_it_is_changes_nothing(send, say, xaa, alice, text):
    say("I.13", measures=text, assistance_kinds=["training", "data"], target_date=datetime.date(2027, 6, 30))
    say("II.8", "not_applicable", reason_code="other", reasons=text)
    said = send(downloaded(xaa, alice))
    assert "nothing to change" in said.content.decode()
    assert WorkbookUpload.everyones.count() == 0


def test_what_is_filled_is_shown_then_saved(send, client, say, xaa, alice):
    say("I.13", measures="A law.", ready=True)
    content = filled(
        downloaded(xaa, alice), "I.13", measures="Two laws.", target_date=46568, assistance_kinds__data="yes"
    )
    content = filled(content, "II.8", status="In progress", measures="مشروع قانون")
    page = send(content)
    assert [each.row.label for each in page.context["simple"]] == ["I.13", "II.8"]
    assert newest("I.13").number == 1
    done = client.post(page.redirect_chain[-1][0], {"apply": ""}, follow=True)
    assert "2 answers are saved." in done.content.decode()
    revision = newest("I.13")
    assert (revision.measures, revision.assistance_kinds, revision.ready) == ("Two laws.", ["data"], True)
    assert revision.target_date == datetime.date(2027, 6, 30)
    assert revision.change_reason.startswith("From the workbook downloaded on ")
    assert (newest("II.8").status, newest("II.8").measures) == ("in_progress", "مشروع قانون")
