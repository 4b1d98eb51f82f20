"""Pure. What every refusal of the formats room has in common.

A value that cannot be written or read is refused with a Japanese sentence that may be shown to a person
and says the remedy. The rooms downstream show `.sentence`; they never parse it.
"""


class FormatRefused(ValueError):
    """A value or file that this room cannot carry. `sentence`: Japanese, showable, names the remedy."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
