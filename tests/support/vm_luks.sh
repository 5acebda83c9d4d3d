# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts in the emulated machine that have an encrypted volume. The key derivation is as
# cheap as it can be, since the machine is slow. Sources vm_guest.sh.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/vm_guest.sh"
need_python sys

# make_volume VERSION DEVICE: a volume with a known passphrase.
make_volume() {
  local cheap=(--pbkdf pbkdf2 --pbkdf-force-iterations 1000)
  printf 'open sesame' | cryptsetup luksFormat --batch-mode --type "luks$1" "${cheap[@]}" \
    --cipher aes-xts-plain64 --key-size 256 --key-file - "$2" || { echo "cannot make a volume on $2"; exit 1; }
}

# opens DEVICE [MIB]: with the passphrase, from the header at the beginning, or from a copy of it that
# begins so many MiB behind.
opens() {
  local header=()
  if [ -n "${2-}" ]; then
    dd if="$1" of="$work/header" bs=1M skip="$2" count=16 iflag=direct status=none
    header=(--header "$work/header")
  fi
  printf 'open sesame' | cryptsetup open --test-passphrase --key-file - "${header[@]}" "$1"
}

# keep_header DEVICE MIB: a backup of its header, kept on the device itself.
keep_header() {
  rm -f "$work/backup"
  cryptsetup luksHeaderBackup --header-backup-file "$work/backup" "$1"
  dd if="$work/backup" of="$1" bs=1M seek="$2" conv=fsync oflag=direct status=none
}

# headers DEVICE: how many blocks begin like a LUKS header, first or second.
headers() {
  "$python" - "$1" <<'END'
import sys
count = 0
with open(sys.argv[1], "rb") as file:
    while piece := file.read(1 << 20):
        for at in range(0, len(piece), 512):
            count += piece[at:at + 6] in (b"LUKS\xba\xbe", b"SKUL\xba\xbe")
print(count)
END
}
