"""Figures as pairs of a numerator and a denominator, to compare with what a test counts by itself."""


def pair(figure) -> tuple[int, int]:
    return figure.numerator, figure.denominator


def pairs(progress) -> tuple:
    return (
        pair(progress.response_rate),
        pair(progress.no_information),
        {status.value: pair(figure) for status, figure in progress.distribution.items()},
        pair(progress.considered_where_asked),
        pair(progress.considered_elsewhere),
    )
