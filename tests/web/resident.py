"""A resident at the public door, as Django's test client: fills the pages in order, one answer at a time."""

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.open_today import Letter

ANSWERS = {
    "who": {"who": "self"},
    "phone": {"phone": "045-000-0000"},
    "rail": {"rail": "bank"},
    "bank": {"code": "0005"},
    "branch": {"code": "001"},
    "number": {"kind": "1", "account_number": "1234567"},
}

LICENCE = {"paper": "driving_licence"}
VALID = {"era": "西暦", "year": "2031", "month": "5", "day": "3"}


def a_photo(name: str = "photo.jpg", size: tuple[int, int] = (640, 480), **options) -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.effect_noise(size, 30).convert("RGB").save(written, "JPEG", **options)
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/jpeg")


class Resident:
    """Somebody with a letter before a browser."""

    def __init__(self, letter: Letter, slug: str = "sample") -> None:
        self.letter, self.slug, self.client = letter, slug, Client()

    def get(self, page: str, **query):
        return self.client.get(f"/{self.slug}/{page}", query)

    def post(self, page: str, answers=None, **options):
        return self.client.post(f"/{self.slug}/{page}", answers or {}, **options)

    def look_up(self, number: str = "", born=None, aim: str = "status"):
        born = born or self.letter.born
        return self.post(
            f"look-up/?for={aim}",
            {
                "number": number or self.letter.number,
                "era": "西暦",
                "year": born.year,
                "month": born.month,
                "day": born.day,
            },
        )

    def show_key(self, key: str = "", aim: str = "apply"):
        return self.post(f"key/?for={aim}", {"key": key or self.letter.key})

    def open(self, aim: str = "apply") -> None:
        """Past the look-up and the key."""
        assert self.look_up(aim=aim).status_code == 302
        assert self.show_key(aim=aim).status_code == 302

    def answer(self, *names: str, **other) -> None:
        """Answers the pages named, by ANSWERS or by what is given; each must lead on."""
        for name in names:
            answered = self.post(f"apply/{name}/", other.get(name) or ANSWERS[name])
            assert answered.status_code == 302, (name, text_of(answered)[:400])

    def fill(self, **other) -> None:
        """Every page up to the review."""
        self.answer(*ANSWERS, **other)
        holder = other.get("holder", {"holder_kana": self.letter.kana})
        assert self.post("apply/holder/", holder).status_code == 302
        self.show_who(**other)
        assert self.post("apply/passbook/", {"photo": a_photo()}).status_code == 302

    def show_who(self, **other) -> None:
        """A licence that is valid for years, and its photo."""
        self.answer(
            "paper", "paper_day", paper=other.get("paper", LICENCE), paper_day=other.get("paper_day", VALID)
        )
        assert self.post("apply/identity/", {"photo": a_photo()}).status_code == 302


def text_of(response) -> str:
    """The words of a page's main part, without tags."""
    body = response.content.decode()
    main = body[body.find("<main") : body.find("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def errors_of(response) -> str:
    """What the error summary says."""
    found = re.search(r'<div class="error-summary".*?</div>', response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def statements(captured) -> int:
    """How many statements were sent, those that only frame a transaction not counted."""
    frames = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return sum(1 for query in captured if not query["sql"].startswith(frames))
