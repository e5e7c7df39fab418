"""Passwords: which are refused, how they are hashed, and what that costs."""

import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command

from tests.client import Client
from tests.conftest import make_person
from tracker import settings as shipped
from tracker.models import User
from tracker.web.passwords import JUDGED, LONGEST, Argon2Hasher

PLAIN = "quiet harbour violin moss"


def is_accepted(password: str, user: User | None = None) -> bool:
    try:
        validate_password(password, user)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaa", "abababababab", "passwordpassword", "123123123123", "qwertyuiop[]"]
)
def test_attack_a_letter_twelve_times_is_no_password(password):
    assert is_accepted(password) is False


@pytest.mark.parametrize(
    "password",
    [
        "Welcome2026!!",
        "Welcome!!2026",
        "2026!!Welcome",
        "Winter-2026-!!",
        "Liverpool1999!!!",
        "ILoveYou2026!!",
        "2026!!2026!!",
    ],
)
def test_attack_a_word_with_a_year_and_signs_is_a_password(password):
    assert is_accepted(password) is False


def test_a_year_with_hard_words_is_accepted():
    assert is_accepted(f"{PLAIN} 1984!") is True


@pytest.mark.parametrize("password", [PLAIN, "x8#Kq!vT2m&Z", "тихая гавань скрипка", "静かな港のバイオリンと苔の石"])
def test_a_password_that_is_hard_to_guess_is_accepted_in_any_script(password):
    assert is_accepted(password) is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", ["Alice of Arandia", "alice@example.org", "arandia-alice-2026", "trafficking-persons", "4l1ceAr4nd14"]
)
def test_the_words_of_the_person_and_of_the_site_count_for_nothing(alice, password):
    assert is_accepted(password, alice) is False


def test_a_password_has_at_most_256_characters():
    text = (PLAIN + " ") * 20
    assert (is_accepted(text[:LONGEST]), is_accepted(text[: LONGEST + 1])) == (True, False)


def test_attack_a_long_password_costs_the_site_no_time():
    """The text is the worst that was found: signs that stand for letters. 72 characters take six times as long."""
    worst, seconds = "@4a8({[<c3e69g1!|il70o$5s+7t%x2z" * 8, []
    for length in (JUDGED, JUDGED, len(worst)):  # the first one loads the lists of words
        begun = time.process_time()
        is_accepted(worst[:length])
        seconds.append(time.process_time() - begun)
    assert seconds[2] < 3 * seconds[1]


def test_the_words_of_one_person_are_not_counted_for_another():
    """zxcvbn keeps them in a global: two requests at once must not mix them."""
    refused = []
    # neither is saved, so that no thread asks the database
    people = [User(name="Frederike Ottokar"), User(name="Alice")]

    def judge(user: User):
        refused.extend((user.name, is_accepted("Fr3d3rik30tt0k4r", user)) for _attempt in range(40))

    threads = [threading.Thread(target=judge, args=[person]) for person in people]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert set(refused) == {("Frederike Ottokar", False), ("Alice", True)}


# Hashes


def test_passwords_are_hashed_as_owasp_names_for_little_memory():
    assert Argon2Hasher().encode(PLAIN, "saltsaltsalt").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def memory() -> int:
    """Of this process, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20


def test_attack_many_sign_ins_at_once_fill_no_memory():
    """Threads that hash would keep 19 MiB each, 300 for the 16 of a worker."""
    hasher = Argon2Hasher()
    encoded = hasher.encode(PLAIN, "saltsaltsalt")
    before = memory()
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _number: hasher.verify(PLAIN, encoded), range(48)))
    assert memory() - before < 40


@pytest.mark.django_db
def test_an_older_hash_is_replaced_at_the_next_sign_in(settings):
    settings.PASSWORD_HASHERS = shipped.PASSWORD_HASHERS
    person = make_person("frida")
    older = PBKDF2PasswordHasher()
    person.password = older.encode(PLAIN, older.salt(), iterations=1000)
    person.save()
    assert Client().post("/accounts/login/", {"login": person.email, "password": PLAIN}).status_code == 302
    person.refresh_from_db()
    assert isinstance(identify_hasher(person.password), Argon2Hasher)
    assert Client().post("/accounts/login/", {"login": person.email, "password": PLAIN}).status_code == 302


def test_django_has_nothing_against_the_settings(settings):
    settings.PASSWORD_HASHERS = shipped.PASSWORD_HASHERS
    call_command("check", tag=["security"])
