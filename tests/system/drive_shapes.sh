#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Drives of every shape that loop devices and zram can take: sector sizes, odd ends, partitions, swap
# areas, partition tables; what the kernel's counters say; samples; and several at once.
# shellcheck source=../support/drives.sh
. "$(dirname "$0")/../support/drives.sh"
need_root_and losetup blkid partx mkswap numfmt
need_plain_disk

# destroyed DEVICE [OPTIONS]: in one random pass, to the satisfaction of everybody.
destroyed() {
  local device=$1
  shift
  expect_run 0 sanitized quietus drives --yes --json --scheme random --expect-size "$(size_of "$device")" \
    "$@" "$device"
}

# The certificate is about all of the device and of nothing beyond.
certified_whole() {  # DEVICE
  local size
  size=$(size_of "$1")
  expect_said '.predicate.asset.capacity_bytes' "$size"
  expect_said '.predicate.drive | "\(.bytes) \(.content_bytes)"' "$size $size"
  expect_said '.predicate.run.passes[-1].verification.compared_bytes' "$size"
  expect_said '.predicate.exceptions' '[]'
}

# counted DEVICE PASSES COMMAND...: runs it; the kernel's counters bear it out.
counted() {
  local device=$1 passes=$2 read written discarded sectors
  shift 2
  sectors=$(($(size_of "$device") / 512))
  read=$(sectors_read "$device")
  written=$(sectors_written "$device")
  discarded=$(sectors_discarded "$device")
  "$@"
  written=$(($(sectors_written "$device") - written))
  expect_at_least "sectors written to $device" $((sectors * passes)) "$written"
  expect_at_most "sectors written to $device" $((sectors * passes * 1001 / 1000)) "$written"
  expect_equal "sectors discarded on $device" "$discarded" "$(sectors_discarded "$device")"
  expect_at_least "sectors read from $device" "$sectors" $(($(sectors_read "$device") - read))
  expect_equal "bytes read by the kernel's count, in the certificate" true \
    "$(said '.predicate.run.passes[-1].verification | .disk_bytes_read >= .compared_bytes')"
}

sector_sizes() {
  local sector before
  for sector in 512 4096; do
    make_drive 16M --sector-size "$sector"
    before=$(sum "$image")
    counted "$loop" 1 destroyed "$loop"
    certified_whole "$loop"
    expect_said '.predicate.asset.logical_block_bytes' "$sector"
    expect_different "content" "$before" "$(sum "$image")"
  done
  # The default has three passes, of which the last is read back.
  counted "$loop" 3 expect_run 0 sanitized quietus drives --yes --json --expect-size "$(size_of "$loop")" "$loop"
  certified_whole "$loop"
  expect_said '[.predicate.run.passes[].written_bytes] | add' $((3 * 16 << 20))
}

in_memory() {
  drop_drives
  if ! [ -e /sys/class/zram-control/hot_add ]; then
    echo "left out: there is no zram here"
    return
  fi
  make_zram $((64 << 20))
  local marked=$work/marked
  yes "this was here before" | head -c 1M >"$marked"
  dd if="$marked" of="$zram" bs=1M seek=40 oflag=direct status=none
  counted "$zram" 1 destroyed "$zram"
  certified_whole "$zram"
  expect_said '.predicate.asset | "\(.device_kind) \(.logical_block_bytes) \(.hidden_area)"' "zram 4096 none"
  expect_equal "what was there before" 0 "$(grep -ac 'was here before' "$zram")"
}

# What lies beyond the last whole sector is no part of the device: not written, and nothing is said of
# it.
odd_ends() {
  drop_drives
  local tail
  make_drive 5000003 2>/dev/null
  tail=$(tail -c $((5000003 % 512)) "$image" | sha256sum)
  expect_equal "size of the device" $((5000003 / 512 * 512)) "$(size_of "$loop")"
  destroyed "$loop"
  certified_whole "$loop"
  expect_equal "bytes that the device does not reach" "$tail" \
    "$(tail -c $((5000003 % 512)) "$image" | sha256sum)"

  # A device that ends within a sector of its own: that piece is an exception.
  make_drive $((4 * 1048576 + 1536)) --sector-size 4096
  if [ "$(size_of "$loop")" = $((4 * 1048576 + 1536)) ]; then
    tail=$(tail -c 1536 "$image" | sha256sum)
    expect_run 5 sanitized_with_exceptions quietus drives --yes --json --allow-member --scheme random \
      --expect-size "$(size_of "$loop")" "$loop"
    expect_said '.predicate.exceptions[] | "\(.offset_bytes) \(.length_bytes) \(.state)"' "4194304 1536 write_failed"
    expect_equal "bytes that no transfer reaches" "$tail" "$(tail -c 1536 "$image" | sha256sum)"
  fi
}

partition() {
  drop_drives
  make_drive 6M --partscan
  make_partitions dos
  local before part
  before=$(content_of "$loop" 0 6144; content_of "$loop" 10240)
  part=$(content_of "${loop}p2")
  destroyed "${loop}p2"
  certified_whole "${loop}p2"
  expect_said '.predicate.asset | "\(.device_kind) \(.disk) \(.offset_bytes)"' \
    "partition ${loop##*/} $((6144 * 512))"
  expect_said '.predicate.afterwards' "$(jq -n '{partition_table: "no_partitions", signatures: []}')"
  expect_equal "bytes before and after the partition" "$before" "$(content_of "$loop" 0 6144; content_of "$loop" 10240)"
  expect_different "the partition" "$part" "$(content_of "${loop}p2")"
  expect_there "/sys/block/${loop##*/}/${loop##*/}p1" "/sys/block/${loop##*/}/${loop##*/}p2"
}

swap_area() {
  drop_drives
  make_drive 4M
  mkswap "$loop" >/dev/null 2>&1
  expect_equal "what blkid finds" swap "$(signatures "$loop")"
  destroyed "$loop"
  expect_said '.predicate.asset.content_before[0].type' swap
  expect_equal "what blkid finds afterwards" "" "$(signatures "$loop")"
}

# After a disk with partitions nothing is left of them: not in the kernel, not for libblkid.
tables() {
  drop_drives
  local kind name
  for kind in dos gpt; do
    make_drive 6M --partscan
    make_partitions "$kind"
    mkswap "${loop}p2" >/dev/null 2>&1
    name=${loop##*/}
    expect_there "/sys/block/$name/${name}p1" "/sys/block/$name/${name}p2"
    expect_equal "what blkid finds" "$kind" "$(signatures "$loop")"
    destroyed "$loop"
    expect_said '[.predicate.asset.content_before[].type] | sort | join(" ")' \
      "$(printf '%s\n' "$kind" swap | sort | xargs)"
    expect_equal "told of afterwards" reread "$(told finished .afterwards.partition_table)"
    expect_gone "/sys/block/$name/${name}p1" "/sys/block/$name/${name}p2"
    expect_exit 2 blkid -p "$loop"
    expect_said '.predicate.afterwards' "$(jq -n '{partition_table: "reread", signatures: []}')"
  done
  # A loop device that has none answers EINVAL: that is a fact and no error.
  make_drive 6M
  write_table gpt "$loop"
  destroyed "$loop"
  expect_said '.predicate.afterwards' "$(jq -n '{partition_table: "no_partitions", signatures: []}')"
  expect_empty "$err"
  expect_exit 2 blkid -p "$loop"
}

# Whether the device goes through the system's cache is a fact of the certificate.
caches() {
  drop_drives
  local direct
  for direct in off on; do
    make_drive 4M --direct-io="$direct"
    counted "$loop" 1 destroyed "$loop"
    expect_said '.predicate.verification.cache_bypass' direct_io
    case "$(cat "/sys/block/${loop##*/}/loop/dio") $direct" in
      '0 on') echo "left out: no direct I/O below a loop device here" ;;
      0*) expect_said '.predicate.asset.backing_is_buffered' true ;;
      1*) expect_said '.predicate.asset.backing_is_buffered' false ;;
    esac
  done
}

# A tenth is read back, which is not all: the drive ends unverified, and the certificate says what the
# sample is worth.
samples() {
  drop_drives
  local read size=$((64 << 20)) sampled
  make_drive 64M
  read=$(sectors_read "$loop")
  expect_run 5 unverified quietus drives --yes --json --scheme random --verify sample=10 \
    --expect-size "$size" "$loop"
  read=$((($(sectors_read "$loop") - read) * 512))
  expect_said '.predicate.verification.mode' sample
  expect_said '.predicate.verification.sampling
    | .strata >= 1000 and .samples >= 2 * .strata and .population_bytes == 67108864
      and .sample_bytes >= 6710886 and .sample_bytes <= 7400000
      and .detectable_ppm > 0 and .detectable_ppm <= 2300 and .detectable_with_percent == 99
      and (.seed_hex | length) == 64' true
  sampled=$(said .predicate.verification.sampling.sample_bytes)
  expect_said '.predicate.run.passes[0].verification | "\(.compared_bytes) \(.mismatched_bytes)"' "$sampled 0"
  expect_said '.predicate.run.passes[0].written_bytes' "$size"
  expect_said '.predicate.run.passes[0].verification | .disk_bytes_read >= .compared_bytes
    and .disk_bytes_read < 2 * .compared_bytes' true
  expect_at_least "bytes read in all" "$sampled" "$read"
  # Looking for signatures reads some MiB, too, and so does whoever else looks at this machine's devices.
  expect_at_most "bytes read in all" $((size / 3)) "$read"
}

several_at_once() {
  drop_drives
  local drives=() devices=() one options=()
  for one in 4M 5M 6M; do
    make_drive "$one"
    drives+=("$image")
    devices+=("$loop")
    options+=(--expect-size "$one")
  done
  local before certified sums
  certified=$(certificates)
  sums=$(sha256sum "${drives[@]}")
  expect_exit 0 quietus drives --yes --json "${options[@]}" "${devices[@]}"
  expect_equal "outcomes" "sanitized sanitized sanitized" "$(told finished .outcome | xargs)"
  expect_equal "targets" "$(printf '%s\n' "${devices[@]}" | sort)" "$(told finished .target | sort)"
  expect_equal "certificates" $((certified + 3)) "$(certificates)"
  expect_equal "capacities" "4194304 5242880 6291456" "$(told finished .certificate |
    while read -r one; do said .predicate.asset.capacity_bytes "$one"; done | sort -n | xargs)"
  expect_equal "keys that are the same" 3 "$(told finished .certificate |
    while read -r one; do said .predicate.final_content.key_hex "$one"; done | sort -u | wc -l)"
  expect_equal "images that are as before" 0 "$(sha256sum "${drives[@]}" | sort | comm -12 - <(sort <<<"$sums") | wc -l)"

  # One of them is in the way: then none, or, when asked to, the others.
  blockdev --setro "${devices[1]}"
  before=$(sum "${drives[1]}")
  sums=$(sha256sum "${drives[@]}")
  refuses read_only quietus drives --yes "${options[@]}" "${devices[@]}"
  expect_equal "images" "$sums" "$(sha256sum "${drives[@]}")"
  expect_exit 3 quietus drives --yes --json --skip-refused --scheme random "${options[@]}" "${devices[@]}"
  expect_equal "outcomes" "refused sanitized sanitized" "$(told finished .outcome | sort | xargs)"
  expect_equal "the one that was refused" "${devices[1]}" \
    "$(told finished 'select(.outcome == "refused") | .target')"
  expect_equal "certificates" $((certified + 5)) "$(certificates)"
  blockdev --setrw "${devices[1]}"
  expect_equal "the image that was refused" "$before" "$(sum "${drives[1]}")"
}

sector_sizes
in_memory
odd_ends
partition
swap_area
tables
caches
samples
several_at_once
expect_exit 0 quietus ledger verify
finish
