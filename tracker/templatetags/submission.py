from django import template

register = template.Library()

OUTER = 79  # where strokes begin, in units of the drawing
STROKES = 64


register.filter("at_key", lambda rows, key: rows.get(key) if rows else None)


@register.inclusion_tag("tracker/submission/seal.html")
def seal(digest: str, state: str, round_code: str) -> dict:
    """Draw a line for each hexadecimal digit v of the digest, clockwise from the top, of length 3 + 1.75 v. Without a
    digest the seal is dashed and empty.
    """
    # The end of each, in units above the centre, and its angle in degrees, clockwise from the top.
    strokes = [
        (f"{-OUTER + 3 + 1.75 * int(digit, 16):g}", f"{place * 360 / STROKES:g}") for place, digit in enumerate(digest)
    ]
    return {"strokes": strokes, "outer": -OUTER, "state": state, "round_code": round_code}
