# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests that need a kernel of their own: an emulated machine (QEMU, all in software) with
# Debian's or Ubuntu's kernel, the host's root file system read-only under a layer in memory, and one
# folder that both sides write. Sources cli.sh.
#
#   vm_use stable|recent    chooses the kernel; downloads it once
#   vm_start NAME SCRIPT    boots and runs tests/vm/SCRIPT there; sets $share, the common folder
#   vm_wait SECONDS         until it has ended; shows what it said, returns the script's exit code
#   vm_cut                  as if somebody pulled the plug
#
# QUIETUS_VM_PARTS names the parts of a script that are to run, if not all.
# shellcheck source=../support/cli.sh
. "${BASH_SOURCE[0]%/*}/cli.sh"

vm_cache=${QUIETUS_VM_CACHE:-}
if [ -z "$vm_cache" ]; then
  if [ "$(id -u)" = 0 ]; then
    vm_cache=/var/cache/quietus-tests
  else
    vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/quietus-tests
  fi
fi
vm_process=
vm_follower=

# Modules that the initial file system needs to find the host's root.
vm_early_modules=(virtio_pci 9pnet_virtio 9p overlay)

need_vm() { need qemu-system-x86_64 busybox flock modprobe depmod cpio gzip dpkg apt-get apt-cache; }

# What the distribution's meta package depends on: kernel first, then packages of modules.
vm_packages() {  # META [apt options]
  local meta=$1
  shift
  apt-cache "$@" depends "$meta" 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-\(image\|modules-extra\|modules\)-[0-9].*\)$/\1/p'
}

# apt's options for Debian's backports, without touching the machine's own lists.
vm_backports() {
  local lists=$vm_cache/apt release archive
  # shellcheck disable=SC2016  # apt's own variable
  archive=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' 'Component: main' | head -n 1)
  release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $release-backports main" \
    >"$lists/sources.list"
  backports=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache")
  [ -n "$(vm_packages linux-image-amd64 "${backports[@]}")" ] ||
    apt-get -qq "${backports[@]}" update >&2
}

# Sets $packages and $options for the kernel that is wanted.
vm_choose() {
  local meta=linux-image-amd64
  options=()
  if grep -qs '^ID=ubuntu' /etc/os-release; then
    meta=linux-image-generic
  elif [ "$1" = recent ]; then
    vm_backports
    options=("${backports[@]}")
  fi
  mapfile -t packages < <(vm_packages "$meta" "${options[@]}")
  if [ "${#packages[@]}" = 0 ] && [ "$1" = stable ]; then
    apt-get -qq update >&2
    mapfile -t packages < <(vm_packages "$meta")
  fi
  # Ubuntu's image names its modules only as a dependency of its own.
  if [ "$meta" = linux-image-generic ] && [ "${#packages[@]}" -gt 0 ]; then
    packages+=("${packages[0]/image/modules}" "${packages[0]/image/modules-extra}")
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | awk '!seen[$0]++')
  fi
  [ "${#packages[@]}" -gt 0 ]
}

# vm_use stable|recent: stable is the release's own kernel; recent is Debian's from backports, which
# speaks Opal to any NVMe drive. Sets $kernel, its folder.
vm_use() {
  local wanted=$vm_cache/$1 lock
  mkdir -p "$vm_cache" 2>/dev/null || skip "cannot make $vm_cache"
  # Two tests may want it at once.
  exec {lock}>"$vm_cache/lock"
  flock "$lock"
  vm_is_new "$wanted" || vm_fetch "$1" "$wanted" || vm_is_there "$wanted" ||
    skip "cannot fetch a $1 kernel with apt"
  exec {lock}>&-
  kernel=$(cat "$wanted")
  kernel_release=$(basename "$kernel/boot/"vmlinuz-*)
  kernel_release=${kernel_release#vmlinuz-}
}
vm_is_there() { [ -e "$(cat "$1" 2>/dev/null)/complete" ]; }
# Asking apt takes a second or more; the answer is good for a day.
vm_is_new() { [ -n "$(find "$1" -mtime -1 2>/dev/null)" ] && vm_is_there "$1"; }
vm_fetch() {
  vm_choose "$1" && vm_unpack "$vm_cache/${packages[0]}" && echo "$vm_cache/${packages[0]}" >"$2"
}

# In a folder of its own that gets its name when all is there.
vm_unpack() {  # FOLDER
  local folder=$1 fresh
  [ ! -e "$folder/complete" ] || return 0
  fresh=$(mktemp -d "$vm_cache/fetch-XXXXXX") || return 1
  if (cd "$fresh" && apt-get -qq -o APT::Sandbox::User=root "${options[@]}" download "${packages[@]}" >&2) &&
    vm_unpack_into "$fresh" "$fresh/root"; then
    rm -rf "$folder"
    mv "$fresh/root" "$folder" && touch "$folder/complete"
  fi
  rm -rf "$fresh"
  [ -e "$folder/complete" ]
}

vm_unpack_into() {  # PACKAGES FOLDER
  local package release
  for package in "$1"/*.deb; do
    dpkg -x "$package" "$2" || return 1
  done
  release=$(basename "$2/boot/"vmlinuz-*)
  # The system's own tools look for modules in /lib, where some packages no longer put them.
  [ -e "$2/lib/modules" ] || { mkdir -p "$2/lib" && ln -s ../usr/lib/modules "$2/lib/modules"; }
  depmod -b "$2" "${release#vmlinuz-}"
}

# The initial file system: busybox, the modules on the way to the host's root, and init.
vm_initial() {
  local root=$work/initial module number=10
  [ ! -e "$work/initial.gz" ] || return 0
  mkdir -p "$root"/{bin,modules,proc,sys,dev,host,layer,new}
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp "$support/vm_init.sh" "$root/init"
  chmod +x "$root/init"
  while read -r module; do
    number=$((number + 1))
    vm_plain "$module" >"$root/modules/$number-$(basename "${module%%.ko*}").ko"
  done < <(modprobe -d "$kernel" -S "$kernel_release" --show-depends -a "${vm_early_modules[@]}" |
    awk '/^insmod/ && !seen[$2]++ { print $2 }')
  (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initial.gz"
}
vm_plain() {
  case "$1" in
    *.xz) xz -dc "$1" ;;
    *.zst) zstd -dc "$1" ;;
    *) cat "$1" ;;
  esac
}

# vm_start NAME SCRIPT: a second start with the same name goes on with the same folder.
vm_start() {
  share=$work/$1
  mkdir -p "$share"
  rm -f "$share/status"
  : >"$share/output"
  cat >"$share/environment" <<END
export QUIETUS=$QUIETUS KERNEL=$kernel CI=true QUIETUS_VM_PARTS="${QUIETUS_VM_PARTS-}"
vm_script=$(realpath "$support/../vm/$2")
END
  vm_initial
  timeout --kill-after=5 900 qemu-system-x86_64 -M q35 -accel tcg,thread=multi,tb-size=512 -cpu max \
    -smp 2 -m 1536 -nodefaults -display none -no-reboot -serial "file:$share/console" \
    -kernel "$kernel/boot/vmlinuz-$kernel_release" -initrd "$work/initial.gz" \
    -append "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off random.trust_cpu=on" \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=host,mount_tag=host \
    -fsdev "local,id=share,path=$share,security_model=none" \
    -device virtio-9p-pci,fsdev=share,mount_tag=share \
    -device virtio-rng-pci "${vm_devices[@]}" </dev/null >"$share/qemu" 2>&1 &
  vm_process=$!
  vm_began=$SECONDS
}
vm_devices=()

# vm_wait SECONDS: shows what the script says, as it says it.
vm_wait() {
  local limit=$((SECONDS + $1)) status
  tail -n +1 -f --pid="$vm_process" "$share/output" &
  vm_follower=$!
  while [ "$SECONDS" -lt "$limit" ] && kill -0 "$vm_process" 2>/dev/null; do sleep 0.3; done
  vm_cut
  wait "$vm_follower" 2>/dev/null
  status=$(cat "$share/status" 2>/dev/null)
  echo "emulated machine: $kernel_release, $((SECONDS - vm_began)) s, exit code ${status:-none}"
  [ -n "$status" ] || { tail -n 30 "$share/console" "$share/qemu"; return 99; }
  return "$status"
}

# timeout(1) leads a group of its own; it passes the signal on to QEMU.
vm_cut() {
  pkill -KILL -P "$vm_process" 2>/dev/null
  wait "$vm_process" 2>/dev/null
}
clean_up() { [ -z "$vm_process" ] || vm_cut; }

# vm_runs NAME SCRIPT SECONDS: boots, and the script has to succeed.
vm_runs() {
  vm_start "$1" "$2"
  vm_wait "$3" || fail "tests/vm/$2 did not succeed: exit code $?"
}
