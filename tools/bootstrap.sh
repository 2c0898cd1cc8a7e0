#!/bin/sh
# Makes the checkout runnable on a machine with any Node >= 20 and npm: installs the locked packages (the pinned Node
# runtime among them) when they are missing or older than package-lock.json. With the argument "test" it also brings
# in what the end-to-end tests need beyond npm, as far as this user may.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.ambit-lock
if ! [ -x node_modules/.bin/node ] || ! cmp -s package-lock.json "$stamp"; then
  echo "installing packages (once, about a minute) ..." >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  if ! [ -x node_modules/.bin/node ]; then
    echo "no pinned Node runtime for $(uname -s) $(uname -m); supported: Linux x64 and arm64" >&2
    exit 1
  fi
  cp package-lock.json "$stamp"
fi

[ "${1:-}" = test ] || exit 0

missing=""
for pair in nft:nftables ip:iproute2 unshare:util-linux; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"
# An engine for the container tests, which start it and end it themselves when none runs.
command -v docker >/dev/null 2>&1 && { docker version >/dev/null 2>&1 || command -v dockerd >/dev/null 2>&1; } || missing="$missing docker.io"
command -v docker-compose >/dev/null 2>&1 || docker compose version >/dev/null 2>&1 || missing="$missing docker-compose"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests:$missing" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing; } >/dev/null 2>&1 ||
      echo "could not install:$missing; tests that need them will be skipped" >&2
  else
    echo "missing:$missing; tests that need them will be skipped (install them as root)" >&2
  fi
fi

# The bus tests run against a real nats-server as well; the Go tool chain can build one from the module proxy.
if ! command -v nats-server >/dev/null 2>&1 && ! [ -x .cache/bin/nats-server ]; then
  if command -v go >/dev/null 2>&1; then
    echo "building nats-server for the bus tests ..." >&2
    GOBIN="$PWD/.cache/bin" go install github.com/nats-io/nats-server/v2@v2.15.2 >/dev/null 2>&1 ||
      echo "could not build nats-server; the bus tests run on the embedded broker alone" >&2
  else
    echo "no nats-server and no Go tool chain; the bus tests run on the embedded broker alone" >&2
  fi
fi

# tests/attacks runs h2spec against every HTTP/2 port where there is one.
if ! [ -x .cache/bin/h2spec ] && command -v go >/dev/null 2>&1; then
  echo "building h2spec for the attacks ..." >&2
  GOBIN="$PWD/.cache/bin" go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible >/dev/null 2>&1 ||
    echo "could not build h2spec; its rows will say that they were skipped" >&2
fi
