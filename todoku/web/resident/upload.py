"""Stops an upload that is larger than any photo we take, before it fills memory or disk."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from todoku.intake.picture import BYTES_MAX

# One photo and the other fields of its page.
BODY_BYTES_MAX = BYTES_MAX + 1024 * 1024


class PhotoSized(FileUploadHandler):
    """First of the door's upload handlers: looks at the announced length, and counts what really comes."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.came = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > BODY_BYTES_MAX:
            raise RequestDataTooBig("an upload is larger than any photo we take")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.came += len(raw_data)
        if self.came > BODY_BYTES_MAX:
            raise RequestDataTooBig("an upload is larger than any photo we take")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
