# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests of free space and of what metadata keeps: file systems full of tokens that nobody
# but residue.py knows, and what has to hold after they were dealt with. Sourced after system.sh.
# shellcheck disable=SC2154

residue_classes="L T S X N D R K W A"
declare -A planted survivors

residue() {
  "$python" "$support/residue.py" "$@" || { echo "the harness failed: $*"; exit 1; }
}

# count_residue IMAGE: sets planted and survivors of each class.
count_residue() {
  local kind found count
  residue scan "$1" "$tokens" >"$work/.residue"
  while read -r kind found count; do
    survivors[$kind]=$found
    planted[$kind]=$count
  done <"$work/.residue"
}

# print_residue WHAT
print_residue() {
  local kind line=
  for kind in $residue_classes; do line+=" $kind ${survivors[$kind]}/${planted[$kind]}"; done
  echo "$label: $1:$line"
}

# expect_residue MOST CLASS...: at most so many survivors of each class.
expect_residue() {
  local most=$1 kind
  shift
  for kind in "$@"; do
    expect_at_most "$label: survivors of class $kind of ${planted[$kind]}" "$most" "${survivors[$kind]}"
  done
}

residue_left() {
  local kind sum=0
  for kind in $residue_classes; do sum=$((sum + survivors[$kind])); done
  echo "$sum"
}

# make_residue LABEL TYPE SIZE [mkfs options]: a file system with live data and residue of every
# class, as $image, $loop, $mnt, $tokens; remembers what it looks like. Where nothing is done the residue
# is there: otherwise the test could not fail.
make_residue() {
  label=$1
  shift
  make_fs "$@"
  tokens=$work/tokens-$images
  residue lives "$mnt" "$tokens"
  if [ "$1" != btrfs ]; then
    umount "$mnt" || exit 1
    residue slack "$loop" "$tokens"
    mount -o "$mount_options" "$loop" "$mnt" || exit 1
  fi
  residue plant "$mnt" "$tokens"
  sync -f "$mnt"
  count_residue "$image"
  print_residue "before"
  local kind
  for kind in $residue_classes; do
    expect_at_least "$label: control, class $kind of ${planted[$kind]}" \
      $((planted[$kind] * 3 / 4)) "${survivors[$kind]}"
  done
  remember_fs
}

reserved_clusters() {
  cat "/sys/fs/ext4/${loop##*/}/reserved_clusters" 2>/dev/null || echo none
}

# What live files, names and settings look like, and the kernel's counters.
remember_fs() {
  live_before=$(residue digest "$mnt")
  reserved_before=$(reserved_clusters)
  read -r blocks_before nodes_before < <(stat -f -c '%f %d' "$mnt")
  written_before=$(sectors_written "$loop")
  discarded_before=$(sectors_discarded "$loop")
  began=$SECONDS
}

# expect_unharmed: live files are as they were, nothing of ours is left, settings are restored.
expect_unharmed() {
  local blocks nodes
  sync -f "$mnt"
  echo "$label: $((SECONDS - began)) s, sectors written $(($(sectors_written "$loop") - written_before))," \
    "discards sent $(($(sectors_discarded "$loop") - discarded_before))"
  expect_equal "$label: sectors discarded" 0 $(($(sectors_discarded "$loop") - discarded_before))
  expect_equal "$label: live files, names and times" "$live_before" "$(residue digest "$mnt")"
  expect_equal "$label: reserved clusters" "$reserved_before" "$(reserved_clusters)"
  expect_equal "$label: what is left over" "" \
    "$(find "$mnt" -xdev \( -name '.quietus*' -o -newermt 2040-01-01 \) -print)"
  read -r blocks nodes < <(stat -f -c '%f %d' "$mnt")
  # Directories keep blocks that they grew by; an xfs keeps inodes it made.
  expect_at_least "$label: free blocks" $((blocks_before - blocks_before / 50 - 64)) "$blocks"
  [ "$nodes_before" = 0 ] || expect_at_least "$label: free inodes" "$((nodes_before - nodes_before / 20))" "$nodes"
}

# expect_clean_fs TYPE: unmounts it and has its own checker look at the image.
expect_clean_fs() {
  settle_fs
  case "$1" in
    ext4) run e2fsck -fn "$image" ;;
    xfs) run xfs_repair -n -f "$image" ;;
    btrfs) run btrfs check "$image" ;;
  esac
  expect_equal "$label: exit code of the file system's checker" 0 "$code"
  [ "$code" = 0 ] || show
}

# canaries FIELD: the sum of a field over all classes in the newest certificate.
canaries() { said "[.predicate.space.canaries.classes[]?.$1] | add // 0"; }

# expect_agreement: the tool's own marks say what ours say: nothing is left, or something is.
expect_agreement() {
  local ours theirs
  ours=$(residue_left)
  expect_equal "$label: the tool scanned" true "$(said '.predicate.space.canaries.scanned // false')"
  expect_at_least "$label: marks that the tool planted" 100 "$(canaries planted)"
  expect_at_least "$label: bytes that the tool scanned" $(($(stat -c %s "$image") * 9 / 10)) \
    "$(said '.predicate.space.canaries.scanned_bytes // 0')"
  theirs=$(canaries survivors)
  echo "$label: survivors: $ours of ours, $theirs of the tool's"
  expect_equal "$label: nothing left by our marks, and by the tool's" $((ours == 0)) $((theirs == 0))
}

# fill_space OPTIONS...: fills the newest file system; leaves the exit code in $fill_code and the outcome in
# $fill_outcome.
fill_space() {
  run quietus free-space --yes --json --scheme random "$@" "$mnt"
  fill_code=$code
  fill_outcome=$(told finished .outcome)
  expect_equal "$label: outcome in the certificate" "$fill_outcome" "$(said .predicate.outcome)"
}

# expect_outcome CODE OUTCOME: of the last fill; what else it is, is said by its exceptions.
expect_outcome() {
  expect_equal "$label: exit code and outcome" "$1 $2" "$fill_code $fill_outcome"
  [ "$1" = "$fill_code" ] || print_exceptions
}

print_exceptions() {
  said '.predicate.facts[] | select(.exception) | "  \(.code): \(.text)"'
}

# expect_filled PERCENT: what the certificate says of the fill fits the file system and the kernel's
# counters.
expect_filled() {
  local share=$1 free=$((blocks_before * $(stat -f -c %S "$mnt"))) filled
  filled=$(said '.predicate.space.filled_bytes // 0')
  expect_at_least "$label: bytes filled of $free" $((free * share / 100)) "$filled"
  expect_at_least "$label: sectors written for them" $((free * share / 100 / 512)) \
    $(($(sectors_written "$loop") - written_before))
  said '.predicate.space.steps[]? | "  \(.name): \(.count) things, \(.bytes) bytes, left out \(.left_out), \(.duration_us / 1000 | floor) ms"'
}

# expect_named: plain success where nothing is left; otherwise an exception names what is.
expect_named() {
  local left
  left=$(residue_left)
  echo "$label: outcome $fill_outcome, exit code $fill_code, $left left"
  print_exceptions
  case "$fill_code $fill_outcome" in
    "0 sanitized")
      expect_equal "$label: what is left where plain success is told" 0 "$left"
      expect_equal "$label: exceptions in plain success" 0 \
        "$(said '[.predicate.facts[] | select(.exception)] | length')"
      ;;
    "5 sanitized_with_exceptions" | "5 unverified")
      [ "$left" = 0 ] || expect_at_least "$label: exceptions that name it" 1 \
        "$(said '[.predicate.facts[] | select(.exception)] | length')"
      ;;
    *) fail "$label: exit code $fill_code, outcome $fill_outcome" ;;
  esac
}
