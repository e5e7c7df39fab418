"""What every report, page or file, says of itself (DESIGN.md, section 6)."""

from django.utils.translation import gettext_lazy as _

USUAL = (
    _("Self-reported by States, not verified by the Secretariat."),
    _("Answering is voluntary, and neither part of nor a substitute for the Review Mechanism of the Convention."),
    _("“No information” means that nothing was recorded: it is counted apart and is not “no measure”."),
    _("Strength describes wording, not legal obligation."),
    _(
        "The designations employed and the presentation of material in this report do not imply the expression of any "
        "opinion whatsoever on the part of the Secretariat of the United Nations concerning the legal status of any "
        "country, territory, city or area, or of its authorities, or concerning the delimitation of its frontiers or "
        "boundaries."
    ),
)
