#!/usr/bin/env bash
# export_list_test.sh LIBRARY: exactly one symbol leaves the library, and it does not ask to be unloaded.
set -euo pipefail
exported=$(nm -D --defined-only "$1" | awk '{print $NF}' | sed 's/@.*//')
if [ "$exported" != inkfield_get_api ]; then
  echo "exported, but only inkfield_get_api should be:" >&2
  echo "$exported" >&2
  exit 1
fi
readelf -d "$1" | grep -q NODELETE || { echo "the library may be unloaded; it must be linked with -z nodelete" >&2; exit 1; }
readelf -d "$1" | grep -E 'SONAME.*libinkfield\.so\.1\]' >/dev/null || { echo "the library's name is not libinkfield.so.1" >&2; exit 1; }
