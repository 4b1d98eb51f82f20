"""Pure. Draws the enclosed documents of a training case (研修案件): a card with lines, blurred or cut where the case says so.

Takes one Drawn; gives safe SVG. Every drawing bears 見本; it imitates no real document.
"""

from html import escape

from todoku.review.training_cases import Drawn
from todoku.web.shared.chart_svg import Markup, element, rect, text

WIDTH, LINE, TOP = 440, 34, 58
BLUR = '<feGaussianBlur stdDeviation="5"/>'
CUT = 70  # what a cut picture lacks at its right edge


def picture(drawn: Drawn, name: str) -> Markup:
    """The document as SVG; `name` tells its parts from those of other drawings on the page."""
    height = TOP + LINE * max(len(drawn.lines), 4)
    blurred = drawn.taken == "blurred"
    width = WIDTH - CUT if drawn.taken == "cut" else WIDTH
    marks = [
        rect(2, 2, WIDTH - 4, height - 4, "document"),
        text(WIDTH / 2, height / 2 + 30, "見本", "document-mark", "middle"),
        text(20, 34, drawn.title, "document-title"),
        *(
            text(20, TOP + 22 + LINE * place, words, "document-line")
            for place, words in enumerate(drawn.lines)
        ),
    ]
    body = "".join(marks)
    if blurred:
        body = element("filter", BLUR, id=f"{name}-blur") + element("g", body, filter=f"url(#{name}-blur)")
    return Markup(
        element(
            "svg",
            element("title", escape(_said(drawn))) + body,
            viewBox=f"0 0 {width} {height}",
            role="img",
            class_="training-document",
        )  # fmt: skip
    )


def _said(drawn: Drawn) -> str:
    """What a reader who does not see it is told: what can be read, and how it was taken."""
    if drawn.taken == "blurred":
        return f"{drawn.title}。ぼやけていて、文字は読めません。"
    cut = "。右端が欠けています" if drawn.taken == "cut" else ""
    return f"{drawn.title}{cut}。{'、'.join(drawn.lines)}"
