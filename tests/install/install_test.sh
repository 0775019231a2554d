#!/usr/bin/env bash
# install_test.sh BUILD SOURCE WORK: the installed tree works after being moved, from another folder, without the build.
set -euo pipefail
build=$1 source=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
prefix=$work/moved
libdir=$(dirname "$(find "$prefix" -name 'libinkfield.so*' | head -n 1)")

echo "-- find_package"
cmake -S "$source/tests/install/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/consumer" >/dev/null
(cd / && LD_LIBRARY_PATH=$libdir "$work/consumer/consumer")

echo "-- pkg-config"
# shellcheck disable=SC2046
cc -std=c99 -Wall -Werror "$source/tests/install/consumer/consumer.c" -o "$work/consumer_pc" \
  $(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config --cflags --libs inkfield)
(cd / && LD_LIBRARY_PATH=$libdir "$work/consumer_pc")

echo "-- installed programs find their plugin, model and templates"
cd /
env -u LD_LIBRARY_PATH "$prefix/bin/inkfield" model >"$work/model.txt"
grep -q open "$work/model.txt"
status=0
env -u LD_LIBRARY_PATH "$prefix/bin/inkfield" read --format json --templates "$source/examples/forms" \
  "$(find "$source/examples/forms" -name '*clean*.png' | sort | head -n 1)" >"$work/read.json" || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { echo "inkfield read ended with $status"; exit 1; }
grep -q '"state"' "$work/read.json"
if [ -e "$build/lib/libinkfield_barcode.so" ]; then
  [ -e "$libdir/libinkfield_barcode.so" ] || { echo "the barcode module is not installed beside the library"; exit 1; }
fi
env -u LD_LIBRARY_PATH "$prefix/bin/inkfield" check "$prefix"/share/inkfield/templates
echo "installed tree: ok"
