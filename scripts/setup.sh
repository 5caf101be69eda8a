# Sourced by scripts/demo, scripts/test and scripts/start: makes .venv and puts Confere into it.
#
# setup_confere [EXTRA] [PIP OPTION ...]   installs Confere with the extra named, pinned by constraints.txt;
#                                          does nothing when that has been done since pyproject.toml
#                                          last changed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${CONFERE_VENV:-$root/.venv}

setup_confere() {
  local extras=${1:-} mark
  shift $(($# > 0))
  mark="$venv/.confere-$(cat "$root/pyproject.toml" "$root/constraints.txt" | sha256sum | cut -c1-16)${extras:+-$extras}"
  [ -e "$mark" ] && return
  [ -x "$venv/bin/python" ] || make_venv
  echo "Setting up in $venv (the first time this takes some minutes) ..."
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" \
    --constraint "$root/constraints.txt" --editable "$root${extras:+[$extras]}"
  touch "$mark"
}

make_venv() {
  local python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "Confere needs Python 3.11 or later; PYTHON=... names another one." >&2; exit 7; }
  # Debian's Python comes without ensurepip unless python3-venv is installed; pip can fill in.
  "$python" -m venv "$venv" 2>/dev/null || {
    "$python" -m venv --clear --without-pip "$venv" &&
      "$python" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check pip
  } || { echo "Could not make $venv. On Debian: apt-get install python3-venv" >&2; exit 7; }
}
