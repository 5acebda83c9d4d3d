// SPDX-License-Identifier: GPL-3.0-or-later
// Where each kind of disk keeps its names.
#include "linux/device_identity.h"

#include <array>
#include <sys/sysmacros.h>

#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr unsigned char kSerialPage = 0x80;
constexpr std::size_t kPageHead = 4;

/// Text from a device, which pads with blanks or zero bytes.
std::string plain(std::string_view text) {
  constexpr std::string_view kPadding(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kPadding) - first + 1));
}

/// The first attribute of the disk that says something.
template <std::size_t N>
std::string first_of(const SysfsDevice& device, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    std::string text = plain(attribute(device.disk_folder, name));
    if (!text.empty()) return text;
  }
  return {};
}

std::string serial_of_controller(const SysfsDevice& device, const SystemFolders& /*folders*/) {
  return plain(attribute(device.disk_folder, "device/serial"));
}

/// The card identification register, which holds a serial among other things.
std::string serial_of_card(const SysfsDevice& device, const SystemFolders& /*folders*/) {
  return plain(attribute(device.disk_folder, "device/cid"));
}

std::string serial_of_vital_data(const SysfsDevice& device, const SystemFolders& /*folders*/) {
  const Result<std::string> page = read_text(device.disk_folder + "/device/vpd_pg80");
  return page ? serial_of_page_80(*page) : std::string();
}

std::string serial_of_virtio(const SysfsDevice& device, const SystemFolders& /*folders*/) {
  return plain(attribute(device.disk_folder, "serial"));
}

std::string serial_of_udev(const SysfsDevice& device, const SystemFolders& folders) {
  constexpr std::string_view kKey = "E:ID_SERIAL_SHORT=";
  const std::string record = folders.run + "/udev/data/b" +
                             std::to_string(::gnu_dev_major(device.disk_number)) + ":" +
                             std::to_string(::gnu_dev_minor(device.disk_number));
  const Result<std::string> text = read_text(record);
  if (!text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    if (line.substr(0, kKey.size()) == kKey) return plain(line.substr(kKey.size()));
  }
  return {};
}

/// The USB device above the disk tells its own, where nobody wrote it down.
std::string serial_of_usb(const SysfsDevice& device, const SystemFolders& folders) {
  std::string folder = device.disk_folder;
  while (folder.size() > folders.sys.size() && folder.find("/usb") != std::string::npos) {
    if (!attribute(folder, "idVendor").empty()) return plain(attribute(folder, "serial"));
    folder.resize(folder.rfind('/'));
  }
  return {};
}

struct SerialSource {
  std::string_view name;
  std::string (*read)(const SysfsDevice& device, const SystemFolders& folders);
};

constexpr std::array kSerialSources = {
    SerialSource{"sysfs", serial_of_controller}, SerialSource{"vpd_page_80", serial_of_vital_data},
    SerialSource{"sysfs", serial_of_virtio},     SerialSource{"sysfs", serial_of_card},
    SerialSource{"udev", serial_of_udev},        SerialSource{"sysfs", serial_of_usb},
};

void add_serial(const SysfsDevice& device, const SystemFolders& folders, DeviceFacts& facts) {
  for (const SerialSource& source : kSerialSources) {
    std::string serial = source.read(device, folders);
    if (is_filler(serial)) continue;
    facts.serial = std::move(serial);
    facts.serial_source = source.name;
    return;
  }
}

std::string world_wide_name(const SysfsDevice& device) {
  // "t10." strings are made of vendor, model and serial and are unique by hope only.
  constexpr std::array<std::string_view, 4> kForms = {"naa.", "eui.", "nvme.", "uuid."};
  std::string name = first_of(device, std::array<std::string_view, 2>{"wwid", "device/wwid"});
  for (const std::string_view form : kForms) {
    if (name.compare(0, form.size(), form) == 0) return name;
  }
  return {};
}

}  // namespace

std::string serial_of_page_80(std::string_view page) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(page[at]); };
  if (page.size() <= kPageHead || byte(1) != kSerialPage) return {};
  const std::size_t length = std::size_t{byte(2)} << 8U | byte(3);
  return plain(page.substr(kPageHead, length));
}

bool is_filler(std::string_view serial) {
  // MMC writes its number as 0x00000000.
  if (serial.substr(0, 2) == "0x") serial.remove_prefix(2);
  return serial.find_first_not_of("0. ") == std::string_view::npos;
}

void add_identity(const SysfsDevice& device, const SystemFolders& folders, DeviceFacts& facts) {
  facts.model = first_of(device, std::array<std::string_view, 2>{"device/model", "device/name"});
  facts.vendor = plain(attribute(device.disk_folder, "device/vendor"));
  // virtio gives a PCI number there.
  if (facts.vendor.compare(0, 2, "0x") == 0) facts.vendor.clear();
  facts.firmware = first_of(
      device, std::array<std::string_view, 3>{"device/rev", "device/firmware_rev", "device/fwrev"});
  facts.wwn = world_wide_name(device);
  add_serial(device, folders, facts);
}

}  // namespace quietus
