"""A kit as files: a directory for its owner alone, one file a piece, and a checklist."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from lab.authority import write_private
from lab.kit.making import Kit
from lab.kit.view import checklist_lines, piece_lines

CHECKLIST: Final = "CHECKLIST.txt"


class DirectoryError(Exception):
    """A directory that the kit must not be written into. The text says how to mend it."""


def write(kit: Kit, directory: Path) -> tuple[Path, ...]:
    """Write every piece (0600) into `directory`, made 0700 where it is missing; the files, the checklist first.

    Files of these names are replaced. Raises DirectoryError, OSError.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        raise DirectoryError(f"{directory} is open to others (mode {mode:04o}); run: chmod 700 {directory}")
    contents = {CHECKLIST: "".join(f"{line}\n" for line in _checklist(kit))}
    contents |= {piece.file: piece.text for piece in kit.pieces if piece.file is not None and piece.text is not None}
    for name, text in contents.items():
        path = directory / name
        if path.is_symlink():
            raise DirectoryError(f"{path} is a symbolic link; remove it")
        write_private(path, text.encode())
    return tuple(directory / name for name in contents)


def _checklist(kit: Kit) -> list[str]:
    lines = list(checklist_lines(kit))
    for piece in kit.pieces:
        lines += ["", *piece_lines(piece, with_text=False)]
        if piece.file is not None:
            lines.append(f"  file: {piece.file}")
    return lines
