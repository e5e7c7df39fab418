"""No page and no file lists States by treaty status before a curator confirmed that the acts are complete."""

import csv
import datetime
import io
import re
import tempfile

import pytest
from django.urls import reverse

from tests.conftest import make_state
from tests.pages import client_of, words_of_page
from tests.submissions import opened_round, save_statuses, submit_ready
from tracker.actions.treaty_act import add_acts, confirm_acts, confirm_complete_acts
from tracker.documents.answers import HEADERS, standing, write_csv
from tracker.models import CompleteActs, TreatyAct

pytestmark = pytest.mark.django_db

NOT_LISTED = "Treaty status is not listed: the treaty acts of all States are not yet confirmed as complete."
LISTED = "Treaty status is as at 1 November 2026 (UNTC XVIII-12-a), or as confirmed since."
STATUSES = re.compile("Party to the Protocol|Party to the Convention|Party to neither|Treaty status not confirmed")
LISTS = [reverse("treaty_act_list"), reverse("admin:tracker_respondent_changelist")]


@pytest.fixture
def curator(curator, xaa, xbb):
    make_state("XDD", "Dorvania", treaty_status="unconfirmed", status_as_at=datetime.date(2014, 1, 27))
    make_state("XEE", "Elvira", treaty_status="convention_only")
    return curator


@pytest.fixture
def complete(dana):
    return lambda: confirm_complete_acts(as_at=datetime.date(2026, 11, 1), source="UNTC XVIII-12-a", by=dana)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_has_the_status_only_after_the_confirmation(curator, complete, address):
    before = words_of_page(curator.get(address))
    assert NOT_LISTED in before
    assert "Dorvania" in before
    assert STATUSES.search(before) is None
    complete()
    after = words_of_page(curator.get(address))
    assert LISTED in after
    assert {"Party to the Protocol", "Party to the Convention", "Treaty status not confirmed"} <= set(
        STATUSES.findall(after)
    )


def test_the_day_of_each_source_is_listed_before_too(curator):
    assert "Dorvania As at 27 January 2014" in words_of_page(curator.get(LISTS[0]))


def test_the_list_of_the_administration_is_filtered_by_status_only_after_it(curator, complete):
    query = {"treaty_status__exact": "unconfirmed"}
    assert curator.get(LISTS[1], query).status_code == 400
    complete()
    assert curator.get(LISTS[1], query).context["cl"].result_count == 1


def test_the_answers_have_the_status_only_after_it(xaa, alice, bob, complete):
    save_statuses(xaa, alice, **{"I.13": "implemented"})
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)

    def rows() -> list[dict[str, str]]:
        with tempfile.TemporaryFile() as file:
            write_csv(standing(bob), file)
            file.seek(0)
            return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))

    before = rows()
    assert {row["treaty_status"] for row in before} == {""}
    assert NOT_LISTED in before[0]["notice"]
    complete()
    after = rows()
    assert {row["treaty_status"] for row in after} == {"party"}
    assert LISTED in after[0]["notice"]
    assert [name for name in HEADERS if "treaty" in name] == ["treaty_status"]


def test_a_curator_confirms_it_on_the_page(curator):
    typed = {"complete": "yes", "source": "UNTC XVIII-12-a", "as_at": "soon"}
    refused = curator.post(LISTS[0], typed)
    assert "Enter the date as 30 June 2027." in words_of_page(refused)
    assert refused.context["form"]["source"].value() == "UNTC XVIII-12-a"
    said = words_of_page(curator.post(LISTS[0], typed | {"as_at": "1 November 2026"}, follow=True))
    assert "The acts are confirmed as complete. Lists now have the treaty status of States." in said
    assert LISTED in said
    assert CompleteActs.objects.get().source == "UNTC XVIII-12-a"


def test_the_newest_confirmation_counts(curator, complete, dana):
    complete()
    confirm_complete_acts(as_at=datetime.date(2026, 11, 20), source="UNTC", by=dana)
    for address in LISTS:
        assert "as at 20 November 2026 (UNTC), or as confirmed since." in words_of_page(curator.get(address))


def test_acts_that_wait_are_decided_first(curator, xaa):
    acts = {"instrument": "protocol", "act": "accession", "date": datetime.date(2016, 3, 3)}
    TreatyAct.objects.create(respondent=xaa, source="UNTC", as_at=datetime.date(2026, 11, 1), **acts)
    typed = {"complete": "yes", "source": "UNTC", "as_at": "1 November 2026"}
    assert "Confirm or decline the acts that are waiting first." in words_of_page(curator.post(LISTS[0], typed))
    assert CompleteActs.objects.count() == 0


def test_the_page_of_a_state_says_the_day_and_the_source(dana, alice, xaa):
    acts = {"instrument": "protocol", "act": "accession", "date": datetime.date(2016, 3, 3)}
    act = TreatyAct(respondent=xaa, source="UNTC XVIII-12-a", as_at=datetime.date(2026, 11, 1), **acts)
    add_and_confirm(act, dana)
    said = words_of_page(client_of(alice).get(reverse("units_asked", args=["XAA"])))
    assert "Treaty acts as at 1 November 2026 Source: UNTC XVIII-12-a" in said
    said = words_of_page(client_of(dana).get(reverse("admin:tracker_respondent_change", args=[xaa.pk])))
    assert "Source of the treaty status: UNTC XVIII-12-a" in said


def add_and_confirm(act: TreatyAct, dana) -> None:
    confirm_acts(acts=add_acts(acts=[act], by=dana), by=dana)
