"""Where a named model lies: a folder, what was fetched before, or, said before it happens, the Hugging Face Hub."""

from __future__ import annotations

import logging
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from agent.checkers.nli_folder import weights
from agent.errors import CheckUnavailable

__all__ = ["Hub", "HuggingFaceHub", "find", "require_extra"]

_log = logging.getLogger(__name__)  # with nothing set up, a warning is one line on stderr
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_WANTED = ["config.json", "*.safetensors", "tokenizer*", "vocab*", "merges.txt", "*.model", "special_tokens_map.json"]


class Hub(Protocol):
    """Models by name."""

    def cached(self, name: str) -> Path | None:
        """The folder of what was fetched before; asks nobody."""
        ...

    def fetch(self, name: str) -> Path:
        """The folder, fetched. Raises CheckUnavailable."""
        ...


def find(reference: str, hub: Hub | None = None) -> Path:
    """The folder of the model that is named, fetched if need be. Raises CheckUnavailable."""
    if hub is None:
        require_extra()
        hub = HuggingFaceHub()
    folder = Path(reference).expanduser()
    if folder.is_dir():
        return folder
    if not _NAME.fullmatch(reference):
        raise CheckUnavailable(f"nli:{reference}: no such folder, and no name of a model at the Hugging Face Hub")
    known = hub.cached(reference)
    if known is not None and (known / "config.json").is_file() and weights(known):
        return known
    _log.warning("notice: fetching %s from the Hugging Face Hub, once; --checker bundled needs no network", reference)
    return hub.fetch(reference)


def require_extra() -> None:
    """Raises CheckUnavailable, naming the extra, where the packages are missing that run NLI models."""
    missing = [name for name in ("torch", "transformers", "huggingface_hub") if find_spec(name) is None]
    if missing:
        raise CheckUnavailable(
            f'--checker nli:... needs the extra nli ({", ".join(missing)} missing): pip install "plumbline-review[nli]"'
        )


class HuggingFaceHub:
    """The Hub, and its folder of what was fetched. Weights are taken as safetensors only: they run no code."""

    def cached(self, name: str) -> Path | None:
        """The folder of what was fetched before; asks nobody."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            return None

    def fetch(self, name: str) -> Path:
        """The folder, fetched. Raises CheckUnavailable."""
        from httpx2 import HTTPError
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            return Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=["*/*"]))
        except RepositoryNotFoundError as error:  # also for those that want a login
            raise CheckUnavailable(f"nli:{name}: the Hugging Face Hub shows no such model; check its name") from error
        except (OSError, ValueError, HTTPError) as error:
            raise CheckUnavailable(
                f"nli:{name} can't be fetched from the Hugging Face Hub ({type(error).__name__}); connect to the"
                " network once, or name a folder that holds the model"
            ) from error
