"""Small neural networks: trained by scikit-learn, kept and run as plain arrays.

A network is a chain of layers x → f(x W + b). Keeping nothing but arrays means that a model file holds no code, loads
without scikit-learn, and scores a million customers in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
CHUNK = 65_536  # rows computed at once: bounds the memory
VISITS = 8_000_000  # rows seen in all epochs together: bounds the time
Beat = Callable[[float, str], None]  # how far (0…1), and what is being done; may raise to stop


def silent(_done: float, _what: str) -> None:
    """A beat that nobody listens to."""


@dataclass(frozen=True)
class Network:
    """Layers of weights (in, out) and biases (out,); tanh or relu between them, nothing after the last."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    activation: str

    def run(self, x: NDArray[Any], layers: int | None = None) -> Floats:
        """The output for each row of `x`, shape (n, out); after the first `layers` layers only, when given.

        A hidden layer's output is after its activation.
        """
        out = [self._chunk(x[at : at + CHUNK].astype(np.float32), layers) for at in range(0, len(x), CHUNK)]
        width = self.weights[(layers or len(self.weights)) - 1].shape[1]
        return np.concatenate(out) if out else np.empty((0, width), np.float32)

    def _chunk(self, x: Floats, layers: int | None) -> Floats:
        last = len(self.weights) - 1
        for n, (w, b) in enumerate(zip(self.weights[:layers], self.biases[:layers], strict=True)):
            x = x @ w + b
            if n < last:
                x = np.tanh(x) if self.activation == "tanh" else np.maximum(x, 0)
        return x


def softmax(logits: NDArray[Any], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities of each row, shape as `logits`, adding to 1."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _epochs(net: Any, fit: Callable[[], Any], score: Callable[[], float], most: int, patience: int, beat: Beat) -> None:
    """Train epoch by epoch, in ever smaller steps, until `score` has not grown for `patience` epochs.

    Leaves the best weights in `net`.
    """
    best, since, kept = -np.inf, 0, None
    for epoch in range(most):
        beat(epoch / most, f"epoch {epoch + 1} of at most {most}")
        if epoch:  # scikit-learn has no public door for this
            net._optimizer.learning_rate_init = net.learning_rate_init * max(0.02, 1 - epoch / most)
        fit()
        now = score()
        if now > best + 1e-5:
            best, since = now, 0
            kept = [w.copy() for w in net.coefs_], [b.copy() for b in net.intercepts_]
        elif (since := since + 1) >= patience:
            break
    for now_, then in zip([*net.coefs_, *net.intercepts_], [*kept[0], *kept[1]] if kept else [], strict=False):
        now_[...] = then


def _network(net: Any, activation: str) -> Network:
    return Network(
        tuple(np.asarray(w, np.float32) for w in net.coefs_),
        tuple(np.asarray(b, np.float32) for b in net.intercepts_),
        activation,
    )


def autoencoder(x: NDArray[Any], *, width: int, seed: int, beat: Beat = silent, most: int = 120) -> Network:
    """Learn to squeeze each row through `width` numbers and restore it (Hinton & Salakhutdinov 2006).

    Args:
        x: standardised features, shape (n, d).
        width: numbers in the bottleneck; `Network.run(x, layers=2)` gives them.
    """
    from sklearn.neural_network import MLPRegressor

    x = x.astype(np.float32)
    hidden = max(16, 2 * x.shape[1])
    net = MLPRegressor(
        hidden_layer_sizes=(hidden, width, hidden),
        activation="tanh",
        solver="adam",
        batch_size=min(512, max(32, len(x) // 20)),
        learning_rate_init=2e-3,
        alpha=1e-5,
        random_state=seed,
    )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    held = x[order[: max(1, min(20_000, len(x) // 10))]]
    rest = x[order[len(held) :]] if len(x) > len(held) else x

    def step() -> None:
        shuffled = rest[rng.permutation(len(rest))]
        net.partial_fit(shuffled, shuffled)

    def score() -> float:
        return -float(np.mean((net.predict(held) - held) ** 2))

    most = max(4, min(most, VISITS // 3 // max(1, len(rest))))
    _epochs(net, step, score, most, max(6, most // 6), beat)
    return _network(net, "tanh")


@dataclass(frozen=True)
class Classifier:
    """A network whose outputs are the log-odds of `classes`, and the temperature that calibrates them."""

    network: Network
    classes: tuple[str, ...]
    temperature: float

    def probabilities(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Shape (n, classes)."""
        return softmax(self.network.run(x), self.temperature)


def classifier(
    x: NDArray[Any], y: NDArray[np.integer], classes: tuple[str, ...], *, seed: int, beat: Beat = silent, most: int = 80
) -> Classifier:
    """Learn which of `classes` each row belongs to.

    A tenth of the rows stops the training in time and sets the temperature (Guo et al. 2017, "On calibration of modern
    neural networks"); the rest is learnt from.

    Args:
        x: standardised features, shape (n, d). y: index into `classes`, shape (n,); each class has two rows or more.
    """
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    x = x.astype(np.float32)
    two = np.bincount(y, minlength=len(classes)).min() >= 10
    learn, held = train_test_split(
        np.arange(len(x)), test_size=max(0.1, len(classes) / len(x)), random_state=seed, stratify=y if two else None
    )
    net = MLPClassifier(
        hidden_layer_sizes=(96, 48), activation="relu", solver="adam", batch_size=min(512, max(16, len(learn) // 20)),
        learning_rate_init=2e-3, alpha=1e-6, random_state=seed,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    labels = np.arange(len(classes))

    def step() -> None:
        order = learn[rng.permutation(len(learn))]
        net.partial_fit(x[order], y[order], classes=labels)

    def score() -> float:
        return -_log_loss(_network(net, "relu"), x[held], y[held], 1.0, len(classes))

    most = max(8, min(most, VISITS // max(1, len(learn))))
    _epochs(net, step, score, most, max(6, most // 4), beat)
    network = _wide(_network(net, "relu"), len(classes))
    return Classifier(network, classes, _temperature(network, x[held], y[held], len(classes)))


def _wide(network: Network, classes: int) -> Network:
    """Of two classes scikit-learn keeps the log-odds of the second alone: give each its own."""
    if network.weights[-1].shape[1] == classes:
        return network
    w, b = network.weights[-1], network.biases[-1]
    return Network(
        (*network.weights[:-1], np.hstack([np.zeros_like(w), w])),
        (*network.biases[:-1], np.concatenate([np.zeros_like(b), b])),
        network.activation,
    )


def _log_loss(network: Network, x: Floats, y: NDArray[np.integer], temperature: float, classes: int) -> float:
    found = softmax(_wide(network, classes).run(x), temperature)
    return float(-np.log(np.clip(found[np.arange(len(y)), y], 1e-12, 1)).mean())


def _temperature(network: Network, x: Floats, y: NDArray[np.integer], classes: int) -> float:
    """The temperature of least log-loss, by golden section between 0.25 and 20."""
    low, high = np.log(0.25), np.log(20.0)
    ratio = (np.sqrt(5) - 1) / 2

    @lru_cache
    def at(t: float) -> float:
        return _log_loss(network, x, y, float(np.exp(t)), classes)

    for _ in range(20):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if at(left) < at(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))
