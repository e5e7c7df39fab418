from recommendations.models import PaperImport
from tracker.models import User
from tracker.permissions import can_publish_paper


def papers_to_confirm(user: User) -> list[PaperImport]:
    """Return the drafts that are offered for publication, and that the user can publish or return."""
    drafts = PaperImport.objects.select_related("body").prefetch_related("editors").defer("document")
    return [draft for draft in drafts.offered() if can_publish_paper(user, draft)]
