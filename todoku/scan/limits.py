"""Pure. How much one file of a scanner's lot may cost, each limit beside its reason.

Read by open_file and child; a file over a limit is set aside with a sentence, and the lot goes on.
"""

FILE_BYTES_MAX = 200 * 1024 * 1024  # 500 sheets of 400 KB: one full tray of a large scanner in one file
PAGES_MAX = 500  # the same tray; counted before any page is decoded
PIXELS_MAX = 50_000_000  # A4 at 600 dpi has 34.8 million, A3 at 400 dpi 31 million
SIDE_MIN = 60  # pixels; smaller pictures hold nothing that a person could read
STREAM_BYTES_MAX = 50 * 1024 * 1024  # one stream of a PDF, decoded: A4 at 400 dpi in colour has 46 MB
OBJECTS_MAX = 100_000  # of a PDF; 500 pages of a scanner have about 3,000
PDF_DPI = 200  # at which a page of a PDF is drawn: what the scanner's operators are told to use

MEMORY_BYTES = (
    600 * 1024 * 1024
)  # of the child beyond its libraries: file, one page in colour and in grey, work space
PAGE_CPU_SECONDS = 20  # a page takes 0.02 s; the longest retry ladder on A3 at 600 dpi about 3 s
WAIT_SECONDS = 60  # for the next message of the child, on a busy machine
MESSAGE_BYTES_MAX = 60 * 1024 * 1024  # one page as told by the child: its picture and its fields
EXIT_MEMORY = 75  # how a child says that memory did not suffice
OPEN_FILES = 64  # of the child; it opens none of its own but its libraries and model
