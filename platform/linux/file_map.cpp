// SPDX-License-Identifier: GPL-3.0-or-later
// FIEMAP in batches.
#include "linux/file_map.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::uint32_t kBatch = 128;

/// The request with room for a batch of answers behind it. The head is `struct fiemap`, whose
/// array without a size is no C++.
struct Request {
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  std::uint32_t flags = 0;
  std::uint32_t extents_given = 0;
  std::uint32_t extents_wanted = 0;
  std::uint32_t reserved = 0;
  std::array<fiemap_extent, kBatch> extents{};
};
static_assert(offsetof(Request, extents) == sizeof(fiemap));

bool has(std::uint32_t set, std::uint32_t bits) { return (set & bits) != 0; }

/// Takes a batch over; tells where the next one starts, or 0 if this was the last.
std::uint64_t take_over(const Request& answer, std::vector<Placement>& found) {
  const std::uint32_t count = std::min(answer.extents_given, kBatch);
  std::uint64_t next = 0;
  for (std::uint32_t at = 0; at < count; ++at) {
    const fiemap_extent& extent = answer.extents[at];
    found.push_back(
        placement_of({extent.fe_logical, extent.fe_length}, extent.fe_physical, extent.fe_flags));
    if (has(extent.fe_flags, FIEMAP_EXTENT_LAST)) return 0;
    next = extent.fe_logical + extent.fe_length;
  }
  return next;
}

}  // namespace

Placement placement_of(Extent logical, std::uint64_t physical, std::uint32_t flags) {
  Placement placement;
  placement.logical = logical;
  placement.physical = physical;
  placement.placed = !has(flags, FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC);
  placement.unwritten = has(flags, FIEMAP_EXTENT_UNWRITTEN);
  placement.shared = has(flags, FIEMAP_EXTENT_SHARED);
  placement.inline_data =
      has(flags, FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL | FIEMAP_EXTENT_NOT_ALIGNED);
  // An encrypted extent counts as encoded too, but an overwrite lands in its place.
  placement.encoded =
      has(flags, FIEMAP_EXTENT_ENCODED) && !has(flags, FIEMAP_EXTENT_DATA_ENCRYPTED);
  return placement;
}

Result<std::vector<Placement>> map_of_file(int descriptor, std::string_view shown) {
  std::vector<Placement> found;
  std::uint64_t start = 0;
  for (;;) {
    Request request;
    request.start = start;
    request.length = FIEMAP_MAX_OFFSET - start;
    request.flags = FIEMAP_FLAG_SYNC;
    request.extents_wanted = kBatch;
    if (repeat_interrupted([&] { return ::ioctl(descriptor, FS_IOC_FIEMAP, &request); }) != 0) {
      return posix_error("map the extents of", shown);
    }
    const std::uint64_t next = take_over(request, found);
    if (next <= start) return found;
    start = next;
  }
}

}  // namespace quietus
