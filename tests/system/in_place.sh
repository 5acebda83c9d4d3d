#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ext4 and xfs: a destroyed file leaves nothing in the raw image, by real writes and no discard; it is
# read back from the medium; the certificate says so and holds for programs that know nothing of us.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs openssl node
need_plain_disk
blocks=4096
bytes=$((blocks * 4096))

destroy_on() {  # TYPE SIZE
  make_fs "$1" "$2"
  plant_markers "$mnt/secret" "$blocks"
  plant_markers "$mnt/removed" "$blocks" control
  cat "$mnt/secret" >/dev/null  # the cache is warm
  sync -f "$mnt"
  local written discarded read_before
  written=$(sectors_written "$loop")
  discarded=$(sectors_discarded "$loop")
  read_before=$(sectors_read "$loop")

  expect_run 0 sanitized quietus files --yes --json "$mnt/secret"
  expect_gone "$mnt/secret"
  expect_at_least "$1: sectors written" $((3 * bytes / 512)) \
    $(($(sectors_written "$loop") - written))
  expect_at_least "$1: sectors read by the verification" $((bytes / 512)) \
    $(($(sectors_read "$loop") - read_before))
  expect_equal "$1: passes" 3 "$(said '.predicate.run.passes | length')"
  expect_said '.predicate.run.passes[2].verification.compared_bytes' "$bytes"
  expect_said '.predicate.verification.cache_bypass' direct_io
  expect_at_least "$1: the kernel's count of bytes read, in the certificate" "$bytes" \
    "$(said '.predicate.run.passes[2].verification.disk_bytes_read')"

  rm "$mnt/removed"
  sync -f "$mnt"
  expect_equal "$1: sectors discarded" 0 $(($(sectors_discarded "$loop") - discarded))
  settle_fs
  expect_equal "$1: markers left of the destroyed file" 0 "$(count_markers "$image")"
  expect_equal "$1: markers left of the removed file" "$blocks" "$(count_markers "$image" control)"
}

check_certificate() {
  local file
  file=$(certificate)
  expect_exit 0 quietus certificate verify "$file"
  expect_line "$out" '^certificate: holds$' '^outcome: sanitized$' '^receipt: the ledger .* holds'
  quietus key export --format pem >"$work/machine.pem"
  expect_signed "$work/machine.pem" "$file"
}

destroy_on ext4 96M
destroy_on xfs 300M
check_certificate
expect_exit 0 quietus ledger verify
finish
