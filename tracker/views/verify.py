from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tracker.documents.receipt import find_by_code as find_receipt
from tracker.models.submission import CODE_LETTERS
from tracker.web.request import Request


@login_not_required
@require_safe
def check_code(request: Request) -> HttpResponse:
    typed = request.GET.get("code", "")
    code = "".join(letter for letter in typed.upper() if letter in CODE_LETTERS)
    if code:
        return redirect("verified", code)
    return render(request, "tracker/verify/verify.html", {"typed": typed})


@login_not_required
@require_safe
def show_receipt(request: Request, code: str) -> HttpResponse:
    """Show State, round, date and digest of a receipt and nothing more; 404 where there is no such receipt."""
    found = find_receipt(code)
    context = {"code": code, "found": found}
    response = render(request, "tracker/verify/verified.html", context, status=200 if found else 404)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
