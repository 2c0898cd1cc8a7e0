#!/bin/sh
# Prints the path of a nats-server program: the one named by AMBIT_NATS_SERVER, one on PATH, or one built once from the
# Go module proxy into .cache/bin. Exit status 1 when there is none and no Go tool chain to build one.
set -eu
cd "$(dirname "$0")/.."

version=v2.15.2
built="$PWD/.cache/bin/nats-server"

if [ -n "${AMBIT_NATS_SERVER:-}" ]; then
  command -v "$AMBIT_NATS_SERVER" && exit 0
  echo "AMBIT_NATS_SERVER names no program: $AMBIT_NATS_SERVER" >&2
  exit 1
fi
command -v nats-server && exit 0
if ! [ -x "$built" ]; then
  command -v go >/dev/null 2>&1 || { echo "no nats-server and no Go tool chain" >&2; exit 1; }
  echo "building nats-server $version ..." >&2
  GOBIN="$PWD/.cache/bin" CGO_ENABLED=0 go install -trimpath "github.com/nats-io/nats-server/v2@$version" >/dev/null 2>&1 ||
    { echo "could not build nats-server" >&2; exit 1; }
fi
echo "$built"
