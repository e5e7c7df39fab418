"""Words that identify a victim are removed, by two people."""

from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Respondent, User, Withdrawal


def remove_words(words: str, respondent: Respondent, by: User, confirmer: User) -> Withdrawal:
    request = request_withdrawal(respondent=respondent, by=by, words=words, files=[], reason="name")
    return confirm_withdrawal(pk=request.pk, by=confirmer)
