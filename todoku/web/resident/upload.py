"""Stops an upload that is larger than any photo, before it fills the disk."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# No photo is so large. A photo above the 10 MB that we take is read and refused with its remedy (picture.py); only
# what is no photo at all is cut off, and the sender sees a closed line.
BODY_BYTES_MAX = 64 * 1024 * 1024


class PhotoSized(FileUploadHandler):
    """First of the door's upload handlers: looks at the announced length, and counts what really comes."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.came = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > BODY_BYTES_MAX:
            raise RequestDataTooBig("an upload is larger than any photo")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.came += len(raw_data)
        if self.came > BODY_BYTES_MAX:
            raise RequestDataTooBig("an upload is larger than any photo")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
