#!/usr/bin/env bash
# scanner_example_test.sh SCRIPT INKFIELDD FORMS WORK: SANE's test scanner fills a folder, and the service takes the pages from it.
# Ends with 77 (skipped) where scanimage or its test backend is missing.
set -euo pipefail
script=$1 inkfieldd=$2 forms=$3 work=$4
command -v scanimage >/dev/null || { echo "sane-utils is not installed: skipped"; exit 77; }
scanimage --device-name test:0 --all-options >/dev/null 2>&1 || { echo "SANE's test backend is missing: skipped"; exit 77; }
fail() { echo "$1"; find "$work"; exit 1; }
rm -rf "$work"
mkdir -p "$work/in"

bash "$script" --device test:0 --resolution 50 --count 3 --name post "$work/in" >"$work/said"
grep -q '^3 pages scanned' "$work/said" || fail "three pages were not scanned"
[ "$(find "$work/in" -mindepth 1 | wc -l)" -eq 3 ] || fail "something but three pages lies in the folder"
for page in "$work"/in/post-*.png; do
  # Whole: a PNG ends with its IEND piece.
  [ "$(tail -c 8 "$page" | head -c 4)" = IEND ] || fail "$page is no whole PNG"
done

# A feeder with ten sheets runs empty by itself.
bash "$script" --device test:0 --resolution 50 --name feeder "$work/in" --source 'Automatic Document Feeder' >"$work/said"
grep -q '^10 pages scanned' "$work/said" || fail "the feeder's ten pages were not scanned"

! bash "$script" --device test:0 "$work/nowhere" 2>/dev/null || fail "a folder that is not there was taken"
! bash "$script" --device no-such-scanner "$work/in" 2>/dev/null >&2 || fail "a scanner that is not there scanned"
! bash "$script" --device test:0 --name ../x "$work/in" 2>/dev/null || fail "a name with a folder in it was taken"

# The test scanner's sheets are blank, so what counts is that each is taken and filed once.
status=0
"$inkfieldd" --once --templates "$forms" --output "$work/out" "$work/in" 2>"$work/log" || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { cat "$work/log"; fail "inkfieldd ended with $status"; }
[ "$(find "$work/out" -name '*.png' | wc -l)" -eq 13 ] || fail "not all pages were filed"
