"""Fetches the documentation sets that `questions.jsonl` asks about.

Downloads the pinned packages with `npm pack` and `pip download`, checks their SHA-256, and extracts their pages to
`.tmp/<set>/…`, with the paths that the questions name. Nothing of them is kept in the repository.

Left out: release notes, pages that only redirect, and what is generated from source code or lists of models.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TMP = HERE / ".tmp"
REDIRECT = b'http-equiv="refresh"'


@dataclass(frozen=True)
class Corpus:
    """One set: a package of a registry, and which of its files are pages."""

    name: str
    # The client that downloads it, less the folder to put it in.
    download: list[str]
    archive: str
    sha256: str
    # The folder in the archive that page paths start from.
    root: str
    pages: str
    count: int


CORPORA = [
    Corpus(
        name="nautobot",
        download=[
            *[sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"],
            *["--ignore-requires-python", "nautobot==3.2.7", "--dest"],
        ],
        archive="nautobot-3.2.7-py3-none-any.whl",
        sha256="0742bcb18aaf08dc45891f2c410707d4c6467089944a01ad6a836b37899ca843",
        root="nautobot/project-static/docs/",
        pages=r"(index|(apps|development|overview|user-guide)/.+)\.html",
        count=311,
    ),
    Corpus(
        name="next",
        download=["npm", "pack", "--silent", "next@16.4.6", "--pack-destination"],
        archive="next-16.4.6.tgz",
        sha256="954cc114e2e4f57464f6d2f6640ec9b7a8e493ad4373c692b2d37d135da2806a",
        root="package/dist/docs/",
        # The Pages Router's pages repeat those of the App Router.
        pages=r"(01-app|03-architecture|04-community)/.+\.md",
        count=307,
    ),
    Corpus(
        name="mastra",
        download=["npm", "pack", "--silent", "@mastra/mcp-docs-server@1.2.27", "--pack-destination"],
        archive="mastra-mcp-docs-server-1.2.27.tgz",
        sha256="0ca2de9f3524ddb6bbfd4795d0aab0477018fab9aa4dac526b41c8589afa86a4",
        root="package/.docs/",
        pages=r"(course|docs|integrations|reference)/.+\.md",
        count=780,
    ),
]


def main():
    for corpus in CORPORA:
        pages = extract(corpus, fetch(corpus))
        if pages != corpus.count:
            raise SystemExit(f"error: `{corpus.name}` has {pages} pages instead of {corpus.count}")
        print(f"{corpus.name}: {pages} pages")


def fetch(corpus):
    """The path of the archive, downloaded unless it is there already."""
    archive = TMP / "archives" / corpus.archive
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*corpus.download, str(archive.parent)], check=True, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != corpus.sha256:
        raise SystemExit(f"error: `{archive}` has SHA-256 {digest} instead of {corpus.sha256}")
    return archive


def extract(corpus, archive):
    """Writes the pages of a set in place of what was there, and counts them."""
    folder = TMP / corpus.name
    shutil.rmtree(folder, ignore_errors=True)
    wanted = re.compile(corpus.pages)
    pages = 0
    for name, content in files(archive):
        page = name.removeprefix(corpus.root)
        if page == name or not wanted.fullmatch(page) or REDIRECT in content:
            continue
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        pages += 1
    return pages


def files(archive):
    """Names and contents of the files in an archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if not name.endswith("/"):
                    yield name, wheel.read(name)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                yield member.name, tar.extractfile(member).read()


if __name__ == "__main__":
    main()
