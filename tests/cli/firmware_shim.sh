#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the shipped program sends to a drive's firmware, byte for byte, and what it makes of the
# answers: on drives that tests/support/ioctl_shim.c imitates. Needs no root and no device.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need gcc python3

shim=$work/ioctl_shim.so
gcc -std=gnu11 -O1 -shared -fPIC -o "$shim" "$support/ioctl_shim.c" || exit 1

# new_drive NAME WAY: a disk of 1 MiB below /sys/devices/WAY, to be called /dev/NAME.
new_drive() {
  local name=$1 way=$2
  node=/dev/$name
  drive=$work/drive-$((${#drives[@]} + 1))
  drives+=("$drive")
  state=$drive/state
  local disk=$drive/sys/devices/$way/$name
  mkdir -p "$drive/sys/block" "$drive/sys/dev/block" "$disk/queue" "$disk/device"
  ln -s "../devices/$way/$name" "$drive/sys/block/$name"
  ln -s "../../devices/$way/$name" "$drive/sys/dev/block/240:0"
  local file
  for file in size=2048 dev=240:0 ro=0 removable=0 diskseq=7 queue/rotational=0 \
    queue/logical_block_size=512 queue/physical_block_size=4096 queue/zoned=none \
    device/vendor=FAKE "device/model=IMITATION SSD"; do
    echo "${file#*=}" >"$disk/${file%%=*}"
  done
  random_file "$drive/drive" $((1 << 20))
  : >"$drive/answers"
  : >"$drive/log"
}
drives=()

# answer LINE...: what the firmware says; the first that fits counts.
answer() { printf '%s\n' "$@" >>"$drive/answers"; }

# Runs the program with the drive. A sanitizer's runtime has to come first otherwise.
# shellcheck disable=SC2317  # called by expect_exit and refuses
with_drive() {
  env LD_PRELOAD="$shim" QUIETUS_SHIM="$drive" QUIETUS_SHIM_NODE="$node" \
    ASAN_OPTIONS="verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
    "$QUIETUS" "$@" --state-dir "$state"
}

# identify WORD=HEX...: IDENTIFY DEVICE data of a drive of 2048 sectors, as its file in $drive.
identify() {
  python3 - "$@" >"$drive/identify" <<'PYTHON'
import struct, sys
words = [0] * 256
def text(first, count, value):
    padded = value.ljust(2 * count)
    for i in range(count):
        words[first + i] = ord(padded[2 * i]) << 8 | ord(padded[2 * i + 1])
text(10, 10, "SHIM0001")
text(23, 4, "FW1")
text(27, 20, "IMITATION SSD")
words[60] = words[100] = 2048
words[83] = words[86] = 1 << 14 | 1 << 10      # valid; 48-bit addresses
words[87] = 1 << 14
words[217] = 1                                  # does not rotate
for each in sys.argv[1:]:
    word, value = each.split("=")
    words[int(word)] = int(value, 16)
sys.stdout.buffer.write(struct.pack("<256H", *words))
PYTHON
}

# Sense with the registers that CK_COND asks for (SAT-4 12.2.7): COUNT, LBA 15:0, and what an abort
# sets of ERROR and STATUS.
registers() {
  local count=$1 lba=$2 error=${3:-00} status=${4:-50}
  echo "7201001d0000000e090c01$error${count}00${lba:2:2}00${lba:0:2}000040$status"
}

sata=pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block

# ACS-4 through SAT, ATA PASS-THROUGH(16).
identity_command=85080e0000000100000000000040ec00
sanitize_status_command=8507200000000000000000000040b400
block_erase_command=8507200012000042720045006b40b400

# Word 59: Sanitize, block erase and overwrite. Words 82 and 128: security with the enhanced mode.
with_sanitize=59=d000
with_security=("82=4002" "85=0002" "128=0021")

new_ssd() {
  new_drive sdq "$sata"
  identify "$@"
  answer "scsi $identity_command 00 - identify" "scsi 00 00 - -"
}

# Nothing but questions may have gone to the drive: no SANITIZE with a feature, no SECURITY, no SET
# MAX, no DCO but identify, no FORMAT UNIT, no SANITIZE, no WRITE.
expect_only_questions() {
  expect_no_line "$drive/log" \
    '^scsi 85.{6}([^0].|.[^0]).{18}b4' '^scsi 85.{26}f[1-9]' '^scsi 85.{26}37' \
    '^scsi 85.{6}c[013]?.{18}b1' '^scsi (04|48|0a|2a|8a|41|93|42)'
}

# method FIELD NAME: what the list says of a method.
method() {
  jq -r --arg name "$2" ".abilities.methods[] | select(.method == \$name) | .$1" "$out"
}

# --- what a good drive supports
new_ssd "$with_sanitize" "${with_security[@]}"
answer "scsi $sanitize_status_command 02 $(registers 0000 ffff) -"
expect_exit 0 with_drive list --json
expect_equal "serial" SHIM0001 "$(jq -r .abilities.identity.serial "$out")"
expect_equal "block erase" yes "$(method supported sanitize_block)"
expect_equal "crypto scramble" no "$(method supported sanitize_crypto)"
expect_equal "security erase" yes "$(method supported secure_erase)"
expect_line "$drive/log" "^scsi $identity_command -\$" "^scsi $sanitize_status_command -\$"
expect_only_questions

# --- frozen, and a drive that lacks it: refused, and nothing but questions was sent
erase_blocks=(drives /dev/sdq --method sanitize-block --yes --expect-size 1048576)
new_ssd "$with_sanitize"
answer "scsi $sanitize_status_command 02 $(registers 2000 ffff) -"
refuses drive_frozen with_drive "${erase_blocks[@]}"
expect_only_questions

new_ssd
refuses method_unsupported with_drive "${erase_blocks[@]}"
expect_only_questions

# --- registers that a bridge hides: nobody would know how it ended
new_ssd "$with_sanitize"
answer "scsi $sanitize_status_command 00 - -"
refuses method_unknown with_drive "${erase_blocks[@]}"
expect_only_questions

# --- a whole run: exactly one command that changes something, and what it left is looked at
new_ssd "$with_sanitize"
cp "$drive/answers" "$drive/erased"
answer "scsi $sanitize_status_command 02 $(registers 0000 ffff) -" \
  "scsi $block_erase_command 02 $(registers 4000 0000) - erased"
echo "scsi $sanitize_status_command 02 $(registers 8000 ffff) -" >>"$drive/erased"
expect_exit 0 with_drive "${erase_blocks[@]}"
expect_equal "erase commands" 1 "$(grep -c "^scsi $block_erase_command -\$" "$drive/log")"
expect_said .predicate.outcome sanitized
expect_equal "content" 0 "$(tr -d '\0' <"$drive/drive" | wc -c)"

finish
