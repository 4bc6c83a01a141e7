#!/bin/sh
# Tests curl against a running server: connects, resumes after a cut, and gets a gap.
# Usage: clients.sh http://127.0.0.1:8080
set -eu
url=$1
room=curl-$$
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

publish() { curl -sf -o "$dir/published" -d "body=$1" "$url/messages?room=$room"; }
id() { sed -n 's/.*"id":"\([0-9A-Z]*\)".*/\1/p' "$1" | tail -n 1; }
bodies() { grep -o '"body":"[a-z]*"' "$1" | cut -d'"' -f4 | tr '\n' ' '; }
check() { [ "$1" = "$2" ] || { echo "curl: FAILED: $1 (expected: $2)"; exit 1; }; }

publish one
for path in "events?after=earliest&" "messages?wait=0&"; do
  # curl stops after two seconds (-m 2), because an event stream has no end.
  curl -sN -m 2 "$url/${path}room=$room" >"$dir/first" || true
  check "$(bodies "$dir/first")" "one "
done
publish two
publish three
for path in "events?" "messages?wait=0&"; do
  curl -sN -m 2 "$url/${path}room=$room&after=$(id "$dir/first")" >"$dir/second" || true
  check "$(bodies "$dir/second")" "two three "
  curl -sN -m 2 "$url/${path}room=$room&after=7ZZZZZZZZZZZZZZZZZZZZZZZZZ" >"$dir/gap" || true
  check "$(grep -o '"reason":"[a-z]*"' "$dir/gap")" '"reason":"replaced"'
done
version=$(curl --version | head -n 1 | cut -d' ' -f1,2)
echo "$version: connects, resumes after a cut, and gets a gap, over Server-Sent Events and long poll"
