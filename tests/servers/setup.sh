#!/usr/bin/env bash
# Installs the servers under build/servers, each in an environment of its own, once. LLAMA=no leaves out the one that
# has to be compiled (half an hour on a small machine).
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
folder=build/servers
mkdir -p "$folder"

install() { # NAME PACKAGES...: an environment of that name
  local name=$1
  shift
  test -e "$folder/$name/.ready" && return
  echo "installing $*" >&2
  "$python" -m venv "$folder/$name"
  "$folder/$name/bin/python" -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25'
  "$folder/$name/bin/python" -m pip install -qq --disable-pip-version-check "$@"
  touch "$folder/$name/.ready"
}

install litellm 'litellm[proxy]'
if test "${LLAMA:-yes}" != no; then
  export CMAKE_ARGS="${CMAKE_ARGS:--DLLAVA_BUILD=OFF -DLLAMA_CURL=OFF}" CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-2}
  install llama 'llama-cpp-python[server]' gguf
  test -e "$folder/gibberish.gguf" || "$folder/llama/bin/python" tests/servers/make_model.py "$folder/gibberish.gguf"
fi
