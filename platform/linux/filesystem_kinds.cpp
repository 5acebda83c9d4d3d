// SPDX-License-Identifier: GPL-3.0-or-later
// The table of file systems. Magic numbers: statfs(2), linux/magic.h and the file systems' own
// headers.
#include "linux/filesystem_kinds.h"

#include <array>

namespace quietus {
namespace {

constexpr FileSystemKind in_place(std::string_view type, std::uint64_t magic) {
  return {type, magic, InPlace::yes, false, false, false};
}
constexpr FileSystemKind moves(std::string_view type, std::uint64_t magic) {
  return {type, magic, InPlace::copy_on_write, false, false, false};
}
constexpr FileSystemKind elsewhere(std::string_view type, std::uint64_t magic) {
  return {type, magic, InPlace::remote, false, true, false};
}

constexpr std::array kFileSystems = {
    in_place("ext4", 0xEF53),
    in_place("ext3", 0xEF53),
    in_place("ext2", 0xEF53),
    in_place("xfs", 0x58465342),
    in_place("vfat", 0x4D44),
    in_place("msdos", 0x4D44),
    in_place("exfat", 0x2011BAB0),
    in_place("ntfs3", 0x7366746E),
    in_place("ufs", 0x00011954),
    in_place("jfs", 0x3153464A),
    in_place("minix", 0x137F),
    in_place("minix", 0x138F),
    in_place("minix", 0x2468),
    in_place("minix", 0x2478),
    in_place("minix", 0x4D5A),
    FileSystemKind{"btrfs", 0x9123683E, InPlace::no_cow, false, false, true},
    moves("zfs", 0x2FC12FC1),
    moves("f2fs", 0xF2F52010),
    moves("nilfs2", 0x3434),
    moves("bcachefs", 0xCA451A4E),
    moves("jffs2", 0x72B6),
    moves("ubifs", 0x24051905),
    FileSystemKind{"overlay", 0x794C7630, InPlace::layered, true, false, false},
    FileSystemKind{"aufs", 0x61756673, InPlace::layered, true, false, false},
    FileSystemKind{"ecryptfs", 0xF15F, InPlace::layered, false, false, false},
    elsewhere("nfs", 0x6969),
    elsewhere("nfs4", 0x6969),
    elsewhere("cifs", 0xFF534D42),
    elsewhere("smb3", 0xFE534D42),
    elsewhere("smbfs", 0x517B),
    elsewhere("9p", 0x01021997),
    elsewhere("ceph", 0x00C36400),
    // Its magic number is that of FUSE.
    elsewhere("virtiofs", 0),
    // A FUSE server does what it likes; some overwrite in place, but that can't be told from here.
    FileSystemKind{"fuse", 0x65735546, InPlace::unknown, false, false, false},
    FileSystemKind{"fuseblk", 0x65735546, InPlace::unknown, false, false, false},
    FileSystemKind{"tmpfs", 0x01021994, InPlace::unknown, true, false, false},
    FileSystemKind{"ramfs", 0x858458F6, InPlace::unknown, true, false, false},
};

}  // namespace

FileSystemKind kind_of_type(std::string_view type) {
  const std::string_view family = type.substr(0, type.find('.'));
  for (const FileSystemKind& kind : kFileSystems) {
    if (kind.type == family) return kind;
  }
  return {};
}

FileSystemKind kind_of_magic(std::uint64_t magic) {
  for (const FileSystemKind& kind : kFileSystems) {
    if (kind.magic != 0 && kind.magic == magic) return kind;
  }
  return {};
}

}  // namespace quietus
