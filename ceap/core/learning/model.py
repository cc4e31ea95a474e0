"""A trained model: what it needs to say which segment a customer belongs to, and how sure it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.core.learning import clusters
from ceap.core.learning.amounts import Names
from ceap.core.learning.features import Features
from ceap.core.learning.frame import Frame
from ceap.core.learning.network import Network, softmax
from ceap.core.learning.roles import Roles

DISCOVERY, LABELS = "discovery", "labels"
INSIDE = 2  # layers of the autoencoder up to its narrowest place
BATCH = 131_072  # customers scored at once: bounds the memory
FEATURE_ARRAYS = ("floor", "level", "tier", "number_mean", "mean", "scale")


@dataclass(frozen=True)
class Model:
    """One model of either kind.

    mode: DISCOVERY (autoencoder and centres in its embedding) or LABELS (classifier). segments: their keys.
    temperature: divides log-odds so that probabilities hold (labels); twice the variance within segments (discovery).
    """

    mode: str
    roles: Roles
    places: Names | None
    features: Features
    network: Network
    segments: tuple[str, ...]
    temperature: float
    centres: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def see(self, frame: Frame) -> NDArray[np.float32]:
        """What the network sees of each customer, shape (n, d)."""
        seen = self.features.transform(frame)
        return seen * self.features.weights().astype(np.float32) if self.mode == DISCOVERY else seen

    def embed(self, frame: Frame) -> NDArray[np.float32]:
        """Where each customer lies in the embedding of a discovery model, shape (n, width)."""
        return self.network.run(self.see(frame), INSIDE)

    def probabilities(self, frame: Frame) -> NDArray[np.float64]:
        """Of each segment, shape (n, segments)."""
        if self.mode == LABELS:
            return softmax(self.network.run(self.see(frame)), self.temperature)
        return softmax(-clusters.distances(self.embed(frame), self.centres), self.temperature)

    def score(self, frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The likeliest segment of each customer (index in `segments`) and its probability, both shape (n,)."""
        index = np.empty(len(frame), np.int64)
        sure = np.empty(len(frame))
        for at in range(0, len(frame), BATCH):
            rows = np.arange(at, min(at + BATCH, len(frame)))
            found = self.probabilities(frame.take(rows))
            index[rows] = found.argmax(axis=1)
            sure[rows] = found[np.arange(len(rows)), index[rows]]
        return index, sure

    def pack(self) -> dict[str, NDArray[Any]]:
        """The model as plain arrays, in a fixed order."""
        seen = self.features
        words = {
            "mode": self.mode,
            "roles": asdict(self.roles),
            "places": None if self.places is None else dict(sorted(self.places.known.items())),
            "features": [list(seen.categories), list(seen.numbers), list(seen.outlets), seen.by_outlet],
            "segments": list(self.segments),
            "temperature": self.temperature,
            "activation": self.network.activation,
            "layers": len(self.network.weights),
        }
        arrays: dict[str, NDArray[Any]] = {
            "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
            "centres": self.centres,
        }
        arrays |= {f"features.{name}": getattr(seen, name) for name in FEATURE_ARRAYS}
        arrays |= {f"weights.{n}": w for n, w in enumerate(self.network.weights)}
        return arrays | {f"biases.{n}": b for n, b in enumerate(self.network.biases)}

    @classmethod
    def unpack(cls, arrays: Any) -> Model:
        """The model that `pack` made these arrays of."""
        words = json.loads(bytes(arrays["words"]))
        categories, numbers, outlets, by_outlet = words["features"]
        features = Features(
            tuple(categories), tuple(numbers), tuple(outlets), by_outlet,
            *(arrays[f"features.{name}"] for name in FEATURE_ARRAYS),
        )  # fmt: skip
        layers = range(words["layers"])
        network = Network(
            tuple(arrays[f"weights.{n}"] for n in layers),
            tuple(arrays[f"biases.{n}"] for n in layers),
            words["activation"],
        )
        places = None if words["places"] is None else Names(words["places"])
        return cls(
            words["mode"], Roles(**words["roles"]), places, features, network, tuple(words["segments"]),
            words["temperature"], arrays["centres"],
        )  # fmt: skip
