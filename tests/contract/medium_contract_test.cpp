// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the contract suite on memory, with and without what a file system may lack, and on the real
// machine: in the folder for temporary files, on tmpfs and, for devices, on a loop device.
#include "contract/medium_contract.h"

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>

#include "contract/abilities_contract.h"
#include "contract/device_contract.h"
#include "linux/platform.h"
#include "support/loop_device.h"
#include "support/memory_platform.h"

namespace quietus::test::contract {
namespace {

class MemoryRig {
 public:
  MemoryRig() { memory_.add_directory("/folder"); }
  [[nodiscard]] Platform& platform() { return memory_; }
  [[nodiscard]] static std::string folder() { return "/folder"; }
  void symlink(const std::string& name, const std::string& target) {
    memory_.add_symlink("/folder/" + name, target);
  }
  void fifo(const std::string& name) { memory_.add_node("/folder/" + name, NodeKind::fifo); }
  void hard_link(const std::string& existing, const std::string& name) {
    memory_.add_hard_link("/folder/" + existing, "/folder/" + name);
  }

 protected:
  MemoryPlatform& memory() { return memory_; }

 private:
  MemoryPlatform memory_;
};

/// No direct I/O, no placement, no kinds in listings, no file-system sync.
class BareMemoryRig final : public MemoryRig {
 public:
  BareMemoryRig() {
    MemoryFileSystem& system = memory().file_system("/");
    system.direct_alignment_bytes = 0;
    system.placement = PlacementAnswer::unsupported;
    system.lists_kinds = false;
    system.sync_filesystem_answer = error_of(Errc::unsupported, 0, "no syncfs");
  }
};

/// A fresh folder of the real machine; removed at the end.
class LinuxRig {
 public:
  explicit LinuxRig(const std::string& where = std::filesystem::temp_directory_path().string())
      : folder_(where + "/quietus-contract-XXXXXX") {
    REQUIRE(mkdtemp(folder_.data()) != nullptr);
  }
  ~LinuxRig() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  LinuxRig(const LinuxRig&) = delete;
  LinuxRig& operator=(const LinuxRig&) = delete;

  [[nodiscard]] Platform& platform() { return platform_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  void symlink(const std::string& name, const std::string& target) {
    std::filesystem::create_symlink(target, folder_ + "/" + name);
  }
  void fifo(const std::string& name) { REQUIRE(mkfifo((folder_ + "/" + name).c_str(), 0600) == 0); }
  void hard_link(const std::string& existing, const std::string& name) {
    std::filesystem::create_hard_link(folder_ + "/" + existing, folder_ + "/" + name);
  }

 private:
  LinuxPlatform platform_;
  std::string folder_;
};

/// The same on tmpfs, which has neither placement nor, before Linux 6.6, direct I/O.
class TmpfsRig final : public LinuxRig {
 public:
  TmpfsRig() : LinuxRig(tmpfs()) {}

 private:
  static std::string tmpfs() {
    if (std::filesystem::is_directory("/dev/shm")) return "/dev/shm";
    MESSAGE("skipped: there is no /dev/shm; the folder for temporary files is used again");
    return std::filesystem::temp_directory_path().string();
  }
};

/// Devices of memory.
class MemoryDeviceRig final {
 public:
  MemoryDeviceRig() {
    DeviceFacts facts;
    facts.path = node();
    facts.content.emplace();
    memory_.add_device(facts, std::string(kDeviceBytes, '\0'));
    memory_.add_file(file(), "no device");
  }
  [[nodiscard]] static bool available() { return true; }
  [[nodiscard]] Platform& platform() { return memory_; }
  [[nodiscard]] static std::string node() { return "/dev/disk"; }
  [[nodiscard]] static std::string file() { return "/file"; }

 private:
  MemoryPlatform memory_;
};

/// A real loop device with sectors of 512 or 4096 bytes.
template <int kSector>
class LoopRig {
 public:
  LoopRig() {
    if (!has_loop_devices()) return;
    loop_ = std::make_unique<LoopDevice>("--sector-size " + std::to_string(kSector), kDeviceBytes);
  }
  [[nodiscard]] bool available() const { return loop_ != nullptr; }
  [[nodiscard]] Platform& platform() { return platform_; }
  [[nodiscard]] std::string node() const { return loop_->node(); }
  [[nodiscard]] std::string file() const { return loop_->file(); }

 private:
  std::unique_ptr<LoopDevice> loop_;
  LinuxPlatform platform_;
};

using Loop512Rig = LoopRig<512>;
using Loop4096Rig = LoopRig<4096>;

}  // namespace
}  // namespace quietus::test::contract

TYPE_TO_STRING_AS("memory", quietus::test::contract::MemoryRig);
TYPE_TO_STRING_AS("bare memory", quietus::test::contract::BareMemoryRig);
TYPE_TO_STRING_AS("linux", quietus::test::contract::LinuxRig);
TYPE_TO_STRING_AS("linux tmpfs", quietus::test::contract::TmpfsRig);
TYPE_TO_STRING_AS("memory device", quietus::test::contract::MemoryDeviceRig);
TYPE_TO_STRING_AS("loop device", quietus::test::contract::Loop512Rig);
TYPE_TO_STRING_AS("loop device 4Kn", quietus::test::contract::Loop4096Rig);

namespace quietus::test::contract {
namespace {

using Rigs = std::tuple<MemoryRig, BareMemoryRig, LinuxRig, TmpfsRig>;

TEST_CASE_TEMPLATE_APPLY(medium_transfers, Rigs);
TEST_CASE_TEMPLATE_APPLY(medium_direct, Rigs);
TEST_CASE_TEMPLATE_APPLY(medium_placement, Rigs);
TEST_CASE_TEMPLATE_APPLY(directory_opening, Rigs);
TEST_CASE_TEMPLATE_APPLY(directory_names, Rigs);
TEST_CASE_TEMPLATE_APPLY(directory_listing, Rigs);
TEST_CASE_TEMPLATE_APPLY(directory_locks, Rigs);
TEST_CASE_TEMPLATE_APPLY(platform_paths, Rigs);
TEST_CASE_TEMPLATE_APPLY(abilities_attributes, Rigs);
TEST_CASE_TEMPLATE_APPLY(abilities_names, Rigs);
TEST_CASE_TEMPLATE_APPLY(abilities_space, Rigs);

using DeviceRigs = std::tuple<MemoryDeviceRig, Loop512Rig, Loop4096Rig>;

TEST_CASE_TEMPLATE_APPLY(device_transfers, DeviceRigs);
TEST_CASE_TEMPLATE_APPLY(device_claims, DeviceRigs);

}  // namespace
}  // namespace quietus::test::contract
