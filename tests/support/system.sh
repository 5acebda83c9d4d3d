# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests of real file systems: loop devices over files of their own, markers that can be
# found again in the raw image, and the kernel's counters. Sources cli.sh.
# shellcheck source=../support/cli.sh
. "${BASH_SOURCE[0]%/*}/cli.sh"

loops=()
mounts=()
images=0

clean_up() { release_all; }
release_all() {
  local i
  for ((i = ${#mounts[@]} - 1; i >= 0; --i)); do
    while mountpoint -q "${mounts[$i]}"; do
      umount "${mounts[$i]}" 2>/dev/null || umount -l "${mounts[$i]}" || break
    done
  done
  # By its file, since somebody else may have got the number since.
  for i in "${loops[@]}"; do
    [[ "$(losetup -n -O BACK-FILE "$i" 2>/dev/null)" != "$work"/* ]] || losetup -d "$i"
  done
}

need_root_and() {
  [ "$(id -u)" = 0 ] || skip "needs root"
  need "$@"
  need_python sys
}

# attach FILE [losetup options]: sets $loop.
attach() {
  local file=$1
  shift
  loop=$(losetup --find --show "$@" "$file") || { echo "no loop device for $file"; exit 1; }
  loops+=("$loop")
}

# mount_at DIRECTORY MOUNT-ARGUMENTS...: mounts and remembers it.
mount_at() {
  local directory=$1
  shift
  mkdir -p "$directory"
  mounts+=("$directory")
  mount "$@" "$directory" || { echo "cannot mount $directory"; exit 1; }
}

# make_fs TYPE SIZE [mkfs options]: a new file system, on a loop device with $loop_options, mounted
# with $mount_options. Sets $image, $loop and $mnt.
mount_options=rw
loop_options=()
make_fs() {
  local type=$1 size=$2
  shift 2
  images=$((images + 1))
  image=$work/image-$images
  mnt=$work/mount-$images
  truncate -s "$size" "$image"
  attach "$image" "${loop_options[@]}"
  "mkfs.$type" -q "$@" "$loop" >"$work/.mkfs" 2>&1 ||
    { cat "$work/.mkfs"; echo "mkfs.$type failed"; exit 1; }
  mount_at "$mnt" -o "$mount_options" "$loop"
}

# Unmounts the newest file system, so that its image holds everything.
settle_fs() { umount "$mnt" && losetup -d "$loop"; }

# plant_markers FILE COUNT [TAG [BYTES]]: blocks of 4 KiB, each full of a text of its own; the last
# one is cut so that the file has BYTES.
plant_markers() {
  "$python" - "$1" "$2" "${3:-marker}" "${4:-0}" <<'END'
import sys
path, count, tag, size = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with open(path, "r+b" if __import__("os").path.exists(path) else "wb") as file:
    for block in range(count):
        text = b"<%s %08d>" % (tag.encode(), block)
        data = (text * (4096 // len(text) + 1))[:4096]
        file.write(data[:size - block * 4096] if size else data)
END
  sync "$1"
}

# count_markers IMAGE [TAG]: how many different ones are in it, wherever they lie.
count_markers() {
  "$python" - "$1" "${2:-marker}" <<'END'
import mmap, re, sys
found = set()
with open(sys.argv[1], "rb") as file:
    data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    for hit in re.finditer(b"<" + sys.argv[2].encode() + rb" (\d{8})>", data):
        found.add(hit.group(1))
print(len(found))
END
}

# The kernel's counters of a block device, in sectors of 512 bytes: fields of /sys/block/X/stat.
sectors() {  # DEVICE FIELD
  awk -v field="$2" '{ print $field }' "/sys/block/${1##*/}/stat"
}
sectors_read() { sectors "$1" 3; }
sectors_written() { sectors "$1" 7; }
sectors_discarded() { sectors "$1" 14; }

# Where the file's data lie: offset, address and length of each extent in bytes.
extents() {
  filefrag -e -b1 "$1" | awk -F '[ :.]+' '/^ *[0-9]+:/ { print $3, $5, $7 }'
}
