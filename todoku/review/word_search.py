"""Pure. Finds texts by Japanese words: every word must be there, or be like what is there by its groups of letters.

Japanese is written without spaces and its words are short, so texts are cut into overlapping groups of two and three
letters (2-gram, 3-gram). A programme has some hundred rulings at most: they are held against the words one by one.
"""

import unicodedata
from collections.abc import Iterable

# Of a word's groups of letters, the share that a text must hold for being like it.
LIKE_ENOUGH = 0.5


def folded(text: str) -> str:
    """One way of writing: full width and half width, hiragana and katakana, upper and lower case are the same."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in plain if one.isprintable())


def grams(text: str) -> set[str]:
    """The groups of two and three letters of a text, the text itself where it is shorter."""
    return {text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1)} or {text}


def likeness(words: str, text: str) -> float:
    """0 where a word is missing; else up to 1, where all words stand there as typed."""
    held, total = folded(text), 0.0
    wanted = folded(words).split()
    for word in wanted:
        if word in held:
            total += 1
            continue
        parts = grams(word)
        share = sum(part in held for part in parts) / len(parts)
        if share < LIKE_ENOUGH:
            return 0.0
        total += share / 2
    return total / len(wanted) if wanted else 1.0


def ranked(words: str, texts: Iterable[tuple[int, str]]) -> list[int]:
    """The keys of the texts that hold the words, the likest first; of equals, the order in which they came."""
    scored = [(likeness(words, text), key) for key, text in texts]
    return [key for score, key in sorted(scored, key=lambda one: -one[0]) if score > 0]
