"""Sections and the way to a page, as pages write them."""

from django.template import Context, Template


def rendered(source: str, **context) -> str:
    return "".join(line.strip() for line in Template(source).render(Context(context)).splitlines())


def test_a_section_is_named_by_its_head():
    html = rendered('{% section "why" title kind="no-print" %}<p>{{ title }}</p>{% endsection %}', title="A & B")
    assert html == (
        '<section class="section no-print" aria-labelledby="why"><div class="section-head"><h2 id="why">A &amp; B</h2>'
        "</div><p>A &amp; B</p></section>"
    )


def test_a_head_takes_nothing_from_the_page_around_it():
    html = rendered('{% section "why" "Why" %}{% endsection %}', url="/elsewhere/", action="Go", end="3")
    assert "<a" not in html
    assert "section-note" not in html


def test_at_the_end_of_a_head_are_words_or_a_link():
    assert '<span class="section-note">3</span>' in rendered('{% section "why" "Why" end=3 %}{% endsection %}')
    html = rendered('{% section "why" "Why" end=3 url=all action="All" %}{% endsection %}', all="/all/?a=1&b=2")
    assert html.count("section-note") == 1
    assert '<a class="section-note" href="/all/?a=1&amp;b=2">All</a>' in html


def test_the_way_to_a_page_ends_with_the_page():
    html = rendered('{% crumbs "help" "A" "/b/" typed here="C" %}', typed="<B>")
    assert '<li><a href="/help/">A</a></li><li><a href="/b/">&lt;B&gt;</a></li>' in html
    assert html.endswith('<li><span aria-current="page">C</span></li></ol></nav>')
