// SPDX-License-Identifier: GPL-3.0-or-later
// Who belongs together, by each bus's own layout of sysfs.
#include "linux/siblings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <optional>

#include "linux/device_facts.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

using Names = std::vector<std::string>;

std::string folder_above(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// "nvme0", not "nvme0n1".
bool is_controller(std::string_view name) {
  return starts_with(name, "nvme") && decimal(name.substr(4)).has_value();
}

/// The folder of the subsystem that a namespace's disk belongs to, or of its only controller where
/// the kernel knows no subsystems. A disk with several ways hangs on the subsystem itself.
std::string subsystem_of(const SysfsDevice& device, const SystemFolders& folders) {
  const std::string above = last_part(folder_above(device.disk_folder));
  const std::string all = folders.sys + "/class/nvme-subsystem";
  for (const std::string& name : names_below(all)) {
    std::string folder = std::string(all).append("/").append(name);
    const Names inside = names_below(folder);
    const bool is_in = std::find(inside.begin(), inside.end(), above) != inside.end();
    if (name == above || is_in) return folder;
  }
  return folder_above(device.disk_folder);
}

/// "0:2:1" of a disk below "0:2:1:0/block"; empty if it lies elsewhere.
std::string scsi_target(const SysfsDevice& device) {
  const std::string block = folder_above(device.disk_folder);
  const std::string address = last_part(folder_above(block));
  const std::vector<std::string_view> numbers = split(address, ':');
  const bool is_address = last_part(block) == "block" && numbers.size() == 4 &&
                          std::all_of(numbers.begin(), numbers.end(), [](std::string_view number) {
                            return decimal(number).has_value();
                          });
  return is_address ? address.substr(0, address.rfind(':')) : std::string();
}

/// The folder of the card that a disk of it lies in, whichever of its partitions it is.
std::string card_folder(const SysfsDevice& device) {
  return device.disk_folder.substr(0, device.disk_folder.find("/block/"));
}

/// What comes behind "mmcblk0".
std::string_view part_of_card(std::string_view name) {
  constexpr std::string_view kFamily = "mmcblk";
  if (!starts_with(name, kFamily)) return {};
  name.remove_prefix(kFamily.size());
  return name.substr(std::min(name.find_first_not_of("0123456789"), name.size()));
}

Names shared_by_nvme(const SysfsDevice& device, const DeviceFacts& /*facts*/,
                     const SystemFolders& folders) {
  return {subsystem_of(device, folders)};
}

Names shared_by_scsi(const SysfsDevice& device, const DeviceFacts& facts,
                     const SystemFolders& /*folders*/) {
  const std::string target = scsi_target(device);
  if (target.empty()) return {};
  Names shared = {"target " + target};
  const Result<std::string> page = read_text(device.disk_folder + "/device/vpd_pg83");
  for (const std::string& name : page ? target_device_names(*page) : Names()) {
    shared.push_back("device " + name);
  }
  // Of logical units of one drive, and of one unit by several ways.
  if (!facts.serial.empty() && !facts.model.empty()) {
    shared.push_back("serial " + facts.vendor + "/" + facts.model + "/" + facts.serial);
  }
  return shared;
}

Names shared_by_mmc(const SysfsDevice& device, const DeviceFacts& /*facts*/,
                    const SystemFolders& /*folders*/) {
  return {card_folder(device)};
}

std::string_view kind_on_card(const std::string& name) {
  struct Row {
    std::string_view start;
    std::string_view kind;
  };
  constexpr std::array kRows = {Row{"boot", "boot_partition"}, Row{"rpmb", "rpmb"},
                                Row{"gp", "general_purpose_partition"}};
  for (const Row& row : kRows) {
    if (starts_with(part_of_card(name), row.start)) return row.kind;
  }
  return "logical_unit";
}

std::string_view namespace_kind(const std::string& /*name*/) { return "namespace"; }
std::string_view unit_kind(const std::string& /*name*/) { return "logical_unit"; }

struct BusRow {
  std::string_view bus;
  Names (*shared)(const SysfsDevice& device, const DeviceFacts& facts,
                  const SystemFolders& folders);
  std::string_view (*kind)(const std::string& name);
};

constexpr std::array kBuses = {
    BusRow{"nvme", shared_by_nvme, namespace_kind},
    BusRow{"scsi", shared_by_scsi, unit_kind},
    BusRow{"mmc", shared_by_mmc, kind_on_card},
};

const BusRow* row_of(std::string_view bus) {
  const auto* const found =
      std::find_if(kBuses.begin(), kBuses.end(), [&](const BusRow& row) { return row.bus == bus; });
  return found == kBuses.end() ? nullptr : found;
}

bool have_something_common(const Names& one, const Names& other) {
  return std::any_of(one.begin(), one.end(), [&](const std::string& name) {
    return std::find(other.begin(), other.end(), name) != other.end();
  });
}

/// The RPMB of a card is a character device beside its disks, and a disk of older kernels.
std::vector<Sibling> rpmb_beside(const SysfsDevice& device) {
  const std::string card = card_folder(device);
  const std::string_view part = part_of_card(device.disk);
  const std::string main = device.disk.substr(0, device.disk.size() - part.size());
  const std::string name = main + "rpmb";
  for (const std::string& folder : {card, card + "/block/" + main}) {
    std::error_code ignored;
    if (std::filesystem::exists(std::string(folder).append("/").append(name), ignored)) {
      return {Sibling{name, "rpmb", 0, {}, {}, {}}};
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> target_device_names(std::string_view page) {
  constexpr std::size_t kHead = 4;  // of the page, and of each designator in it
  constexpr unsigned kPage = 0x83;
  constexpr unsigned kTargetDevice = 2;  // association, bits 5:4 of a designator's second byte
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(page[at]); };
  if (page.size() < kHead || byte(1) != kPage) return {};
  std::vector<std::string> names;
  std::size_t at = kHead;
  while (at + kHead <= page.size()) {
    const std::size_t end = at + kHead + byte(at + 3);
    if (end > page.size()) break;
    if ((byte(at + 1) >> 4U & 3U) == kTargetDevice && end > at + kHead) {
      // With its type: equal bytes of another one are another name.
      Bytes name = {std::byte{static_cast<unsigned char>(byte(at + 1) & 0x0fU)}};
      for (std::size_t each = at + kHead; each < end; ++each) name.push_back(std::byte{byte(each)});
      names.push_back(to_hex(name));
    }
    at = end;
  }
  return names;
}

Kinship::Kinship(const DeviceTree& tree, const SystemFolders& folders) : folders_(folders) {
  for (const SysfsDevice& device : tree.all()) {
    if (!device.is_partition()) members_.push_back(member_for(device));
  }
}

Kinship::Member Kinship::member_for(const SysfsDevice& device) const {
  const DeviceFacts facts = lasting_facts(device, folders_);
  const BusRow* const row = row_of(facts.bus);
  const bool is_drive = facts.kind == DeviceKind::disk && facts.storage != Storage::virtual_;
  if (row == nullptr || !is_drive) return {&device, {}, {}};
  return {&device, facts.bus, row->shared(device, facts, folders_)};
}

std::vector<Sibling> Kinship::controllers_beside(const SysfsDevice& device) const {
  const std::string own = last_part(folder_above(device.disk_folder));
  std::vector<std::string> controllers;
  for (const std::string& name : names_below(subsystem_of(device, folders_))) {
    if (is_controller(name)) controllers.push_back(name);
  }
  std::vector<Sibling> beside;
  // One alone shares with nobody, whoever it hangs on.
  if (controllers.size() < 2) return beside;
  for (const std::string& name : controllers) {
    if (name != own) beside.push_back({name, "controller", 0, {}, {}, {}});
  }
  return beside;
}

std::vector<Sibling> Kinship::of(const std::string& name) const {
  const auto self = std::find_if(members_.begin(), members_.end(),
                                 [&](const Member& member) { return member.device->name == name; });
  if (self == members_.end() || self->shared.empty()) return {};
  const BusRow& row = *row_of(self->bus);
  std::vector<Sibling> found;
  for (const Member& other : members_) {
    const bool is_kin = &other != &*self && other.bus == self->bus &&
                        have_something_common(self->shared, other.shared);
    if (!is_kin) continue;
    const std::string& its = other.device->name;
    found.push_back({its, std::string(row.kind(its)), 0, {}, {}, {}});
    const auto number = number_attribute(other.device->disk_folder, "nsid");
    if (self->bus == "nvme" && number <= std::numeric_limits<std::uint32_t>::max()) {
      found.back().namespace_id = static_cast<std::uint32_t>(number);
    }
  }
  std::vector<Sibling> more;
  if (self->bus == "nvme") more = controllers_beside(*self->device);
  if (self->bus == "mmc") more = rpmb_beside(*self->device);
  for (Sibling& sibling : more) {
    const bool is_new = std::none_of(found.begin(), found.end(), [&](const Sibling& known) {
      return known.name == sibling.name;
    });
    if (is_new && sibling.name != name) found.push_back(std::move(sibling));
  }
  return found;
}

}  // namespace quietus
