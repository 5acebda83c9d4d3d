#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk image after `quietus drives`: every byte of it is what openssl makes of the key and the rule
# that the certificate prints; and a key that was withheld stands nowhere in it.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 mkfs.xfs openssl cmp
need_plain_disk
bytes=$((5 * 1024 * 1024 + 4096 + 513))

final() { said ".predicate.final_content.$1"; }

# The content by the certificate's own words: counter block 0 at offset 0.
recomputed() {  # CIPHER
  head -c "$bytes" /dev/zero | openssl enc "-$1" -K "$(final key_hex)" -iv "$(printf '%032d' 0)"
}

# Any place can be recomputed alone, by the rule for its counter.
offset=$((4 * 1024 * 1024 + 64))
# aes_256_ctr: item 0, then offset / 16, big endian.
aes_counter=$(printf '%032x' $((offset / 16)))
# chacha20: offset / 64, little endian, then item 0.
chacha_counter=$(printf '%08x' $((offset / 64)) | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')$(printf '%024d' 0)

whole_image() {  # KEYSTREAM CIPHER COUNTER
  local image_file=$mnt/$1.img
  plant_markers "$image_file" $(((bytes + 4095) / 4096)) "$1" "$bytes"
  expect_run 0 sanitized quietus drives --yes --json --keystream "$1" "$image_file"
  expect_there "$image_file"
  expect_equal "length of the image" "$bytes" "$(stat -c %s "$image_file")"
  expect_equal "name of the keystream" "$1" "$(final name)"
  expect_line <(final how) "openssl enc -$2 "
  recomputed "$2" | cmp -s - "$image_file" || fail "$1: the image is not what openssl recomputes"
  head -c 4096 /dev/zero | openssl enc "-$2" -K "$(final key_hex)" -iv "$3" |
    cmp -s - <(tail -c +$((offset + 1)) "$image_file" | head -c 4096) ||
    fail "$1: the block at $offset is not what openssl recomputes"
  expect_said '.predicate.asset.capacity_bytes' "$bytes"
  expect_said '.predicate.run.passes[2].verification.compared_bytes' "$bytes"
  expect_said '.predicate.method.category' clear
}

withheld() {
  local image_file=$mnt/withheld.img
  plant_markers "$image_file" 32 withheld
  expect_run 0 sanitized quietus drives --yes --json --withhold-final-key "$image_file"
  expect_said '.predicate.final_content.key_withheld' true
  expect_equal "keys in the certificate" 0 "$(said . | grep -c key_hex)"
}

fixed() {
  local image_file=$mnt/fixed.img
  plant_markers "$image_file" 32 fixed
  expect_run 0 sanitized quietus drives --yes --json --scheme one "$image_file"
  expect_said '.predicate.final_content.byte_hex' ff
  expect_equal "other bytes than ff" 0 "$(LC_ALL=C tr -d '\377' <"$image_file" | wc -c)"
}

# Two images are two targets with a certificate each and keys of their own.
several() {
  local file
  for file in one two; do plant_markers "$mnt/$file.img" 32 several; done
  local before
  before=$(certificates)
  expect_exit 0 quietus drives --yes --json "$mnt/one.img" "$mnt/two.img"
  expect_equal "certificates" $((before + 2)) "$(certificates)"
  ! cmp -s "$mnt/one.img" "$mnt/two.img" || fail "two images hold the same"
}

for type in ext4 xfs; do
  make_fs "$type" 300M
  whole_image aes_256_ctr aes-256-ctr "$aes_counter"
  whole_image chacha20 chacha20 "$chacha_counter"
  if [ "$type" = ext4 ]; then
    withheld
    fixed
    several
  fi
  settle_fs
  expect_equal "$type: markers left" 0 \
    "$(count_markers "$image" '(?:aes_256_ctr|chacha20|withheld|fixed|several)')"
done
finish
