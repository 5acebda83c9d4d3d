#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A whole tree: files, directories and links go, what a link leads to does not; a pipe stays as an
# exception; names of every kind come out escaped or in base64; the manifest's lines make up the root
# in the certificate.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_python json
need_plain_disk
odd_names=('with space' $'new\nline' $'bell\a and esc\e[31m' $'latin-1 \xe9' $'right-to-left \u202e' '-rf' '*' '.hidden' "$(printf 'n%.0s' {1..255})")

grow() {  # DIRECTORY
  local name
  mkdir -p "$1/deep/er/est" "$1/empty"
  for name in "${odd_names[@]}"; do random_file "$1/deep/er/$name" 3000; done
  random_file "$1/one" 5000
  random_file "$1/deep/two" 70000
  : >"$1/deep/er/est/nothing"
  ln -s "$work/outside" "$1/deep/link"
  ln -s nowhere "$1/dangling"
  ln -s "$work/outside-folder" "$1/folder-link"
}

random_file "$work/outside" 4000
mkdir "$work/outside-folder"
random_file "$work/outside-folder/kept" 4000
outside=$(fingerprint "$work/outside" "$work/outside-folder")

# Everything goes.
grow "$work/tree"
files=$(find "$work/tree" -type f -printf x | wc -c)
names=$(find "$work/tree" -printf x | wc -c)
bytes=$(find "$work/tree" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
expect_run 0 sanitized quietus files --yes --json --recursive --manifest "$work/manifest" "$work/tree"
expect_gone "$work/tree"
expect_equal "what the links led to" "$outside" "$(fingerprint "$work/outside" "$work/outside-folder")"
expect_said .predicate.files.entries "$files"
expect_said .predicate.files.bytes "$bytes"
expect_said .predicate.files.names_removed "$names"
expect_equal "names among the facts or roots of the certificate" 0 "$(said . | grep -c '/deep\|"deep/')"

# The manifest: a line a file, private, and folded by RFC 6962 into the root.
expect_equal "mode of the manifest" 600 "$(stat -c %a "$work/manifest")"
expect_equal "lines of the manifest" "$files" "$(wc -l <"$work/manifest")"
expect_equal "root of the manifest's lines" "$(said .predicate.files.manifest_root.root)" \
  "$("$python" - "$work/manifest" <<'END'
import hashlib, sys
def root(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.sha256(b"\1" + root(leaves[:left]) + root(leaves[left:])).digest()
print(root(open(sys.argv[1], "rb").read().split(b"\n")[:-1]).hex())
END
)"
expect_equal "names in the manifest" "same" "$("$python" - "$work/manifest" "$work/tree/deep/er" <<'END'
import base64, json, os, sys
found = set()
salts = set()
for line in open(sys.argv[1], "rb"):
    entry = json.loads(line)
    path = entry["path"].encode() if "path" in entry else base64.b64decode(entry["path_base64"])
    try:
        path.decode()
        plain = True
    except UnicodeDecodeError:
        plain = False
    assert plain == ("path" in entry), "base64 exactly where it is needed"
    assert entry["outcome"] == "sanitized" and len(entry["salt"]) == 32
    salts.add(entry["salt"])
    if os.path.dirname(path) == sys.argv[2].encode():
        found.add(os.path.basename(path))
wanted = {b"with space", b"new\nline", b"bell\a and esc\x1b[31m", b"latin-1 \xe9",
          "right-to-left \u202e".encode(), b"-rf", b"*", b".hidden", b"n" * 255}
assert len(salts) > len(wanted), "a salt of its own for each line"
print("same" if found == wanted else found ^ wanted)
END
)"
expect_exit 2 quietus files --yes --manifest "" "$work/outside"
random_file "$work/single" 3000
expect_exit 3 quietus files --yes --manifest "$work/manifest" "$work/single"
expect_line "$err" 'cannot write the manifest'
expect_there "$work/single"

# What can't be destroyed stays, and so do the directories above it.
grow "$work/tree"
mkfifo "$work/tree/deep/pipe"
random_file "$work/tree/deep/er/twice" 3000
ln "$work/tree/deep/er/twice" "$work/tree/deep/er/again"
expect_exit 5 quietus files --yes --recursive "$work/tree"
expect_line "$out" ': sanitized with exceptions$' 'deep/pipe: .*(FIFO|pipe)' 'twice: .*hard links'
expect_said .predicate.outcome sanitized_with_exceptions
expect_equal "what is left of the tree" "deep deep/er deep/er/again deep/er/twice deep/pipe" \
  "$(cd "$work/tree" && find . -mindepth 1 -printf '%P\n' | sort | xargs)"
expect_equal "exceptions" "hard_links hard_links special_file" \
  "$(said '[.predicate.exceptions[].facts[].code] | sort | join(" ")')"
rm -r "$work/tree"

# On a terminal or in a log nothing of a name can act; JSON has the bytes.
mkdir "$work/odd"
for name in "${odd_names[@]}"; do mkfifo "$work/odd/$name"; done
expect_exit 1 quietus files --yes --recursive "$work/odd"
expect_equal "control characters on the terminal" 0 \
  "$(cat "$out" "$err" | tr -d '\n' | LC_ALL=C tr -cd '\000-\037\177' | wc -c)"
expect_equal "characters that turn the direction" 0 "$(cat "$out" "$err" | grep -c $'\u202e')"
"$python" -c 'import sys; sys.stdin.buffer.read().decode()' <"$out" || fail "the output is not UTF-8"
expect_equal "name in the certificate, not UTF-8" "$work/odd/"$'latin-1 \xe9' \
  "$(said '.predicate.exceptions[] | select(.path_base64) | .path_base64' | base64 -d)"
for name in "${odd_names[@]}"; do random_file "$work/$name" 3000; done
expect_exit 0 quietus files --yes --json "$work"/{with*,new*,bell*,latin*,right*,nnn*}
expect_gone "$work"/{with*,new*,bell*,latin*,right*,nnn*}
expect_equal "paths in base64 in the plan" 1 "$(told plan '[.plan.targets[].roots[] | select(.path_base64)] | length')"

# --keep: everything is overwritten and stays.
grow "$work/tree"
before=$(cd "$work/tree" && find . -printf '%p %y %s\n' | sort | sha256sum)
content=$(sum "$work/tree/one")
expect_run 0 sanitized quietus files --yes --json --keep --recursive "$work/tree"
expect_equal "names and lengths" "$before" \
  "$(cd "$work/tree" && find . -printf '%p %y %s\n' | sort | sha256sum)"
expect_different "content" "$content" "$(sum "$work/tree/one")"
expect_said .predicate.files.names_removed 0

# Many roots are one target with one certificate; a path that begins with a dash comes after --.
before=$(certificates)
cd "$work/tree/deep/er" || exit 1
expect_exit 0 "$QUIETUS" files --yes --state-dir "$state" -- -rf ../two "$work/tree/one"
expect_gone "$work/tree/deep/er/-rf" "$work/tree/deep/two" "$work/tree/one"
expect_equal "certificates" $((before + 1)) "$(certificates)"
expect_said '.predicate.asset.roots_count' 3
finish
