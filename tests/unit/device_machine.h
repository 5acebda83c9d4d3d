// SPDX-License-Identifier: GPL-3.0-or-later
// RecordedMachine: /sys, /proc, /dev and /run of a machine that a test describes. Its devices have
// numbers that the kernel leaves for experiments (240:x), and no test opens them.
#pragma once

#include <map>
#include <string>
#include <sys/sysmacros.h>
#include <vector>

#include "platform_world.h"

namespace quietus::test {

class RecordedMachine final {
 public:
  using Attributes = std::map<std::string, std::string>;
  static constexpr unsigned kMajor = 240;

  RecordedMachine() {
    for (const char* const folder :
         {"sys/block", "sys/dev/block", "dev/disk/by-id", "proc", "run"}) {
      std::filesystem::create_directories(folder_ / folder);
    }
  }

  [[nodiscard]] const DiskFolder& folder() const { return folder_; }
  [[nodiscard]] SystemFolders folders() const {
    return {folder_ / "sys", folder_ / "proc", folder_ / "dev", folder_ / "run"};
  }
  [[nodiscard]] std::string node(const std::string& name) const {
    return folder_ / ("dev/" + name);
  }

  /// A whole disk below /sys/devices/WAY/block: 1 GiB unless `size` (512-byte sectors) says else.
  void disk(const std::string& name, const std::string& way, const Attributes& attributes = {}) {
    disk_at(name, way + "/block/" + name, attributes);
  }
  /// The same in a folder of another form, below /sys/devices.
  void disk_at(const std::string& name, const std::string& folder, const Attributes& attributes) {
    add(name, "sys/devices/" + folder, attributes);
    std::filesystem::create_directory_symlink("../../" + places_[name],
                                              folder_ / ("sys/block/" + name));
  }
  void virtual_disk(const std::string& name, const Attributes& attributes = {}) {
    disk(name, "virtual", attributes);
  }
  /// A partition of 2048 sectors.
  void partition(const std::string& disk, const std::string& name, std::uint64_t start) {
    add(name, places_.at(disk) + "/" + name,
        {{"partition", "1"}, {"start", std::to_string(start)}, {"size", "2048"}});
  }
  /// `upper` is built on `lower`.
  void built_on(const std::string& lower, const std::string& upper) const {
    folder_.put(places_.at(lower) + "/holders/" + upper, "");
  }
  void attribute(const std::string& name, const std::string& file, const std::string& text) const {
    folder_.put(places_.at(name) + "/" + file, text);
  }
  void link(const std::string& name, const std::string& target) const {
    const std::filesystem::path path = folder_ / ("dev/" + name);
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::create_symlink(target, path);
  }
  /// A line of mountinfo; `device` is a name of ours or an anonymous number such as "0:45".
  void mount(const std::string& device, const std::string& point, const std::string& rest,
             const std::string& process = "self") {
    const auto found = numbers_.find(device);
    mounts_[process] += "30 1 " + (found == numbers_.end() ? device : found->second) + " / " +
                        point + " rw shared:1 - " + rest + " rw\n";
    folder_.put("proc/" + process + "/mountinfo", mounts_[process]);
  }
  void proc(const std::string& file, const std::string& text) const {
    folder_.put("proc/" + file, text);
  }

  [[nodiscard]] std::string number(const std::string& name) const { return numbers_.at(name); }
  [[nodiscard]] std::vector<DeviceFacts> devices() const {
    return take(
        LinuxPlatform(folders().sys, folders().proc, folders().dev, folders().run).devices());
  }
  [[nodiscard]] DeviceFacts facts(const std::string& name) const {
    for (DeviceFacts& device : devices()) {
      if (device.name == name) return std::move(device);
    }
    FAIL("not listed: ", name);
    return {};
  }

 private:
  void add(const std::string& name, const std::string& place, const Attributes& attributes) {
    numbers_[name] = std::to_string(kMajor) + ":" + std::to_string(numbers_.size());
    places_[name] = place;
    Attributes all = {{"size", "2097152"}, {"ro", "0"}, {"removable", "0"}, {"diskseq", "7"}};
    for (const auto& [file, text] : attributes) all[file] = text;
    all["dev"] = numbers_[name];
    for (const auto& [file, text] : all) folder_.put(place + "/" + file, text + "\n");
    std::filesystem::create_directory_symlink("../../../" + place,
                                              folder_ / ("sys/dev/block/" + numbers_[name]));
  }

  DiskFolder folder_;
  std::map<std::string, std::string> numbers_;
  std::map<std::string, std::string> places_;
  std::map<std::string, std::string> mounts_;
};

/// "mount sda1 /home", one for each use.
inline std::vector<std::string> uses_of(const DeviceFacts& facts) {
  std::vector<std::string> found;
  for (const DeviceUse& use : facts.uses) {
    found.push_back(std::string(name_of(use.kind)) + " " + use.device + " " + use.by);
  }
  return found;
}

}  // namespace quietus::test
