// SPDX-License-Identifier: GPL-3.0-or-later
// Device report: how the list of block devices reaches people (a table) and scripts (JSON lines).
// Reads only; decides nothing.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/device.h"

namespace quietus {

/// How often a scheme goes over a medium, whatever the order of its passes.
struct SchemeSweeps {
  std::string scheme;           ///< id
  std::uint32_t passes = 0;     ///< written
  std::uint32_t read_back = 0;  ///< of those, read back and compared with `--verify full`
};

/// What a scheme would take on one device, fully verified.
struct SchemeCost {
  std::uint64_t bytes_to_write = 0;  ///< saturating
  std::uint64_t bytes_to_read = 0;   ///< saturating
  /// For writing and reading alike; none: nothing sensible can be assumed of such a device.
  std::optional<std::uint64_t> assumed_bytes_per_second;
  std::string_view assumption;  ///< what that rate stands for; empty: none
  std::optional<std::uint64_t> estimated_seconds;
};

[[nodiscard]] SchemeCost cost_of(const SchemeSweeps& sweeps, const DeviceFacts& device);

/// The devices of a machine, as somebody could see them.
struct DeviceList {
  std::vector<DeviceFacts> devices;
  SchemeSweeps sweeps;
  bool as_root = false;
};

/// What root would see of the device beyond this: "content", "abilities". Empty: nothing, or it was
/// root.
[[nodiscard]] std::vector<std::string> root_would_add(const DeviceFacts& device, bool as_root);

/// A table for people, partitions below their disks: a row for each device, and below it, indented,
/// what does not fit into columns. Columns fit into `width` (at least 80); what they cut off stands
/// whole below. Foreign text is escaped. Without devices, a sentence.
void print_devices(std::ostream& out, const DeviceList& list, unsigned width);

/// One JSON object a device and line, "event" being "device", in the order of the list. Every fact
/// is there; what is not known has the value "unknown". Without devices, nothing.
void print_devices_json(std::ostream& out, const DeviceList& list);

/// The states that a drive says it is in, in words, each once.
[[nodiscard]] std::vector<std::string> state_texts(const DriveAbilities& abilities);

}  // namespace quietus
