#!/usr/bin/env bash
# systemd_unit_test.sh UNIT PROGRAM WORK: systemd takes the unit without a complaint, and finds little left to lock away.
# Ends with 77 (skipped) where systemd-analyze is not installed.
set -euo pipefail
unit=$1 program=$2 work=$3
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed: skipped"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
# The program as built: the unit names the installed one.
sed "s|^ExecStart=[^ ]*|ExecStart=$program|" "$unit" >"$work/inkfieldd.service"
complaints=$(systemd-analyze verify --man=no --recursive-errors=no "$work/inkfieldd.service" 2>&1 || true)
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
# From 0 (all locked away) to 10 (nothing): the unit has 1.4, and 2.0 leaves room for other versions of systemd.
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/inkfieldd.service" >"$work/security.txt" ||
  { cat "$work/security.txt"; exit 1; }
tail -n 1 "$work/security.txt"
# A misspelt key must be noticed, or the check above says nothing.
sed 's/^ProtectHome=/ProtectHme=/' "$work/inkfieldd.service" >"$work/wrong.service"
[ -n "$(systemd-analyze verify --man=no --recursive-errors=no "$work/wrong.service" 2>&1 || true)" ] ||
  { echo "systemd-analyze found nothing wrong with a misspelt key"; exit 1; }
