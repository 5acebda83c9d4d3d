// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxMedium: an open regular file with what Linux knows of it: direct I/O, extents, counters,
// leases.
#pragma once

#include <string>

#include "linux/inode_facts.h"
#include "linux/system_folders.h"
#include "posix/posix_medium.h"

namespace quietus {

/// `folders` must outlive it. Direct I/O needs a mounted /proc.
class LinuxMedium final : public PosixMedium {
 public:
  LinuxMedium(Fd fd, std::string name, const SystemFolders& folders)
      : PosixMedium(std::move(fd), std::move(name)), folders_(folders) {}

  Result<Geometry> geometry() override;
  Result<Attributes> attributes() override;
  Result<std::vector<Placement>> placements() override;
  Result<std::vector<Extent>> data_extents() override;
  Result<Counters> counters() override;
  /// By a lease for an instant. Closes the direct descriptor until its next need, so no transfer
  /// may be under way. Another object of ours on the same file counts as somebody else.
  Result<bool> open_elsewhere() override;

  [[nodiscard]] Result<InodeFacts> facts() const;
  [[nodiscard]] const std::string& shown() const { return name(); }

 protected:
  Direct open_direct() override;

 private:
  const SystemFolders& folders_;
};

}  // namespace quietus
