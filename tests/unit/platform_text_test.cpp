// SPDX-License-Identifier: GPL-3.0-or-later
// The pure parts of the platform: errno to Error, and the texts in which Linux tells about itself.
#include <cerrno>
#include <doctest/doctest.h>
#include <linux/fiemap.h>

#include "linux/block_device.h"
#include "linux/file_map.h"
#include "linux/filesystem_facts.h"
#include "linux/filesystem_kinds.h"
#include "linux/machine_facts.h"
#include "linux/mountinfo.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus::test {
namespace {

TEST_CASE("platform: errno becomes the kind that callers tell apart") {
  CHECK(posix_error("open", "/x", ENOENT).code == Errc::not_found);
  CHECK(posix_error("open", "/x", ENOTDIR).code == Errc::not_found);
  CHECK(posix_error("open", "/x", EEXIST).code == Errc::exists);
  CHECK(posix_error("open", "/x", ENOTEMPTY).code == Errc::exists);
  CHECK(posix_error("open", "/x", EACCES).code == Errc::permission);
  CHECK(posix_error("open", "/x", EPERM).code == Errc::permission);
  CHECK(posix_error("open", "/x", EROFS).code == Errc::read_only);
  CHECK(posix_error("open", "/x", ETXTBSY).code == Errc::busy);
  CHECK(posix_error("open", "/x", EBUSY).code == Errc::busy);
  CHECK(posix_error("lock", "/x", EAGAIN).code == Errc::busy);
  CHECK(posix_error("write", "/x", ENOSPC).code == Errc::no_space);
  CHECK(posix_error("write", "/x", EDQUOT).code == Errc::no_space);
  CHECK(posix_error("open", "/x", ELOOP).code == Errc::unsupported);
  CHECK(posix_error("map", "/x", EOPNOTSUPP).code == Errc::unsupported);
  CHECK(posix_error("map", "/x", ENOTTY).code == Errc::unsupported);
  CHECK(posix_error("map", "/x", ENOSYS).code == Errc::unsupported);
  CHECK(posix_error("read", "/x", EINVAL).code == Errc::invalid);
  CHECK(posix_error("write", "/x", EFBIG).code == Errc::invalid);
  CHECK(posix_error("read", "/x", EIO).code == Errc::io);
  CHECK(posix_error("read", "/x", ENXIO).code == Errc::io);
}

TEST_CASE("platform: an error says what failed on which object and why") {
  errno = ENOENT;
  const Error error = posix_error("open", "/x\n");
  CHECK(error.what == "cannot open /x\n: No such file or directory");
  CHECK(error.os_code == ENOENT);
  CHECK(unsupported("map", "/x", "why").what == "cannot map /x: why");
}

TEST_CASE("platform: texts are taken apart") {
  CHECK(trimmed(" \t a b\n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(words("  a \t b\n") == std::vector<std::string_view>{"a", "b"});
  CHECK(words(" \n").empty());
  CHECK(without_octal_escapes(R"(a\040b\134c\011)") == "a b\\c\t");
  CHECK(without_octal_escapes(R"(\04)") == R"(\04)");
  CHECK(without_octal_escapes(R"(\777\089)") == R"(\777\089)");
  CHECK(decimal("18446744073709551615") == 18446744073709551615U);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    CHECK_FALSE(decimal(bad).has_value());
  }
}

TEST_CASE("platform: mountinfo") {
  const std::vector<Mount> mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=x\n"
      "37 36 0:45 / /run rw - tmpfs  rw,size=4k\n"
      "38 36 0:46 / /s rw - fuse.sshfs me@host:/a\\040b rw\n"
      "\n"
      "x 36 0:46 / /bad rw - tmpfs none rw\n"
      "39 36 0:47 / /short rw - tmpfs none\n"
      "40 36 0:48 / /no-dash rw shared:1 tmpfs none rw\n");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].id == 36);
  CHECK(mounts[0].root == "/mnt1");
  CHECK(mounts[0].mount_point == "/mnt 2");
  CHECK(mounts[0].options == "rw,noatime");
  CHECK(mounts[0].type == "ext3");
  CHECK(mounts[0].source == "/dev/root");
  CHECK(mounts[0].super_options == "rw,errors=x");
  CHECK(mounts[1].source.empty());
  CHECK(mounts[1].super_options == "rw,size=4k");
  CHECK(mounts[2].type == "fuse.sshfs");
  CHECK(mounts[2].source == "me@host:/a b");
}

TEST_CASE("platform: where an overwrite lands, by kind of file system") {
  for (const char* type : {"ext2", "ext3", "ext4", "xfs", "vfat", "exfat", "ntfs3", "jfs"}) {
    CHECK_MESSAGE(kind_of_type(type).in_place == InPlace::yes, type);
  }
  for (const char* type : {"zfs", "f2fs", "nilfs2", "bcachefs", "jffs2", "ubifs"}) {
    CHECK_MESSAGE(kind_of_type(type).in_place == InPlace::copy_on_write, type);
  }
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph"}) {
    CHECK_MESSAGE(kind_of_type(type).in_place == InPlace::remote, type);
    CHECK_MESSAGE(kind_of_type(type).remote, type);
  }
  for (const char* type : {"fuse", "fuseblk", "fuse.sshfs", "tmpfs", "never-heard-of", ""}) {
    CHECK_MESSAGE(kind_of_type(type).in_place == InPlace::unknown, type);
    CHECK_MESSAGE(!kind_of_type(type).remote, type);
  }
  CHECK(kind_of_type("btrfs").in_place == InPlace::no_cow);
  CHECK(kind_of_type("overlay").in_place == InPlace::layered);
  CHECK(kind_of_type("overlay").is_volatile);
  CHECK(kind_of_type("tmpfs").is_volatile);
  CHECK_FALSE(kind_of_type("ext4").is_volatile);
}

TEST_CASE("platform: kinds by magic number") {
  CHECK(kind_of_magic(0xEF53).in_place == InPlace::yes);
  CHECK(kind_of_magic(0x9123683E).in_place == InPlace::no_cow);
  CHECK(kind_of_magic(0x794C7630).in_place == InPlace::layered);
  CHECK(kind_of_magic(0x65735546).in_place == InPlace::unknown);
  CHECK(kind_of_magic(0xFE534D42).remote);
  CHECK_FALSE(kind_of_magic(0).remote);  // that of no file system
}

TEST_CASE("platform: data=journal is found as a whole option only") {
  CHECK(asks_for_data_journal("rw,relatime,data=journal"));
  CHECK(asks_for_data_journal("rw\nbsddf\ndata=journal\n"));
  CHECK_FALSE(asks_for_data_journal("rw,data=ordered"));
  CHECK_FALSE(asks_for_data_journal("rw,xdata=journal,data=journal_async"));
  CHECK_FALSE(asks_for_data_journal(""));
}

TEST_CASE("platform: extents' flags") {
  const Extent range{4096, 8192};
  const auto with = [&](std::uint32_t flags) { return placement_of(range, 77, flags); };
  CHECK(with(0) == Placement{range, 77, true, false, false, false, false});
  CHECK_FALSE(with(FIEMAP_EXTENT_UNKNOWN).placed);
  CHECK_FALSE(with(FIEMAP_EXTENT_DELALLOC).placed);
  CHECK(with(FIEMAP_EXTENT_UNWRITTEN).unwritten);
  CHECK(with(FIEMAP_EXTENT_SHARED).shared);
  CHECK(with(FIEMAP_EXTENT_DATA_INLINE).inline_data);
  CHECK(with(FIEMAP_EXTENT_DATA_TAIL).inline_data);
  CHECK(with(FIEMAP_EXTENT_NOT_ALIGNED).inline_data);
  CHECK(with(FIEMAP_EXTENT_ENCODED).encoded);
  CHECK_FALSE(with(FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_DATA_ENCRYPTED).encoded);
}

TEST_CASE("platform: the disk's counters") {
  const auto found = parse_counters("   12  3  4567  89   1 2 3210 5 0 6 7 0 0 0 0 1 1\n");
  REQUIRE(found.ok());
  CHECK(found->sectors_read == 4567);
  CHECK(found->sectors_written == 3210);
  CHECK(parse_counters("1 2 3 4 5 6").error().code == Errc::malformed);
  CHECK(parse_counters("1 2 x 4 5 6 7").error().code == Errc::malformed);
}

TEST_CASE("platform: os-release") {
  CHECK(pretty_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n") ==
        "Debian GNU/Linux 12 (bookworm)");
  CHECK(pretty_name("PRETTY_NAME=Plain") == "Plain");
  CHECK(pretty_name("PRETTY_NAME='a \\ b'") == "a \\ b");
  CHECK(pretty_name("PRETTY_NAME=\"say \\\"hi\\\" \\$\"") == "say \"hi\" $");
  CHECK(pretty_name("XPRETTY_NAME=no\n#PRETTY_NAME=no\n").empty());
  CHECK(pretty_name("PRETTY_NAME=\"").size() == 1);
}

TEST_CASE("platform: machine id and kernel version") {
  const std::string id = "0123456789abcdef0123456789abcdef";
  CHECK(valid_machine_id(id + "\n") == id);
  CHECK(valid_machine_id("uninitialized\n").empty());
  CHECK(valid_machine_id(id + "0").empty());
  CHECK(valid_machine_id("0123456789ABCDEF0123456789ABCDEF").empty());
  CHECK(is_kernel_since("6.1.0-18-amd64", 5, 8));
  CHECK(is_kernel_since("5.8", 5, 8));
  CHECK(is_kernel_since("5.10.0", 5, 8));
  CHECK_FALSE(is_kernel_since("5.7.19", 5, 8));
  CHECK_FALSE(is_kernel_since("4.19.0-amd64", 5, 8));
  CHECK_FALSE(is_kernel_since("", 5, 8));
}

TEST_CASE("platform: swaps") {
  const std::vector<std::string> expected{"/dev/sda2", "/my swap"};
  CHECK(swap_paths("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                   "/dev/sda2                               partition\t1\t0\t-2\n"
                   "/my\\040swap                             file\t1\t0\t-3\n") == expected);
  CHECK(swap_paths("Filename Type Size Used Priority\n").empty());
}

}  // namespace
}  // namespace quietus::test
