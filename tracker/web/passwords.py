"""Hash passwords, and refuse those that are easy to guess."""

import functools
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import hashers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from tracker.models import User
from tracker.models.validators import LengthValidator

SHORTEST, LONGEST = 12, 256
NEEDED_SCORE = 3  # of 4: "safely unguessable" even where a hash is stolen and hashing is slow
JUDGED = 32  # characters: the first; in a quarter of a second at most, where 72 take a second and a half
AT_ENDS = re.compile(r"^(?:[\W_]|(?:19|20)\d\d)+|(?:[\W_]|(?:19|20)\d\d)+$")  # years and signs: "Welcome2026!!"
SITE_WORDS = re.findall(
    r"\w+",
    "recommendation recommendations tracker trafficking persons national focal point contributor reviewer curator "
    "administrator secretariat united nations unodc conference parties convention protocol palermo",
)


class Argon2Hasher(hashers.Argon2PasswordHasher):
    """Hash with the parameters that OWASP names for little memory: 19 MiB, two passes, one lane.

    One thread of the process hashes: each thread that hashed would keep its 19 MiB.
    """

    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1

    def encode(self, password: str, salt: str) -> str:
        return _hashing_thread(os.getpid()).submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        return _hashing_thread(os.getpid()).submit(super().verify, password, encoded).result()


def is_outdated(encoded: str) -> bool:
    """Return whether the digest of a password is of another kind, or costs less, than that of a new password."""
    preferred = hashers.get_hasher()
    return hashers.identify_hasher(encoded).algorithm != preferred.algorithm or preferred.must_update(encoded)


@functools.cache
def _hashing_thread(process: int) -> ThreadPoolExecutor:
    """Return the thread of this process: a fork has none of its parent's."""
    return ThreadPoolExecutor(1, thread_name_prefix="passwords")


class PasswordStrength:
    """Estimate how many guesses a password takes, by zxcvbn with the words of the site and of the person."""

    turn = threading.Lock()  # zxcvbn keeps the words of one call in a global

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < SHORTEST:
            # Translators: count: smallest number of characters.
            sentence = _("The password is too short. Enter at least %(count)d characters.")
            raise ValidationError(sentence, code="password_too_short", params={"count": SHORTEST})
        LengthValidator(LONGEST)(password)
        if self._score(password, [*_words_of(user), *SITE_WORDS]) < NEEDED_SCORE:
            raise ValidationError(
                _(
                    "The password is easy to guess. Enter a longer one, without names, dates and rows of keys. Years "
                    "and signs at the beginning and the end do not count."
                ),
                code="password_guessable",
            )

    def _score(self, password: str, words: list[str]) -> int:
        """Leave the words out, which count for nothing; zxcvbn finds them also backwards and with signs for letters.

        Return the lower score of the rest as it is and without years and signs at its ends.
        """
        pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        rest = re.sub(pattern, "", password, flags=re.IGNORECASE)
        with self.turn:
            return min(_guess(part[:JUDGED], words) for part in {rest, AT_ENDS.sub("", rest)})

    def get_help_text(self) -> str:
        sentence = _(
            # Translators: count: smallest number of characters of a password.
            "Enter at least %(count)d characters, for example four words that do not belong together. Years and signs "
            "at the beginning and the end do not count."
        )
        return sentence % {"count": SHORTEST}


def _guess(password: str, words: list[str]) -> int:
    return zxcvbn(password, user_inputs=words)["score"] if password else 0


def _words_of(user: User | None) -> list[str]:
    """Return the person's name, address and States, whole and in parts."""
    if user is None:
        return []
    names = [user.name, user.email, user.email.partition("@")[0]]
    if user.pk or "current_memberships" in vars(user):
        names += [respondent.name for respondent in user.respondents]
    parts = [part for name in names for part in re.split(r"[\W_]+", name)]
    return [word for word in (*names, *parts) if len(word) > 2]
