#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Trees of many small files: device flushes are counted by batches and not by files, the data is gone
# all the same, and no name goes before the flush that covers its data, as the system calls show.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 strace
need_plain_disk

# plant_tree DIRECTORY COUNT: files of 4 KiB in nested directories, a marker of its own in each.
plant_tree() {
  "$python" - "$1" "$2" <<'END_OF_TREE'
import os, sys
top, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    folder = f"{top}/{number // 1000}/{number // 100 % 10}"
    if number % 100 == 0:
        os.makedirs(folder)
    text = b"<marker %08d>" % number
    with open(f"{folder}/file-{number:06d}", "wb") as file:
        file.write((text * 256)[:4096])
END_OF_TREE
  sync -f "$1"
}

flushes() { sectors "$1" 16; }

# Many files, one certificate, and hardly a flush.
count=20000
make_fs ext4 256M -N 32768
plant_tree "$mnt/tree" "$count"
before=$(flushes "$loop")
discarded=$(sectors_discarded "$loop")
expect_run 0 sanitized quietus files --yes --json --recursive --scheme random "$mnt/tree"
sent=$(($(flushes "$loop") - before))
expect_gone "$mnt/tree"
expect_said .predicate.files.entries "$count"
expect_said '.predicate.run.passes[0].verification.compared_bytes' $((count * 4096))
echo "device flushes for $count files: $sent"
expect_at_most "device flushes, at most 0.02 a file" $((count / 50)) "$sent"
expect_equal "sectors discarded" 0 $(($(sectors_discarded "$loop") - discarded))
settle_fs
expect_equal "markers left in the raw image" 0 "$(count_markers "$image")"

# In which order: each file's last write, a flush that began after it, the removal of the name.
make_fs ext4 64M
plant_tree "$mnt/tree" 300
expect_exit 0 strace -f -y -o "$work/trace" \
  -e trace=pwrite64,pwritev,pwritev2,write,writev,syncfs,fsync,fdatasync,sync,renameat2,renameat,rename,unlinkat,unlink,io_uring_enter \
  "$QUIETUS" files --yes --recursive --scheme random --state-dir "$state" "$mnt/tree"
"$python" - "$work/trace" "$mnt/tree" >"$work/order" <<'END_OF_CHECK'
import os, re, sys
trace, top = sys.argv[1:3]
begun, calls = {}, []
for number, line in enumerate(open(trace, errors="replace")):
    hit = re.match(r"(\d+) +<\.\.\. (\w+) resumed>(.*)", line)
    if hit:
        first, name, text = begun.pop(hit.group(1))
        calls.append((first, number, name, text + hit.group(3)))
        continue
    hit = re.match(r"(\d+) +(\w+)\((.*)", line)
    if not hit:
        continue
    if "<unfinished ...>" in line:
        begun[hit.group(1)] = (number, hit.group(2), hit.group(3))
    else:
        calls.append((number, number, hit.group(2), hit.group(3)))
calls.sort()
written, flushes, now_called, removed, early = {}, [], {}, 0, []
for first, last, name, text in calls:
    if name == "io_uring_enter":
        sys.exit("writes by io_uring can't be traced; this test has to learn it")
    handle = re.match(r"\d+<([^>]*)>", text)
    if name.startswith(("pwrite", "write")) and handle and handle.group(1).startswith(top):
        path = handle.group(1).replace(" (deleted)", "")
        written[now_called.get(path, path)] = last
    elif name in ("syncfs", "sync", "fsync", "fdatasync"):
        flushes.append((first, last, name, handle.group(1) if handle else ""))
    elif name.startswith("rename") or name.startswith("unlink"):
        parts = re.findall(r'\d+<([^>]*)>, "([^"]*)"', text)
        paths = [os.path.join(folder, leaf) for folder, leaf in parts]
        if name.startswith("rename") and len(paths) == 2 and re.search(r"\) += 0", text):
            now_called[paths[1]] = now_called.get(paths[0], paths[0])
        elif name.startswith("unlink") and paths and "AT_REMOVEDIR" not in text:
            path = now_called.get(paths[0], paths[0])
            if path not in written:
                continue
            removed += 1
            if not any(begin > written[path] and end < first and
                       (kind in ("syncfs", "sync") or place == path)
                       for begin, end, kind, place in flushes):
                early.append(path)
print(removed, len(early), *early[:3])
END_OF_CHECK
read -r removed early _ <"$work/order"
expect_equal "files whose removal the trace shows" 300 "$removed"
expect_equal "names removed before the flush that covers their data" 0 "$early"
expect_gone "$mnt/tree"
settle_fs
expect_equal "markers left in the raw image" 0 "$(count_markers "$image")"
finish
