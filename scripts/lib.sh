# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts: the lists of Debian packages, and installing what is missing of them.
# To be sourced; does nothing by itself.

# What the program is built with.
# shellcheck disable=SC2034
build_packages=(g++ cmake ninja-build pkg-config libsodium-dev libssl-dev libcli11-dev
  libspdlog-dev libfmt-dev doctest-dev libblkid-dev libcryptsetup-dev libqrencode-dev
  nlohmann-json3-dev libtomlplusplus-dev)
# What the tests run besides.
# shellcheck disable=SC2034
test_packages=(openssl jq python3 python3-nacl python3-cryptography python3-jsonschema nodejs e2fsprogs
  xfsprogs btrfs-progs cryptsetup-bin fuse3 libfuse3-dev util-linux coreutils strace openssh-client quota attr acl mandoc
  signify-openbsd
  zbar-tools)
# NodeSource's nodejs brings its own npm.
command -v npm >/dev/null || test_packages+=(npm)
# Ubuntu has Chromium as a snap only.
grep -qs '^ID=ubuntu' /etc/os-release || test_packages+=(chromium)
# The peers that scripts/bench measures beside us.
# shellcheck disable=SC2034
bench_packages=(openssl coreutils findutils e2fsprogs util-linux nwipe scrub)
# What the checks need. clang's sanitizer runtime comes on top: clang_runtime_package names it.
# shellcheck disable=SC2034
check_packages=(git clang clang-format clang-tidy cppcheck shellcheck mandoc universal-ctags ccache)

# Runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "error: root rights are needed for: $*" >&2
    echo "hint: install sudo, or run this as root" >&2
    return 1
  fi
}

# Prints those of the given packages that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
      echo "$package"
  done
}

# Installs those of the given packages that are missing, and says which.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not Debian or Ubuntu. Make sure that you have what these packages hold: $*" >&2
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "Installing: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# Prints the package that holds the sanitizer and fuzzer runtime of this system's clang: its number
# differs from release to release.
clang_runtime_package() {
  command -v apt-cache >/dev/null || return 0
  apt-cache depends clang 2>/dev/null |
    sed -n 's/^ *Depends: clang-\([0-9][0-9]*\)$/libclang-rt-\1-dev/p' | head -n 1
}

# Prints every C++ file of the project, NUL-terminated. Run in the project's folder.
cpp_files() {
  find include src platform tests -type f \( -name '*.h' -o -name '*.cpp' \) -print0 | sort -z
}
