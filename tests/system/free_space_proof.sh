#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# free-space --prove can fail: one of its own marks, put back raw behind its back after the fill, is
# found, named by its class, and the outcome is not plain success.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4
need_plain_disk
make_fs ext4 512M -b 4096
random_file "$mnt/live" 3000000
sync -f "$mnt"

# put_back: runs the command, stops it while its marks are planted and copies a block of theirs; stops it
# again when its folder has gone, and writes the block to the end of the device, which is free. Prints
# "put" if the run had not ended by then.
put_back() {
  "$python" - "$mnt" "$loop" "$out" "$err" "$QUIETUS" free-space --yes --json --to-the-last-block \
    --prove --scheme random --state-dir "$state" "$mnt" <<'END_OF_RUN'
import glob, os, signal, subprocess, sys, time
top, device, out, err = sys.argv[1:5]
process = subprocess.Popen(sys.argv[5:], stdout=open(out, "w"), stderr=open(err, "w"))

def planted():
    """A block of a file of marks: the largest file that has a name."""
    for path in glob.glob(top + "/.quietus-*/canaries/*"):
        try:
            if os.path.isfile(path) and os.path.getsize(path) >= 65536:
                with open(path, "rb") as file:
                    return file.read(4096)
        except OSError:
            pass
    return None

def wait_until(condition):
    while process.poll() is None:
        found = condition()
        if found:
            return found
        time.sleep(0.0005)
    sys.exit("it ended too soon")

block = wait_until(planted)
wait_until(lambda: not glob.glob(top + "/.quietus-*"))
process.send_signal(signal.SIGSTOP)
time.sleep(0.05)
if '"event":"finished"' in open(out).read():
    process.send_signal(signal.SIGCONT)
    sys.exit("it ended too soon")
with open(device, "r+b", buffering=0) as file:
    file.seek(-(4 << 20), os.SEEK_END)
    file.write(block)
    os.fsync(file.fileno())
process.send_signal(signal.SIGCONT)
print("put", process.wait())
END_OF_RUN
}

# The scan may be faster than we are; then once more.
for _ in 1 2 3 4 5; do
  read -r put code < <(put_back)
  [ "${put-}" != put ] || [ "$(said '[.predicate.space.canaries.classes[].survivors] | add')" = 0 ] || break
done
expect_equal "a mark was put back" put "${put-}"
expect_equal "exit code" 5 "${code-}"
expect_said .predicate.outcome sanitized_with_exceptions
expect_at_least "marks that survived" 1 "$(said '[.predicate.space.canaries.classes[].survivors] | add')"
expect_said '[.predicate.space.canaries.classes[] | select(.survivors > 0) | .name] | join(" ")' large
expect_said '[.predicate.facts[] | select(.exception) | .code] | join(" ")' canaries_survived

# The control: without that all is gone.
expect_run 0 sanitized quietus free-space --yes --json --slack --to-the-last-block --prove \
  --scheme random "$mnt"
expect_said '[.predicate.space.canaries.classes[].survivors] | add' 0
finish
