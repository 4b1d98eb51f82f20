"""Pure. The files for a printing company in, one encrypted parcel out, block by block; and a parcel read again.

A parcel is a ZIP encrypted with age to the printer's public key. Nothing in clear is written anywhere: the ZIP exists only
in the stream. Its last two entries are the digests and the counts, so one that was cut off shows it.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple, Protocol

import pyrage

from todoku.ground.step import Refusal

FORMAT = "todoku-printer-parcel-1"
MANIFEST, SUMS, README = "manifest.json", "SHA256SUMS.txt", "README.txt"
SUFFIX = ".zip.age"
BLOCK_BYTES = 1 << 20
KEY_PREFIX, SECRET_PREFIX = "age1", "AGE-SECRET-KEY-"


class KeyRefused(Refusal):
    """A text that is no public key of age, or a secret one where a public one belongs."""


class ParcelRefused(Refusal):
    """A parcel that does not hold what its own list says."""


class Entry(NamedTuple):
    """One file of a parcel: its name, and a function that gives its bytes in blocks."""

    name: str
    blocks: Callable[[], Iterable[bytes]]


class Packed(NamedTuple):
    """What a parcel holds: name → (bytes, SHA-256), and its manifest."""

    files: Mapping[str, tuple[int, str]]
    manifest: Mapping[str, Any]


class Sink(Protocol):
    """Where the parcel goes: a file, or what custody.files.writing hands out."""

    @property
    def write(self) -> Callable[[bytes], int]: ...


def whole(name: str, data: bytes) -> Entry:
    """An entry whose bytes are at hand."""
    return Entry(name, lambda: (data,))


def public_key(text: str) -> pyrage.x25519.Recipient:
    """The key to which a parcel is encrypted (age1…). Raises KeyRefused."""
    bare = text.strip()
    if bare.upper().startswith(SECRET_PREFIX):
        raise KeyRefused(
            "これは秘密鍵です。印刷会社の外に出してはいけません。印刷会社に新しい鍵を作ってもらい、age1 で始まる公開鍵を"
            "受け取ってください。"
        )
    try:
        return pyrage.x25519.Recipient.from_str(bare)
    except pyrage.RecipientError as error:
        raise KeyRefused(
            "公開鍵として読めません。age1 で始まる62字の鍵を、途中で切らずに写してください。"
        ) from error


def pack(
    entries: Iterable[Entry], manifest: Mapping[str, Any], recipient: str, out: Sink, *, at: datetime
) -> Packed:
    """Write the parcel into `out`; memory holds a few blocks and one entry that is whole. Raises KeyRefused.

    `manifest`: counts and names in JSON's kinds of value; format, files and digests are added here.
    """
    key, held = public_key(recipient), dict[str, tuple[int, str]]()
    told = {"format": FORMAT, **manifest}
    source, target = _Reader(_zipped(entries, told, held, at)), _Writer(out)
    try:
        pyrage.encrypt_io(source, target, [key])
    except (pyrage.EncryptError, OSError):
        # The library turns whatever either side raised into a text; the reason itself is what must be told.
        reason = source.broken or target.broken
        if reason is not None:
            raise reason from None
        raise
    return Packed(held, told)


def opened(data: BinaryIO, secret: str) -> io.BytesIO:
    """The ZIP of a parcel, with the printer's secret key. Raises ParcelRefused for a changed byte or another's key."""
    clear = io.BytesIO()
    try:
        identity = pyrage.x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError as error:
        raise KeyRefused("秘密鍵として読めません。AGE-SECRET-KEY- で始まる鍵を指定してください。") from error
    try:
        pyrage.decrypt_io(data, clear, [identity])
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the data: the library's own has no number
        raise ParcelRefused(
            "この鍵では開けないか、途中で変わったデータです。元のデータをもう一度受け取ってください。"
        ) from error
    clear.seek(0)
    return clear


def checked(clear: BinaryIO) -> Packed:
    """A decrypted parcel held against its own list: every file there, none more, each with its digest, counts agreeing.

    Raises ParcelRefused with the file that differs.
    """
    try:
        archive = zipfile.ZipFile(clear)
    except zipfile.BadZipFile as error:
        raise ParcelRefused("途中で切れたデータです。元のデータをもう一度受け取ってください。") from error
    with archive:
        names = archive.namelist()
        if MANIFEST not in names:
            raise ParcelRefused(
                f"{MANIFEST} がありません。途中で切れたデータです。もう一度受け取ってください。"
            )
        manifest = json.loads(archive.read(MANIFEST))
        listed = {one["name"]: (one["bytes"], one["sha256"]) for one in manifest["files"]}
        found = {name: _digest(archive, name) for name in names if name not in (MANIFEST, SUMS)}
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) != found.get(name):
            raise ParcelRefused(
                f"{name} が、一覧と一致しません。印刷に使わず、事務局に知らせてもう一度受け取ってください。"
            )
    return Packed(found, manifest)


def file_of(clear: BinaryIO, name: str) -> bytes:
    """One file of a decrypted parcel."""
    with zipfile.ZipFile(clear) as archive:
        return archive.read(name)


def readme(title: str, counts: Sequence[tuple[str, str]], rules: Sequence[str], name: str) -> bytes:
    """What the printer reads first, in Japanese; as its editor expects it (UTF-8 with a mark, CRLF)."""
    lines = [
        title,
        "",
        "■ 数（受け取ったら、まずこの数と一致するか確かめてください）",
        *(f"  {label}: {value}" for label, value in counts),
        "",
        "■ 開き方",
        f"  age -d -i 秘密鍵.txt -o {name}.zip {name}{SUFFIX}",
        "  秘密鍵は貴社だけのものです。事務局にも送らないでください。",
        "",
        "■ 確かめ方",
        f"  開いたフォルダーで sha256sum -c {SUMS}（Windowsでは certutil -hashfile ファイル SHA256）",
        f"  受領の返事には、暗号化されたままの {name}{SUFFIX} のSHA-256を書いてください。",
        "",
        "■ 中身",
        "  print/    印刷するPDF。名前の数字は、順番・はじめの連番・終わりの連番",
        "  insert/   封入計画。1行が1通。照合コードは、宛名の紙の右上のQRの17桁",
        "  trays/    トレーラベル。連番の範囲のとおりに詰める",
        "  artwork/  封筒の版下（あるときだけ）",
        f"  {MANIFEST} 件数とSHA-256の一覧",
        "",
        "■ 守っていただくこと",
        *(f"  {number}. {rule}" for number, rule in enumerate(rules, 1)),
        "",
    ]
    return "\r\n".join(lines).encode("utf-8-sig")


RULES = (
    "封入する前に照合コード（紙の右上のQR）を機械で読み、封入計画の順・枚数と一致したものだけを封入する。",
    "汚れた・破れた1通は、宛名を写真に撮ったり書き写したりせず、照合コードだけを事務局に知らせる。刷り直しは事務局が渡す。",
    "手作業の欄に印のあるものは、封をする前に事務局に渡す。",
    "返信用封筒は折らずに入れる。",
    "トレーは連番の順に詰め、1通も入れ替えない。",
    "差出が終わったら、このデータと写しをすべて消し、消した日と人を事務局に知らせる。",
)


def _zipped(
    entries: Iterable[Entry], manifest: dict[str, Any], held: dict[str, tuple[int, str]], at: datetime
) -> Iterator[bytes]:
    """The bytes of the ZIP as they come; afterwards `held` and the manifest know every file."""
    drain = _Drain()
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_STORED) as archive:

        def put(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
            # PDFs are deflated inside; a stored entry costs nothing and shows its size.
            info = zipfile.ZipInfo(name, stamp)
            with archive.open(info, "w", force_zip64=True) as file:
                for block in blocks:
                    file.write(block)
                    yield drain.taken()
            yield drain.taken()

        for entry in entries:
            assert entry.name not in held, f"{entry.name} stands twice in a parcel"
            digest = _Digest()
            yield from put(entry.name, digest.through(entry.blocks()))
            held[entry.name] = (digest.size, digest.hexdigest())
        sums = "".join(f"{found}  {name}\n" for name, (_, found) in held.items())
        yield from put(SUMS, [sums.encode()])
        manifest["files"] = [
            {"name": name, "bytes": size, "sha256": found} for name, (size, found) in held.items()
        ]
        yield from put(MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1).encode()])
    yield drain.taken()


class _Digest:
    """Counts and digests what passes through."""

    def __init__(self) -> None:
        self._sha256, self.size = sha256(), 0

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self._sha256.update(block)
            self.size += len(block)
            yield block

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


class _Drain(io.RawIOBase):
    """What the ZIP is written into: a file without a way back, emptied after each block."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class _Reader:
    """What the encryption reads from: blocks of any size as a file; keeps what a block's maker raised."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")
        self.broken: BaseException | None = None

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        while not self._rest:
            try:
                self._rest = memoryview(next(self._blocks))
            except StopIteration:
                return b""
            except BaseException as error:
                self.broken = error
                raise
        data = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return data


class _Writer:
    """What the encryption writes to; keeps what the file raised (a full disk)."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self.broken: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(bytes(data))
        except BaseException as error:
            self.broken = error
            raise

    def flush(self) -> None:
        """The file is flushed by whoever opened it."""


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest = _Digest()
    try:
        with archive.open(name) as file:
            for _ in digest.through(iter(lambda: file.read(BLOCK_BYTES), b"")):
                pass
    except zipfile.BadZipFile as error:
        raise ParcelRefused(
            f"{name} が壊れています。印刷に使わず、事務局に知らせてもう一度受け取ってください。"
        ) from error
    return digest.size, digest.hexdigest()
