"""How well found clusters of records agree with the true ones, over all pairs of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

Clusters = Mapping[str, Hashable]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Score:
    """Agreement with the truth.

    Attributes:
        precision: Which part of the pairs that were put together truly belong together.
        recall: Which part of the true pairs was put together.
        largest: Records of the largest cluster that was found.
        largest_true: Records of the largest true cluster.
    """

    precision: float
    recall: float
    largest: int
    largest_true: int


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def score(truth: Clusters, found: Clusters) -> Score:
    """Compare two maps of record to cluster; what `found` does not name stands alone."""
    seen = {key: found.get(key, ("alone", key)) for key in truth}
    true_sizes, seen_sizes = Counter(truth.values()), Counter(seen.values())
    both = Counter((truth[key], seen[key]) for key in truth)
    right, put, real = (_pairs(c.values()) for c in (both, seen_sizes, true_sizes))
    return Score(
        precision=right / put if put else 1.0,
        recall=right / real if real else 1.0,
        largest=max(seen_sizes.values(), default=0),
        largest_true=max(true_sizes.values(), default=0),
    )


def closure(records: Iterable[str], links: Iterable[Pair]) -> dict[str, str]:
    """Records to clusters, where whatever is linked directly or through others is one."""
    parent = {record: record for record in records}

    def root(record: str) -> str:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    for left, right in links:
        parent[root(left)] = root(right)
    return {record: root(record) for record in parent}


def proposed(truth: Clusters, found: Clusters, review: Iterable[Pair]) -> tuple[float, float]:
    """What a person gains who looks at the pairs: recall if the right ones are taken; their part.

    A pair stands for the two clusters that its records are in.
    """
    right, all_of = [], 0
    for left, right_one in review:
        if left in truth and right_one in truth:
            all_of += 1
            if truth[left] == truth[right_one]:
                right.append((left, right_one))
    members: dict[Hashable, str] = {}
    chains = [(members.setdefault(cluster, key), key) for key, cluster in found.items()]
    together = score(truth, closure(truth, [*chains, *right]))
    return together.recall, len(right) / all_of if all_of else 1.0
