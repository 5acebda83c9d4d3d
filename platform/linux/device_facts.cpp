// SPDX-License-Identifier: GPL-3.0-or-later
// The table of device families, and sysfs into DeviceFacts.
#include "linux/device_facts.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <set>
#include <tuple>

#include "linux/device_identity.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

// sysfs counts in these whatever the device's own sectors are.
constexpr std::uint64_t kSysfsSector = 512;

/// What the kernel's name alone tells. After the prefix comes a number, or letters.
struct Family {
  std::string_view prefix;
  bool lettered;
  DeviceKind kind;
  bool is_virtual;
  std::string_view bus;
};

constexpr std::array kFamilies = {
    Family{"loop", false, DeviceKind::loop, true, "loop"},
    Family{"zram", false, DeviceKind::zram, true, "zram"},
    Family{"dm-", false, DeviceKind::device_mapper, true, "device_mapper"},
    Family{"md", false, DeviceKind::raid, true, "raid"},
    Family{"md_", true, DeviceKind::raid, true, "raid"},
    Family{"vd", true, DeviceKind::disk, true, "virtio"},
    Family{"xvd", true, DeviceKind::disk, true, "xen"},
    Family{"ram", false, DeviceKind::other, true, ""},
    Family{"nbd", false, DeviceKind::other, true, ""},
    Family{"rbd", false, DeviceKind::other, true, ""},
    Family{"drbd", false, DeviceKind::other, true, ""},
    Family{"bcache", false, DeviceKind::other, true, ""},
    Family{"zd", false, DeviceKind::other, true, ""},
    Family{"sr", false, DeviceKind::other, false, ""},
    Family{"fd", false, DeviceKind::other, false, ""},
    Family{"mtdblock", false, DeviceKind::other, false, ""},
};
constexpr Family kPlainDisk{"", false, DeviceKind::disk, false, ""};

bool belongs_to(std::string_view name, const Family& family) {
  if (name.size() <= family.prefix.size()) return false;
  if (name.substr(0, family.prefix.size()) != family.prefix) return false;
  const char next = name[family.prefix.size()];
  return (next >= '0' && next <= '9') != family.lettered;
}

const Family& family_of(std::string_view disk) {
  const auto* const found =
      std::find_if(kFamilies.begin(), kFamilies.end(),
                   [&](const Family& family) { return belongs_to(disk, family); });
  return found == kFamilies.end() ? kPlainDisk : *found;
}

struct BusMark {
  std::string_view in_path;
  std::string_view name;
};

// In this order: a USB bridge has a SCSI host below it, and so has an ATA port.
constexpr std::array kBusMarks = {
    BusMark{"/usb", "usb"}, BusMark{"/ata", "ata"},     BusMark{"/nvme", "nvme"},
    BusMark{"/mmc", "mmc"}, BusMark{"/target", "scsi"},
};

std::string bus_of(const SysfsDevice& device) {
  const Family& family = family_of(device.disk);
  if (!family.bus.empty()) return std::string(family.bus);
  const std::size_t start =
      std::min(device.disk_folder.find("/devices/"), device.disk_folder.size());
  const std::string_view way = std::string_view(device.disk_folder).substr(start);
  for (const BusMark& mark : kBusMarks) {
    if (way.find(mark.in_path) != std::string_view::npos) return std::string(mark.name);
  }
  return {};
}

/// Disks that a hypervisor makes, by the names that they give themselves.
bool is_of_a_hypervisor(const DeviceFacts& facts) {
  constexpr std::array<std::string_view, 8> kNames = {
      "QEMU", "VMware", "Virtual disk", "Msft",
      "VBOX", "Xen",    "Google",       "Amazon Elastic Block Store"};
  const std::string names = facts.vendor + " " + facts.model;
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view name) { return names.find(name) != std::string::npos; });
}

Storage storage_of(const SysfsDevice& device, const DeviceFacts& facts) {
  const Family& family = family_of(device.disk);
  if (family.is_virtual || is_of_a_hypervisor(facts)) return Storage::virtual_;
  const std::string rotational = attribute(device.disk_folder, "queue/rotational");
  if (rotational == "0") return Storage::flash;
  // USB bridges say "rotational" unless they know better, and so do optical drives.
  const bool is_believable = family.kind == DeviceKind::disk && facts.bus != "usb";
  return rotational == "1" && is_believable ? Storage::rotational : Storage::unknown;
}

/// Of an NVMe disk (`nsid`), and of its partitions.
std::uint32_t namespace_of(const SysfsDevice& device, const DeviceFacts& facts) {
  if (facts.bus != "nvme") return 0;
  const std::uint64_t number = number_attribute(device.disk_folder, "nsid");
  const bool is_sensible = number <= std::numeric_limits<std::uint32_t>::max();
  return is_sensible ? static_cast<std::uint32_t>(number) : 0;
}

HiddenArea hidden_area_of(const DeviceFacts& facts) {
  const bool is_disk = facts.kind == DeviceKind::disk || facts.kind == DeviceKind::other;
  return is_disk && facts.storage != Storage::virtual_ ? HiddenArea::unknown : HiddenArea::none;
}

void add_place(const SysfsDevice& device, DeviceFacts& facts) {
  facts.size_bytes = number_attribute(device.folder, "size") * kSysfsSector;
  const std::uint64_t start =
      device.is_partition() ? number_attribute(device.folder, "start") * kSysfsSector : 0;
  facts.place = {start, facts.size_bytes};
  facts.disk = device.disk;
  facts.disk_number = device.disk_number;
  facts.partitions = device.partitions;
  facts.sequence = number_attribute(device.disk_folder, "diskseq");
}

std::uint32_t block_size(const SysfsDevice& device, std::string_view name,
                         std::uint32_t otherwise) {
  const std::uint64_t bytes = number_attribute(device.disk_folder, name);
  const bool is_sensible = bytes > 0 && bytes <= std::numeric_limits<std::uint32_t>::max();
  return is_sensible ? static_cast<std::uint32_t>(bytes) : otherwise;
}

void add_queue(const SysfsDevice& device, DeviceFacts& facts) {
  facts.logical_block_bytes = block_size(device, "queue/logical_block_size", 512);
  facts.physical_block_bytes =
      block_size(device, "queue/physical_block_size", facts.logical_block_bytes);
  const std::string zoned = attribute(device.disk_folder, "queue/zoned");
  if (!zoned.empty()) facts.zoned = zoned;
  facts.read_only =
      attribute(device.folder, "ro") == "1" || attribute(device.disk_folder, "ro") == "1";
  facts.removable = attribute(device.disk_folder, "removable") == "1";
}

/// Of a zoned disk, and of one with several actuators (Linux Documentation/ABI/stable/sysfs-block).
void add_borders(const SysfsDevice& device, DeviceFacts& facts) {
  if (device.is_partition()) return;
  std::set<std::uint64_t> borders;
  const std::uint64_t end = facts.size_bytes;
  const std::uint64_t zone =
      facts.zoned == "none" ? 0 : number_attribute(device.disk_folder, "queue/chunk_sectors");
  const std::uint64_t zones = zone == 0 ? 0 : end / kSysfsSector / zone;
  const std::uint64_t step = zones / kMostBorders + 1;
  for (std::uint64_t at = step; at < zones; at += step) borders.insert(at * zone * kSysfsSector);
  const std::string ranges = device.disk_folder + "/queue/independent_access_ranges";
  for (const std::string& range : names_below(ranges)) {
    const std::string folder = std::string(ranges).append("/").append(range);
    const std::uint64_t start = number_attribute(folder, "sector") * kSysfsSector;
    if (start > 0 && start < end) borders.insert(start);
  }
  facts.borders.assign(borders.begin(), borders.end());
}

void add_backing(const SysfsDevice& device, DeviceFacts& facts) {
  const Result<std::string> file = read_text(device.disk_folder + "/loop/backing_file");
  if (!file) return;
  // A name may end in blanks; the kernel adds one line end.
  facts.backing_file = file->substr(0, file->rfind('\n'));
  facts.backing_is_buffered = attribute(device.disk_folder, "loop/dio") == "0";
}

std::optional<std::int32_t> signed_number(std::string_view text) {
  const bool is_negative = !text.empty() && text.front() == '-';
  const auto size = decimal(is_negative ? text.substr(1) : text);
  if (!size || *size > 1'000'000) return std::nullopt;
  const auto number = static_cast<std::int32_t>(*size);
  return is_negative ? -number : number;
}

std::optional<std::int32_t> sensor_in(const std::string& folder) {
  for (const std::string& name : names_below(folder)) {
    if (name.compare(0, 5, "hwmon") != 0) continue;
    const std::string inner = std::string(folder).append("/").append(name);
    const auto found = signed_number(attribute(inner, "temp1_input"));
    if (found) return found;
    const auto below = name == "hwmon" ? sensor_in(inner) : std::nullopt;
    if (below) return below;
  }
  return std::nullopt;
}

/// How well a link names a device for a person; smaller is better.
int rank_of(std::string_view name) {
  struct Row {
    std::string_view prefix;
    int rank;
  };
  constexpr std::array kRows = {
      Row{"wwn-", 2},     Row{"nvme-eui.", 2},    Row{"nvme-uuid.", 2}, Row{"nvme-nvme.", 2},
      Row{"dm-uuid-", 2}, Row{"lvm-pv-uuid-", 2}, Row{"md-uuid-", 2},   Row{"ata-", 0},
      Row{"nvme-", 0},    Row{"scsi-", 0},        Row{"usb-", 0},       Row{"virtio-", 0},
      Row{"mmc-", 0},     Row{"dm-name-", 0},     Row{"md-name-", 0},
  };
  for (const Row& row : kRows) {
    if (name.substr(0, row.prefix.size()) == row.prefix) return row.rank;
  }
  return 1;
}

bool names_better(const std::string& one, const std::string& other) {
  const auto key = [](const std::string& name) {
    return std::tuple(rank_of(name), -static_cast<std::ptrdiff_t>(name.size()), name);
  };
  return key(one) < key(other);
}

}  // namespace

StableNames stable_names(const SystemFolders& folders) {
  const std::string folder = folders.dev + "/disk/by-id";
  std::map<std::string, std::string> best;
  for (const std::string& name : names_below(folder)) {
    const Result<std::string> target = read_link(std::string(folder).append("/").append(name));
    if (!target) continue;
    const std::filesystem::path node = std::filesystem::path(folder) / *target;
    std::string& kept = best[node.lexically_normal().string()];
    if (kept.empty() || names_better(name, kept)) kept = name;
  }
  for (auto& [node, name] : best) name.insert(0, folder + "/");
  return best;
}

DeviceKind kind_of(const SysfsDevice& device) {
  return device.is_partition() ? DeviceKind::partition : family_of(device.name).kind;
}

DeviceFacts lasting_facts(const SysfsDevice& device, const SystemFolders& folders) {
  DeviceFacts facts;
  facts.path = node_of(device.name, folders);
  facts.name = device.name;
  facts.number = device.number;
  facts.kind = kind_of(device);
  add_place(device, facts);
  add_queue(device, facts);
  add_borders(device, facts);
  add_identity(device, folders, facts);
  add_backing(device, facts);
  facts.bus = bus_of(device);
  facts.storage = storage_of(device, facts);
  facts.hidden_area = hidden_area_of(facts);
  facts.namespace_id = namespace_of(device, facts);
  return facts;
}

DeviceFacts device_facts(const SysfsDevice& device, const SystemFolders& folders) {
  DeviceFacts facts = lasting_facts(device, folders);
  facts.temperature_millicelsius = disk_temperature(device);
  return facts;
}

bool is_set_up(const SysfsDevice& device) {
  struct Sign {
    std::string_view prefix;
    std::string_view file;  ///< there once it is set up
  };
  constexpr std::array kSigns = {Sign{"loop", "loop/backing_file"}, Sign{"nbd", "pid"},
                                 Sign{"ram", ""}};
  const Family& family = family_of(device.disk);
  if (family.prefix == "zram") return number_attribute(device.disk_folder, "size") > 0;
  for (const Sign& sign : kSigns) {
    if (family.prefix == sign.prefix) {
      return !sign.file.empty() && !attribute(device.disk_folder, sign.file).empty();
    }
  }
  return true;
}

std::optional<std::int32_t> disk_temperature(const SysfsDevice& device) {
  const std::string folder = device.disk_folder + "/device";
  const auto found = sensor_in(folder);
  if (found) return found;
  // The disk of an NVMe subsystem with several paths: the sensor belongs to a controller.
  for (const std::string& name : names_below(folder)) {
    const bool is_controller = name.compare(0, 4, "nvme") == 0;
    const auto below =
        is_controller ? sensor_in(std::string(folder).append("/").append(name)) : std::nullopt;
    if (below) return below;
  }
  return std::nullopt;
}

}  // namespace quietus
