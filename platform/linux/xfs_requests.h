// SPDX-License-Identifier: GPL-3.0-or-later
// The requests of XFS, as fs/xfs/libxfs/xfs_fs.h of Linux 2.6 and later has them; given here
// because xfs/xfs_fs.h is not part of the kernel's headers.
#pragma once

#include <array>
#include <cstdint>
#include <sys/ioctl.h>

namespace quietus {

/// struct xfs_fsop_counts
struct XfsCounts {
  std::uint64_t free_blocks = 0;
  std::uint64_t free_realtime_extents = 0;
  std::uint64_t free_inodes = 0;  ///< of those that there are
  std::uint64_t inodes = 0;
};
static_assert(sizeof(XfsCounts) == 32);

/// struct xfs_fsop_resblks
struct XfsReserve {
  std::uint64_t blocks = 0;
  std::uint64_t blocks_left = 0;
};
static_assert(sizeof(XfsReserve) == 16);

/// struct xfs_fsop_geom_v1; what nothing here needs is not taken apart.
struct XfsGeometry {
  std::uint32_t block_bytes = 0;
  std::uint32_t realtime_extent_blocks = 0;
  std::uint32_t group_blocks = 0;
  std::uint32_t groups = 0;
  std::uint32_t log_blocks = 0;
  std::uint32_t sector_bytes = 0;
  std::uint32_t inode_bytes = 0;
  std::uint32_t most_inodes_percent = 0;
  std::uint64_t data_blocks = 0;
  std::uint64_t realtime_blocks = 0;
  std::uint64_t realtime_extents = 0;
  std::uint64_t log_start = 0;  ///< 0: the log lies on another device
  std::array<std::uint32_t, 12> rest{};
};
static_assert(sizeof(XfsGeometry) == 112);

constexpr unsigned long kXfsGetGeometry = _IOR('X', 100, XfsGeometry);
constexpr unsigned long kXfsGetCounts = _IOR('X', 113, XfsCounts);
constexpr unsigned long kXfsSetReserve = _IOWR('X', 114, XfsReserve);
constexpr unsigned long kXfsGetReserve = _IOR('X', 115, XfsReserve);

}  // namespace quietus
