#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The confirmation letter: a draft over certificates that hold, and refused over anything else.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk

# destroyed NAME OPTIONS...: an image's certificate as NAME.cert.json
destroyed() {
  local name=$1
  shift
  random_file "$name.img" 65536
  run quietus drives --yes --progress none --tag "$name" "$@" "$name.img"
  cp "$(certificate)" "$name.cert.json"
}
given=(--organisation "Supplier Ltd" --contract-ref C-77 --retention-ref R-1
  --operator 'Ann Other' --asset-owner 'Bob Owner')

destroyed first "${given[@]}" --no-residual-copies
destroyed second "${given[@]}" --residual-copy "nightly tapes=2027-03-01" --residual-copy "vault=2027-01-31"
expect_exit 0 quietus letter --date 2026-11-22 --signatory "C. Brown" --position Director \
  --addressee "The Chief Information Security Officer" first.cert.json second.cert.json
expect_line "$out" '^DRAFT\.' '2026-11-22' 'gone on or before' '2027-03-01' 'C-77' 'Supplier Ltd' \
  'C. Brown' 'Director' 'tag first' 'tag second' 'Signature: +_+' \
  "$(said .predicate.certificate_id first.cert.json)"
tr '\n' ' ' <"$out" >joined
expect_line joined 'completely and irreversibly' 'does not prove'
expect_exit 0 quietus letter --html --date 2026-11-22 --out letter.html first.cert.json
expect_line letter.html '<html lang="en-GB">' 'DRAFT' 'tag first'
expect_no_line letter.html '<script' 'http://' 'https://'
expect_exit 1 quietus letter --html --out letter.html first.cert.json  # never replaced
expect_exit 2 quietus letter --date 2026-02-30 first.cert.json

# Foreign text stays text.
destroyed odd --operator 'Ann Other' --asset-owner 'Bob Owner' --organisation 'A <b>& "Co"' --retention-ref R --no-residual-copies
expect_exit 0 quietus letter --html odd.cert.json
expect_line "$out" 'A &lt;b&gt;&amp; &quot;Co&quot;'
# Two organisations: somebody has to say which.
expect_exit 3 quietus letter first.cert.json odd.cert.json
expect_line "$err" '--organisation'
expect_exit 0 quietus letter --organisation "Supplier Ltd" --contract-ref C-77 first.cert.json odd.cert.json

# No statement of copies, no date, no success, no permission, no good signature.
destroyed silent "${given[@]}"
expect_exit 3 quietus letter first.cert.json silent.cert.json
expect_line "$err" 'other copies remain'
destroyed dateless "${given[@]}" --residual-copy tapes --residual-copy vault=2027-01-31
expect_exit 3 quietus letter dateless.cert.json
expect_line "$err" 'no date'
destroyed unverified "${given[@]}" --no-residual-copies --verify none
expect_exit 3 quietus letter unverified.cert.json
expect_line "$err" 'outcome is unverified'
destroyed weak "${given[@]}" --no-residual-copies --scheme zero --purpose disposal
expect_exit 3 quietus letter weak.cert.json
expect_line "$err" 'permits'
destroyed unmet --organisation "Supplier Ltd" --retention-ref R-1 --no-residual-copies
expect_exit 3 quietus letter unmet.cert.json
expect_line "$err" 'uk-moj is not met'
destroyed interim "${given[@]}" --no-residual-copies --scheme zero --purpose destruction
expect_exit 3 quietus letter interim.cert.json
expect_line "$err" 'permits'
# The same one twice, and another one's receipt beside it.
cp first.cert.json again.cert.json
expect_exit 3 quietus letter first.cert.json again.cert.json
expect_line "$err" 'named twice'
cp "$(certificate | sed 's/\.cert\.json$/.tlog-proof/')" again.tlog-proof
expect_exit 14 quietus letter again.cert.json
jq -c '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' first.cert.json >bad.cert.json
expect_exit 10 quietus letter bad.cert.json
expect_exit 11 "$QUIETUS" letter --state-dir "$work/elsewhere" first.cert.json
echo nothing >no.cert.json
expect_exit 15 quietus letter no.cert.json
expect_exit 15 quietus letter first.cert.json no.cert.json
finish
