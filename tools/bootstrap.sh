#!/bin/sh
# Makes the checkout runnable on a machine with any Node >= 20 and npm: installs the locked packages
# (the pinned Node runtime among them) when they are missing or older than package-lock.json.
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
