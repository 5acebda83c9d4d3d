// SPDX-License-Identifier: GPL-3.0-or-later
// What a scheme would take on a device: bytes, and a time by an assumed rate. An estimate for
// people who plan their day; nothing is decided by it.
#include <array>
#include <limits>

#include "quietus/device_report.h"

namespace quietus {
namespace {

/// The rate of long sequential transfers, writing and reading alike, to be expected of a device.
struct RateRow {
  Storage storage;
  std::string_view bus;  ///< empty: any
  std::uint64_t bytes_per_second;
  std::string_view assumption;
};

constexpr std::uint64_t kMegabyte = 1'000'000;

// Assumptions, not measurements: round figures of common drives' data sheets, of the whole drive
// and not of its first tracks or its cache. The first row that fits counts. USB comes first: sticks
// call themselves rotational. Virtual and unknown devices have no row: their rate can be anything.
constexpr std::array<RateRow, 5> kRates{{
    {Storage::rotational, "usb", 100 * kMegabyte, "a drive behind USB"},
    {Storage::flash, "usb", 100 * kMegabyte, "a drive behind USB"},
    {Storage::rotational, "", 150 * kMegabyte, "a hard disk, outer and inner tracks together"},
    {Storage::flash, "ata", 400 * kMegabyte, "a solid state drive on SATA, its cache used up"},
    {Storage::flash, "nvme", 1500 * kMegabyte, "a solid state drive on NVMe, its cache used up"},
}};

const RateRow* rate_of(const DeviceFacts& device) {
  for (const RateRow& row : kRates) {
    if (row.storage == device.storage && (row.bus.empty() || row.bus == device.bus)) return &row;
  }
  return nullptr;
}

std::uint64_t times(std::uint64_t bytes, std::uint32_t count) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return count != 0 && bytes > kMost / count ? kMost : bytes * count;
}

}  // namespace

SchemeCost cost_of(const SchemeSweeps& sweeps, const DeviceFacts& device) {
  SchemeCost cost;
  cost.bytes_to_write = times(device.size_bytes, sweeps.passes);
  cost.bytes_to_read = times(device.size_bytes, sweeps.read_back);
  if (const RateRow* row = rate_of(device)) {
    cost.assumed_bytes_per_second = row->bytes_per_second;
    cost.assumption = row->assumption;
    cost.estimated_seconds =
        cost.bytes_to_write / row->bytes_per_second + cost.bytes_to_read / row->bytes_per_second;
  }
  return cost;
}

}  // namespace quietus
