"""The folder of files that were sent: each with who sent it, what is to be done, and how far that is.

It lies in the installation's ``var`` folder, readable by nobody else (0700, files 0600). The file itself goes
as soon as it was imported or put away, everything else after a day. How far a work is stands in files and
not in the database: on SpatiaLite an import is the one writer as long as it runs.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

import orjson

from gisgrid.access.keys.encryption import KeyRing
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.storage.base import new_id

MOST_MB: Final = 100
"""Largest file that is taken through a page."""
SILENCE_S: Final = 30.0
"""A process that says nothing for so long is taken for dead."""
KEPT_S: Final = 24 * 3600.0
FILE_KEPT_S: Final = 2 * 3600.0
"""How long a file waits for its import; who comes later sends it again."""

_PIECE: Final = 2**20
_COLUMN: Final = "upload.told"
_ID: Final = re.compile(r"[0-9a-f-]{36}")


class Work(StrEnum):
    """What a process does with a file or an import."""

    CHECK = "check"
    IMPORT = "import"
    UNDO = "undo"


class Stage(StrEnum):
    """How far the work is."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file: who sent it, as what, the answers given so far, and the work asked for last.

    ``turn`` counts the works; ``headers`` and ``columns`` (``OURS=THEIRS``) are known once it was looked at.
    ``id`` will be that of the import's record. An undo has no file, and ``subject`` is the import. ``said``
    is what else was filled in.
    """

    id: str
    account_id: str
    kind: str
    file_name: str
    community: str | None
    at: datetime
    work: Work = Work.CHECK
    turn: int = 0
    crs: str | None = None
    sheet: str | None = None
    level: str = "grid"
    fix: bool = False
    accepted_m2: float = 0.0
    merge: bool = False
    dates: str | None = None
    as_closed: bool = False
    new_categories: str = "refuse"
    columns: Sequence[str] = field(default=())
    subject: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """The ending of the file's name, by which its reader is chosen."""
        return Path(self.file_name).suffix.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """How far a work is, as the page tells it: ``share`` from 0 to 1, ``result`` once it has ended."""

    stage: Stage
    share: float
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is kept of everybody: files, their bytes, and works that are under way."""

    files: int
    size: int
    running: int


class Uploads:
    """All files that were sent to one installation."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self.folder, self._keys = folder, keys

    def take(self, upload: Upload, content: IO[bytes]) -> Upload:
        """Keep a file, readable by nobody else.

        Raises
        ------
        InvalidInput
            It is empty or too large; nothing is kept then.
        """
        place = self._make(upload)
        try:
            with _private(place / f"file{upload.suffix}") as out:
                _copy(content, out)
        except InvalidInput:
            shutil.rmtree(place)
            raise
        return upload

    def take_beside(self, upload: Upload, suffix: str, content: IO[bytes]) -> None:
        """Keep a small file that belongs to one that was taken, under its name with another ending.

        Raises
        ------
        InvalidInput
            It is empty or too large.
        """
        place = self.folder / upload.id / f"file{suffix}"
        try:
            with _private(place) as out:
                _copy(content, out)
        except InvalidInput:
            place.unlink()
            raise

    def take_none(self, upload: Upload) -> Upload:
        """A work without a file."""
        self._make(upload)
        return upload

    def _make(self, upload: Upload) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self.folder / upload.id
        place.mkdir(mode=0o700)
        self._write(place / "upload.json", _packed(upload))
        return place

    def find(self, upload_id: str, account_id: str | None) -> Upload:
        """A file of an account.

        Raises
        ------
        NotFound
            No such file, or somebody else sent it.
        """
        place = self.folder / upload_id
        if not _ID.fullmatch(upload_id) or not (place / "upload.json").is_file():
            raise NotFound("no such upload: files that were sent are kept for a day only")
        upload = _unpacked((place / "upload.json").read_bytes())
        if account_id is not None and upload.account_id != account_id:
            raise NotFound("no such upload: files that were sent are kept for a day only")
        return upload

    def of(self, account_id: str | None) -> list[Upload]:
        """What an account has sent, the newest first."""
        return [upload for upload in self._all() if upload.account_id == account_id]

    def _all(self) -> Iterator[Upload]:
        """Every upload, the newest first; one that vanishes meanwhile is left out."""
        for place in sorted(self.folder.glob("*/upload.json"), reverse=True):
            with suppress(FileNotFoundError):
                yield _unpacked(place.read_bytes())

    def file_of(self, upload: Upload) -> Path:
        """Where the file lies."""
        return self.folder / upload.id / f"file{upload.suffix}"

    def begin(self, upload: Upload, work: Work, *, at: datetime, **answers: Any) -> Upload:
        """Note that a work begins; the process that does it is started by somebody else.

        Raises
        ------
        Conflict
            Another work is under way, or the file is gone.
        """
        if upload.turn and self.progress_of(upload).stage in {Stage.RUNNING, Stage.STOPPING}:
            raise Conflict("this file is being worked on: wait for it or stop it")
        if work != Work.UNDO and not self.file_of(upload).is_file():
            raise Conflict("the file is not kept any more: send it again")
        begun = replace(upload, work=work, turn=upload.turn + 1, at=at, **answers)
        place = self.folder / upload.id
        (place / "stop").unlink(missing_ok=True)
        self.beat(begun, 0.0)
        self._write(place / "upload.json", _packed(begun))
        return begun

    def beat(self, upload: Upload, share: float) -> None:
        """Say that the work goes on, and how far it is."""
        self._write(self.folder / upload.id / "share", f"{share:.4f}".encode())

    def stop(self, upload: Upload) -> None:
        """Ask the work to stop."""
        self._write(self.folder / upload.id / "stop", b"")

    def is_stopped(self, upload: Upload) -> bool:
        """Whether the work is not wanted any more."""
        return not (self.folder / upload.id / "upload.json").is_file() or self._should_stop(upload)

    def _should_stop(self, upload: Upload) -> bool:
        return (self.folder / upload.id / "stop").is_file()

    def end(self, upload: Upload, result: Mapping[str, Any]) -> None:
        """Keep what came of a work, sealed: it may quote the file."""
        sealed = self._keys.encrypt(orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY).decode(), _COLUMN)
        self._write(self.folder / upload.id / f"told-{upload.turn}", sealed)

    def progress_of(self, upload: Upload) -> WorkState:
        """How far the work asked for last is."""
        result = self._result(upload)
        if result is not None:
            return WorkState(stage=Stage(result["stage"]), share=1.0, result=result)
        share, silent_s = self._share(upload)
        if silent_s > SILENCE_S:
            return WorkState(stage=Stage.FAILED, share=share)
        return WorkState(stage=Stage.STOPPING if self._should_stop(upload) else Stage.RUNNING, share=share)

    def _result(self, upload: Upload) -> dict[str, Any] | None:
        try:
            sealed = (self.folder / upload.id / f"told-{upload.turn}").read_bytes()
        except FileNotFoundError:
            return None
        result: dict[str, Any] = orjson.loads(self._keys.decrypt(sealed, _COLUMN))
        return result

    def _share(self, upload: Upload) -> tuple[float, float]:
        path = self.folder / upload.id / "share"
        try:
            return float(path.read_text() or 0), time.time() - path.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return 0.0, 0.0

    def drop_file(self, upload: Upload) -> None:
        """The file is not needed any more, nor what came with it."""
        for file in (self.folder / upload.id).glob("file.*"):
            file.unlink(missing_ok=True)

    def put_away(self, upload: Upload) -> None:
        """Forget a file and everything about it."""
        shutil.rmtree(self.folder / upload.id, ignore_errors=True)

    def sweep(self) -> None:
        """Forget what nobody came back for."""
        sweep(self.folder)

    def held(self) -> Held:
        """What lies here now, of everybody."""
        sizes = [state.st_size for file in self.folder.glob("*/file.*") if (state := _stat(file)) is not None]
        return Held(files=len(sizes), size=sum(sizes), running=sum(map(self._runs, self._all())))

    def _runs(self, upload: Upload) -> bool:
        is_told = (self.folder / upload.id / f"told-{upload.turn}").is_file()
        return bool(upload.turn) and not is_told and self._share(upload)[1] <= SILENCE_S

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all, also where two write at once."""
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with _private(aside) as out:
            out.write(content)
        aside.replace(path)


def new_upload(
    *, account_id: str, kind: str, file_name: str, community: str | None, at: datetime, **more: Any
) -> Upload:
    """A file that is about to be taken."""
    return Upload(
        id=new_id(),
        account_id=account_id,
        kind=kind,
        file_name=Path(file_name.replace("\\", "/")).name[-200:],
        community=community,
        at=at,
        **more,
    )


def sweep(folder: Path) -> None:
    """Forget what nobody came back for in a folder of uploads; several may sweep at once."""
    if not folder.is_dir():
        return
    for place in folder.iterdir():
        silent_s = time.time() - _last_change(place)
        if place.is_dir() and silent_s > KEPT_S:
            shutil.rmtree(place, ignore_errors=True)
        elif silent_s > FILE_KEPT_S:
            for file in place.glob("file.*"):
                file.unlink(missing_ok=True)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _copy(content: IO[bytes], out: IO[bytes]) -> None:
    size = 0
    while piece := content.read(_PIECE):
        size += len(piece)
        if size > MOST_MB * _PIECE:
            raise InvalidInput(say("the file is larger than {most} MB: split it", most=MOST_MB))
        out.write(piece)
    if not size:
        raise InvalidInput(say("the file is empty"))


def _last_change(place: Path) -> float:
    """When anything in a folder changed last; now, where it vanished just now."""
    states = [_stat(file) for file in [*place.glob("*")] or [place]]
    return max((state.st_mtime for state in states if state is not None), default=time.time())


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _packed(upload: Upload) -> bytes:
    return orjson.dumps(asdict(upload))


def _unpacked(content: bytes) -> Upload:
    said = orjson.loads(content)
    return Upload(**said | {"at": datetime.fromisoformat(said["at"]), "work": Work(said["work"])})
