"""A text field that a State keeps to itself reaches nobody else, whatever way they try."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import save_for_xaa
from tests.database import database_url
from tests.submissions import release_of_few, submit_ready
from tracker.actions.submission import change_use

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

PUBLISHED, PRIVATE = "Quetzalcanary", "Tlaloccanary"


def test_attack_a_private_text_is_found_by_others(xaa, alice, bob, charlie, round_, unit):
    save_for_xaa(
        "IV.46(i)",
        measures=f"{PUBLISHED}.",
        difficulties=f"{PRIVATE}.",
        ready=True,
        good_practice=True,
        good_practice_shared=True,
    )
    submission = submit_ready(xaa, round_, alice)
    change_use(submission=submission, in_aggregates=True, quoted=True, published=True, by=alice)
    release_of_few(round_, bob)
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.private_field", PUBLISHED, PRIVATE]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    found = json.loads(printed.splitlines()[-1])
    assert [place for place in found if PRIVATE in place] == []
    public = {name for person, name, _word in found if not person}
    assert public >= {"published", "published_csv", "published_json", "search", "practice_list"}
    assert ["bob", "quoted", PUBLISHED] in found
