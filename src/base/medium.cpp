// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the kinds of nodes and devices, and what a medium that is no device answers.
#include "quietus/medium.h"

#include <array>

namespace quietus {

std::string_view name_of(NodeKind kind) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "regular file",     "directory", "symbolic link", "block device",
      "character device", "FIFO",      "socket",        "special file"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(DeviceKind kind) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "disk", "partition", "loop", "zram", "device_mapper", "raid", "other"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(Storage storage) {
  static constexpr std::array<std::string_view, 4> kNames = {"rotational", "flash", "virtual",
                                                             "unknown"};
  return kNames.at(static_cast<std::size_t>(storage));
}

std::string_view name_of(HiddenArea hidden) {
  static constexpr std::array<std::string_view, 2> kNames = {"none", "unknown"};
  return kNames.at(static_cast<std::size_t>(hidden));
}

std::string_view name_of(DeviceUse::Kind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"mount", "swap", "holder", "lock",
                                                             "claim"};
  return kNames.at(static_cast<std::size_t>(kind));
}

namespace {

Error not_a_device() { return {Errc::unsupported, 0, "it is not a block device"}; }

}  // namespace

Result<DeviceFacts> Medium::device() { return not_a_device(); }
Result<std::vector<ContentSignature>> Medium::signatures() { return not_a_device(); }
Status Medium::reread_partitions() { return not_a_device(); }
Result<std::int32_t> Medium::temperature_millicelsius() { return not_a_device(); }

}  // namespace quietus
