"""Files that are read while they are sent: kept in memory, bounded, never on disk."""

import io

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

LARGEST_FILE = 20_000_000  # bytes


class InMemory(FileUploadHandler):
    """Keeps the one file in memory; more than `LARGEST_FILE` bytes are thrown away and told.

    Attributes:
        is_too_large: Whether a file was thrown away.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.content = io.BytesIO()
        self.is_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep one more piece.

        Raises:
            SkipFile: that makes it too large.
        """
        if start + len(raw_data) > LARGEST_FILE:
            self.is_too_large, self.content = True, io.BytesIO()
            raise SkipFile
        self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the whole file."""
        content, self.content = self.content, io.BytesIO()
        content.seek(0)
        return InMemoryUploadedFile(
            content, self.field_name, self.file_name or "", self.content_type or "", file_size,
            self.charset,
        )  # fmt: skip
