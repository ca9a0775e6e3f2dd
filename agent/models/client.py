"""The client of OpenAI-compatible endpoints. The only module that imports langchain_openai."""

from __future__ import annotations

from typing import Any

from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI

__all__ = ["EndpointClient"]


class EndpointClient(ChatOpenAI):
    """The client, which also keeps a refusal that comes in a stream."""

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        made = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        choices = chunk.get("choices") or [{}]
        refusal = (choices[0].get("delta") or {}).get("refusal")
        if made is not None and isinstance(refusal, str):
            made.message.additional_kwargs["refusal"] = refusal
        return made
