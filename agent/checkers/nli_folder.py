"""What the folder of a Hugging Face model says of it, read without running it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ValidationError

from agent.errors import CheckUnavailable

__all__ = ["LONGEST", "ModelCard", "fingerprint", "read_card"]

LONGEST = 512
"""Tokens shown to a model that says nothing of its length."""
_HUGE = 1_000_000  # tokenizers without a limit name an astronomic one
_OFFSET_POSITIONS = ("roberta", "camembert", "mpnet", "longformer", "data2vec-text", "ibert", "luke", "xmod")
_KIND = "ForSequenceClassification"


class _Config(BaseModel):
    """What we read of config.json."""

    id2label: dict[int, str] = {}
    architectures: list[str] | None = None
    model_type: str = ""
    problem_type: str | None = None
    max_position_embeddings: int | None = None
    pad_token_id: int | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The labels, in the order of the outputs, and how many positions the model has; None: it does not say."""

    labels: tuple[str, ...]
    positions: int | None

    def length(self, tokenizer_limit: int) -> int:
        """Tokens that a pair may have, given the tokenizer's own limit."""
        limits = [limit for limit in (tokenizer_limit, self.positions) if limit is not None and 0 < limit < _HUGE]
        return min(limits, default=LONGEST)


def read_card(folder: Path, model: str) -> ModelCard:
    """What `folder` says. `model` names it in errors. Raises CheckUnavailable where it is no model we can run."""
    try:
        config = _Config.model_validate_json((folder / "config.json").read_bytes())
    except OSError as error:
        raise CheckUnavailable(
            f"{model}: no config.json can be read in its folder; name the folder of a Hugging Face model"
        ) from error
    except ValidationError as error:
        raise CheckUnavailable(f"{model}: its config.json is not that of a model; fetch the model again") from error
    if not any(name.endswith(_KIND) for name in config.architectures or ()):
        raise CheckUnavailable(
            f"{model} classifies no sequences (it is {_first(config.architectures)}); name an NLI or checker model,"
            f" whose config.json says ...{_KIND}"
        )
    if config.problem_type not in (None, "single_label_classification"):
        raise CheckUnavailable(f"{model} chooses no one label ({config.problem_type}); name an NLI or checker model")
    if sorted(config.id2label) != list(range(len(config.id2label))):
        raise CheckUnavailable(f"{model}: id2label in its config.json does not count from 0; mend it")
    if not weights(folder):
        raise CheckUnavailable(
            f"{model} has no weights as safetensors; convert it (other files can run code of others when they load)"
        )
    return ModelCard(tuple(config.id2label[place] for place in sorted(config.id2label)), _positions(config))


def weights(folder: Path) -> list[Path]:
    """The model's weights, by name."""
    return sorted(path for path in folder.glob("*.safetensors") if path.is_file())


def fingerprint(folder: Path) -> str:
    """Eight hex digits of the SHA-256 over config and weights: which model it was. Raises CheckUnavailable."""
    digest = sha256()
    try:
        for path in (folder / "config.json", *weights(folder)):
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    except OSError as error:
        raise CheckUnavailable(f"{path.name} of the model can't be read ({error.strerror}); fetch it again") from error
    return digest.hexdigest()[:8]


def _positions(config: _Config) -> int | None:
    """Usable positions: RoBERTa and its kin begin to count after the padding token's number."""
    if config.max_position_embeddings is None:
        return None
    kin = any(name in config.model_type for name in _OFFSET_POSITIONS)
    return config.max_position_embeddings - ((1 if config.pad_token_id is None else config.pad_token_id) + 1) * kin


def _first(architectures: list[str] | None) -> str:
    return architectures[0][:60] if architectures else "of no named kind"
