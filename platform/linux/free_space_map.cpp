// SPDX-License-Identifier: GPL-3.0-or-later
// FS_IOC_GETFSMAP in batches (ioctl_getfsmap(2)).
#include "linux/free_space_map.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <linux/fsmap.h>
#include <sys/ioctl.h>

#include "linux/block_device.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::uint32_t kBatch = 256;

/// The request with room for a batch of answers behind it. The head is `struct fsmap_head`, whose
/// array without a size is no C++.
struct Request {
  std::uint32_t flags = 0;
  std::uint32_t flags_given = 0;
  std::uint32_t records_wanted = kBatch;
  std::uint32_t records_given = 0;
  std::array<std::uint64_t, 6> reserved{};
  std::array<fsmap, 2> keys{};
  std::array<fsmap, kBatch> records{};
};
static_assert(offsetof(Request, records) == sizeof(fsmap_head));

fsmap highest_key() {
  fsmap key{};
  key.fmr_device = std::numeric_limits<std::uint32_t>::max();
  key.fmr_flags = std::numeric_limits<std::uint32_t>::max();
  key.fmr_physical = key.fmr_owner = key.fmr_offset = std::numeric_limits<std::uint64_t>::max();
  return key;
}

}  // namespace

std::vector<Extent> free_among(std::span<const fsmap> records, std::uint64_t device) {
  std::vector<Extent> found;
  for (const fsmap& record : records) {
    const bool is_free = (record.fmr_flags & FMR_OF_SPECIAL_OWNER) != 0 &&
                         record.fmr_owner == FMR_OWN_FREE && record.fmr_length > 0;
    if (!is_free || decoded_device(record.fmr_device) != device) continue;
    if (record.fmr_length > std::numeric_limits<std::uint64_t>::max() - record.fmr_physical) {
      continue;
    }
    found.push_back({record.fmr_physical, record.fmr_length});
  }
  return found;
}

Result<std::vector<DeviceExtent>> free_space_map(const OnFileSystem& on) {
  std::vector<Extent> found;
  Request request;
  request.keys[1] = highest_key();
  for (;;) {
    if (repeat_interrupted([&] { return ::ioctl(on.descriptor, FS_IOC_GETFSMAP, &request); }) !=
        0) {
      return posix_error("map the space of", on.shown);
    }
    // Else the numbers in it are not those of devices.
    if ((request.flags_given & FMH_OF_DEV_T) == 0) {
      return unsupported("map the space of", on.shown, "it does not name its devices");
    }
    const std::uint32_t count = std::min(request.records_given, kBatch);
    if (count == 0) break;
    const std::span<const fsmap> batch = std::span(request.records).first(count);
    for (const Extent& one : free_among(batch, on.device)) found.push_back(one);
    const bool goes_on = batch.back().fmr_device != request.keys[0].fmr_device ||
                         batch.back().fmr_physical >= request.keys[0].fmr_physical;
    if ((batch.back().fmr_flags & FMR_OF_LAST) != 0 || !goes_on) break;
    // The next batch goes on behind the last record of this one.
    request.keys[0] = batch.back();
  }
  std::vector<DeviceExtent> places;
  for (const Extent& one : joined(std::move(found))) places.push_back({on.device, one});
  return places;
}

}  // namespace quietus
