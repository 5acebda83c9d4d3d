// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxPlatform on recorded machines: /sys and /proc made for the test, real files.
#include <sys/sysmacros.h>

#include "linux/block_device.h"
#include "platform_world.h"

namespace quietus::test {
namespace {

/// A machine whose mount table says of the test folder's own mount what the test wants.
class Recorded final {
 public:
  Recorded() {
    LinuxPlatform real;
    identity_ = take(open_folder(real, folder_)->attributes()).identity;
  }
  [[nodiscard]] SystemFolders folders() const {
    return {folder_ / "sys", folder_ / "proc", folder_ / "dev"};
  }
  [[nodiscard]] const DiskFolder& folder() const { return folder_; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] std::string number() const {
    return std::to_string(::gnu_dev_major(identity_.device)) + ":" +
           std::to_string(::gnu_dev_minor(identity_.device));
  }

  void mounted_as(const std::string& rest) const {
    folder_.put("proc/self/mountinfo",
                "1 0 1:1 / /other rw - xfs /dev/other rw\n" + std::to_string(identity_.mount) +
                    " 1 " + number() + " / /where\\040ever rw,noatime shared:1 - " + rest + "\n");
  }
  void has_disk(const std::string& name) const {
    folder_.put("sys/devices/x/" + name + "/stat", "1 2 300 4 5 6 700 8\n");
    std::filesystem::create_directories(folder_ / "sys/dev/block");
    std::filesystem::create_symlink("../../devices/x/" + name,
                                    folder_ / "sys/dev/block/" + number());
  }
  [[nodiscard]] FileSystemFacts facts() const {
    LinuxPlatform platform(folders().sys, folders().proc, folders().dev);
    const auto directory = take(platform.open_directory(folder_.path()));
    return take(platform.file_system_of(*directory));
  }

 private:
  DiskFolder folder_;
  Identity identity_;
};

TEST_CASE("platform: facts of a mount come from its own line") {
  const Recorded machine;
  machine.mounted_as("btrfs /dev/sda1 rw,subvol=/@");
  const FileSystemFacts facts = machine.facts();
  CHECK(facts.type == "btrfs");
  CHECK(facts.mount_point == "/where ever");
  CHECK(facts.options == "rw,noatime,rw,subvol=/@");
  CHECK(facts.source == "/dev/sda1");
  CHECK(facts.in_place == InPlace::no_cow);
  CHECK_FALSE(facts.journals_data);
  CHECK_FALSE(facts.mount_root);
  CHECK(facts.free_bytes > 0);
}

TEST_CASE("platform: a mount that isn't in the table is known by its magic number") {
  const Recorded machine;
  machine.folder().put("proc/self/mountinfo", "1 0 1:1 / /other rw - zfs pool rw\n");
  const FileSystemFacts facts = machine.facts();
  CHECK(facts.type.empty());
  CHECK(facts.mount_point.empty());
  CHECK(facts.in_place != InPlace::copy_on_write);
}

TEST_CASE("platform: data=journal from mount options and from the super block") {
  const Recorded machine;
  machine.mounted_as("ext4 /dev/sda1 rw,data=journal");
  CHECK(machine.facts().journals_data);
  machine.mounted_as("ext4 /dev/sda1 rw");
  CHECK_FALSE(machine.facts().journals_data);
  machine.has_disk("sda1");
  machine.folder().put("proc/fs/ext4/sda1/options", "rw\ndata=ordered\n");
  CHECK_FALSE(machine.facts().journals_data);
  machine.folder().put("proc/fs/ext4/sda1/options", "rw\ndata=journal\n");
  CHECK(machine.facts().journals_data);
}

TEST_CASE("platform: sector size of a disk, and of a partition's disk") {
  const Recorded machine;
  const std::uint64_t device = machine.identity().device;
  CHECK(logical_block_bytes(device, machine.folders()) == 512);
  machine.has_disk("sda/sda1");
  CHECK(disk_name(device, machine.folders()) == "sda1");
  CHECK(logical_block_bytes(device, machine.folders()) == 512);
  machine.folder().put("sys/devices/x/sda/queue/logical_block_size", "4096\n");
  CHECK(logical_block_bytes(device, machine.folders()) == 4096);
  machine.folder().put("sys/devices/x/sda/queue/logical_block_size", "0\n");
  CHECK(logical_block_bytes(device, machine.folders()) == 512);
}

TEST_CASE("platform: counters of the disk below") {
  const Recorded machine;
  const std::uint64_t device = machine.identity().device;
  CHECK(code_of(disk_counters(device, machine.folders())) == Errc::unsupported);
  machine.has_disk("sda1");
  const Counters counters = take(disk_counters(device, machine.folders()));
  CHECK(counters.sectors_read == 300);
  CHECK(counters.sectors_written == 700);
}

TEST_CASE("platform: an anonymous device number leads to a disk only where there is just one") {
  const Recorded machine;
  const Identity anonymous{::gnu_dev_makedev(0, 45), 1, machine.identity().mount};
  machine.mounted_as("tmpfs /dev/node rw");
  CHECK(code_of(disk_of(anonymous, machine.folders())) == Errc::unsupported);
  machine.mounted_as("btrfs /dev/node rw");
  CHECK(code_of(disk_of(anonymous, machine.folders())) == Errc::unsupported);
  const std::string node = machine.folder() / "dev/node";
  std::filesystem::create_directories(machine.folder() / "dev");
  const std::uint64_t device = ::gnu_dev_makedev(7, 200);
  if (::mknod(node.c_str(), S_IFBLK | 0600, device) != 0) {
    MESSAGE("skipped: making a device node needs root");
    return;
  }
  const std::filesystem::path sys = machine.folders().sys;
  std::filesystem::create_directories(sys / "dev/block");
  std::filesystem::create_symlink("../../devices/loop200", sys / "dev/block/7:200");
  machine.folder().put("sys/fs/btrfs/uuid/devices/loop200", "");
  CHECK(take(disk_of(anonymous, machine.folders())) == device);
  machine.folder().put("sys/fs/btrfs/uuid/devices/loop201", "");
  CHECK(code_of(disk_of(anonymous, machine.folders())) == Errc::unsupported);
}

TEST_CASE("platform: a file that is swapped to is known by its identity") {
  const Recorded machine;
  machine.folder().put("swap file", "x");
  machine.folder().put("other", "x");
  machine.folder().put("proc/swaps", "Filename Type Size Used Priority\n" +
                                         (machine.folder() / "swap\\040file") + " file 1 0 -2\n");
  LinuxPlatform platform(machine.folders().sys, machine.folders().proc, machine.folders().dev);
  const auto directory = take(platform.open_directory(machine.folder().path()));
  CHECK(platform.is_active_swap(take(directory->inspect_at("swap file")).identity));
  CHECK_FALSE(platform.is_active_swap(take(directory->inspect_at("other")).identity));
}

TEST_CASE("platform: who logged in") {
  const Recorded machine;
  LinuxPlatform platform(machine.folders().sys, machine.folders().proc, machine.folders().dev);
  CHECK_FALSE(platform.account().login_uid.has_value());
  machine.folder().put("proc/self/loginuid", "4294967295");
  CHECK_FALSE(platform.account().login_uid.has_value());
  machine.folder().put("proc/self/loginuid", "1000");
  CHECK(platform.account().login_uid == 1000U);
  CHECK(platform.account().uid == ::geteuid());
}

}  // namespace
}  // namespace quietus::test
