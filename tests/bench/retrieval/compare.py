"""Our retrieval next to Python's `bm25s`, on the same passages.

Reads `questions.jsonl`, and two kinds of files of JSON lines that our program writes:

- passages: `{"id", "set", "page", "title", "headings": [...], "text"}`, with the page's path as in the questions;
- a run: `{"id": <question>, "passages": [<id>, ...]}`, the best passages first. Only the first five count.

Prints Markdown tables by set and kind. A question is hit if one of its pages is among those of the five passages.
`bm25s` has Snowball's English stemmer, its own English stop words, its `lucene` method and its default `k1` and `b`. It
searches each set by itself, once in the text of the passages and once in title, headings and text ("+ titles"). It gets
follow-up questions alone, and in a row of their own together with the question before them.
"""

import argparse
import json
import sys
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

HERE = Path(__file__).parent
BEST = 5
RESAMPLES = 10_000
SEED = 20261127
KINDS = ["words", "paraphrase", "follow-up"]
# Follow-up questions again, for which the baseline gets the question before, too.
WITH_BEFORE = "follow-up + before"
# The columns of the baseline.
TEXT, TITLES = "bm25s", "bm25s + titles"


def main():
    arguments = parsed_arguments()
    questions = lines(arguments.questions)
    passages = lines(arguments.passages)
    pages = {passage["id"]: passage["page"] for passage in passages}
    check_pages(questions, passages)
    baseline = Baseline(passages)
    ranks = {
        TEXT: {question["id"]: baseline.rank(question, TEXT) for question in questions},
        TITLES: {question["id"]: baseline.rank(question, TITLES) for question in questions},
    }
    with_before = {
        column: {question["id"]: baseline.rank(question, column, with_before=True) for question in questions}
        for column in (TEXT, TITLES)
    }
    runs = {path.stem: ranks_of_run(path, questions, pages) for path in arguments.runs}
    for name, run in runs.items():
        print(f"## {name}\n")
        print_tables(questions, {**ranks, name: run}, {**with_before, name: run})
        print_goals(questions, ranks[TEXT], run)
        if arguments.misses:
            print_misses(questions, ranks[TEXT], run)
    if not runs:
        print_tables(questions, ranks, with_before)


def parsed_arguments():
    parser = argparse.ArgumentParser(description="Compares runs of our retrieval with bm25s.")
    parser.add_argument("passages", type=Path, help="the passages that our program made")
    parser.add_argument("runs", type=Path, nargs="*", help="what our program found, a file per way to search")
    parser.add_argument("--questions", type=Path, default=HERE / "questions.jsonl")
    parser.add_argument("--misses", action="store_true", help="list the questions that bm25s hits and the run misses")
    return parser.parse_args()


def lines(path):
    """The JSON values of a file, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_pages(questions, passages):
    """Ends with an error if a page that a question names has no passage: then its path is spelled otherwise."""
    known = {(passage["set"], passage["page"]) for passage in passages}
    for question in questions:
        for page in question["pages"]:
            if (question["set"], page) not in known:
                sys.exit(f"error: no passage of `{question['set']}` is from `{page}`, which `{question['id']}` names")


class Baseline:
    """`bm25s` with an index per set and column."""

    def __init__(self, passages):
        self.stemmer = Stemmer.Stemmer("english")
        self.pages = {}
        self.indexes = {}
        for name in {passage["set"] for passage in passages}:
            chosen = [passage for passage in passages if passage["set"] == name]
            self.pages[name] = [passage["page"] for passage in chosen]
            self.indexes[name, TEXT] = self.index([passage["text"] for passage in chosen])
            self.indexes[name, TITLES] = self.index([with_titles(passage) for passage in chosen])

    def index(self, texts):
        index = bm25s.BM25(method="lucene")
        index.index(self.tokens(texts), show_progress=False)
        return index

    def tokens(self, texts):
        return bm25s.tokenize(texts, stopwords="en", stemmer=self.stemmer, show_progress=False)

    def rank(self, question, column, with_before=False):
        """The rank of the first hit among the best passages, or `None`."""
        text = question["question"]
        if with_before and "before" in question:
            text = f"{question['before']} {text}"
        index = self.indexes[question["set"], column]
        found, scores = index.retrieve(self.tokens([text]), k=BEST, show_progress=False)
        pages = self.pages[question["set"]]
        # Passages without a word of the question fill up the list, with a score of 0.
        return first_hit(question, [pages[number] for number, score in zip(found[0], scores[0]) if score > 0])


def with_titles(passage):
    return "\n".join([passage["title"], *passage["headings"], passage["text"]])


def ranks_of_run(path, questions, pages):
    found = {line["id"]: line["passages"] for line in lines(path)}
    ranks = {}
    for question in questions:
        if question["id"] not in found:
            sys.exit(f"error: `{path}` has no line for `{question['id']}`")
        ids = found[question["id"]][:BEST]
        unknown = [name for name in ids if name not in pages]
        if unknown:
            sys.exit(f"error: `{path}` names `{unknown[0]}`, which is no passage")
        ranks[question["id"]] = first_hit(question, [pages[name] for name in ids])
    return ranks


def first_hit(question, pages):
    """The rank, from 1, of the first page that answers the question."""
    return next((rank for rank, page in enumerate(pages, 1) if page in question["pages"]), None)


def hits_at(limit, ranks):
    return np.array([rank is not None and rank <= limit for rank in ranks], dtype=float)


def hit_at_5(ranks):
    return hits_at(BEST, ranks).mean()


def hit_at_1(ranks):
    return hits_at(1, ranks).mean()


def mrr_at_5(ranks):
    return np.mean([1 / rank if rank else 0 for rank in ranks])


def difference(ours, theirs):
    """How far hit@5 is ahead, with the 95 % interval of a paired bootstrap over the questions."""
    gains = hits_at(BEST, ours) - hits_at(BEST, theirs)
    samples = np.random.default_rng(SEED).choice(gains, (RESAMPLES, len(gains))).mean(axis=1)
    low, high = np.percentile(samples, [2.5, 97.5])
    return f"{gains.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def rows(questions):
    """Set, kind and questions of each row of a table."""
    sets = list(dict.fromkeys(question["set"] for question in questions))
    for name in [*sets, "all"]:
        chosen = [question for question in questions if name in (question["set"], "all")]
        for kind in KINDS:
            yield name, kind, [question for question in chosen if question["kind"] == kind]
        yield name, WITH_BEFORE, [question for question in chosen if "before" in question]
        yield name, "all", chosen


def print_tables(questions, alone, with_before):
    """Two tables: hit@5 with how far we are ahead, then hit@1 and MRR@5."""
    names = list(alone)
    ours = names[2:]
    ahead = [f"ahead of {column}" for column in (TEXT, TITLES)] if ours else []
    print_row(["set", "kind", "n", *[f"hit@5 {name}" for name in names], *ahead])
    print_row(["---"] * (3 + len(names) + len(ahead)))
    for name, kind, chosen in rows(questions):
        ranks = ranks_of_row(with_before if kind == WITH_BEFORE else alone, chosen)
        cells = [f"{hit_at_5(ranks[column]):.3f}" for column in names]
        gains = [difference(ranks[ours[0]], ranks[column]) for column in (TEXT, TITLES)] if ours else []
        print_row([name, kind, len(chosen), *cells, *gains])
    print()
    print_row(["set", "kind", "n", *[f"{measure} {name}" for measure in ("hit@1", "MRR@5") for name in names]])
    print_row(["---"] * (3 + 2 * len(names)))
    for name, kind, chosen in rows(questions):
        ranks = ranks_of_row(with_before if kind == WITH_BEFORE else alone, chosen)
        cells = [f"{measure(ranks[column]):.3f}" for measure in (hit_at_1, mrr_at_5) for column in names]
        print_row([name, kind, len(chosen), *cells])
    print()


def ranks_of_row(columns, questions):
    return {name: [ranks[question["id"]] for question in questions] for name, ranks in columns.items()}


def print_row(cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def print_goals(questions, theirs, ours):
    """What the feature promises, and whether the run keeps it."""

    def hit(ranks, kinds):
        return hit_at_5([ranks[question["id"]] for question in questions if question["kind"] in kinds])

    everywhere = hit(ours, KINDS) - hit(theirs, KINDS)
    paraphrased = hit(ours, ["paraphrase"]) - hit(theirs, ["paraphrase"])
    words = hit(ours, ["words"])
    goals = [
        (f"hit@5 at least that of bm25s ({everywhere:+.3f})", everywhere >= 0),
        (f"hit@5 of at least 0.95 with shared rare words ({words:.3f})", words >= 0.95),
        (f"hit@5 at least 0.05 ahead of bm25s on paraphrases ({paraphrased:+.3f})", paraphrased >= 0.05),
    ]
    for goal, reached in goals:
        print(f"- {'reached' if reached else 'missed'}: {goal}")
    print()


def print_misses(questions, theirs, ours):
    for question in questions:
        if theirs[question["id"]] and not ours[question["id"]]:
            before = f"{question['before']} … " if "before" in question else ""
            print(f"- `{question['id']}`: {before}{question['question']} ({', '.join(question['pages'])})")
    print()


if __name__ == "__main__":
    main()
