// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxMedium: an open regular file with what Linux knows of it: direct I/O, extents, counters,
// leases.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "linux/inode_facts.h"
#include "linux/system_folders.h"
#include "posix/posix_medium.h"

namespace quietus {

/// `folders` must outlive it. Direct I/O needs a mounted /proc.
/// What is the same for every file of a device, so that it need not be asked of each. Only for
/// files that report an alignment of direct transfers.
struct DeviceSizes {
  std::uint64_t device = 0;
  std::uint32_t logical_block_bytes = 512;
  std::uint32_t file_system_block_bytes = 0;
};

class LinuxMedium final : public PosixMedium {
 public:
  LinuxMedium(Fd fd, std::string name, const SystemFolders& folders)
      : PosixMedium(std::move(fd), std::move(name)), folders_(folders) {}

  /// What was learned from another file of the same directory is taken for this one, too.
  void trust(const DeviceSizes& sizes) { sizes_ = sizes; }
  /// None: this file has to be asked, and so has every other.
  [[nodiscard]] std::optional<DeviceSizes> learn_sizes();

  Result<Geometry> geometry() override;
  Result<Attributes> attributes() override;
  Result<std::vector<Placement>> placements() override;
  Result<std::vector<Extent>> data_extents() override;
  Result<Counters> counters() override;
  /// By a lease for an instant. Closes the direct descriptor until its next need, so no transfer
  /// may be under way. Another object of ours on the same file counts as somebody else.
  Result<bool> open_elsewhere() override;
  Result<std::vector<ExtendedAttribute>> extended_attributes() override;
  Status replace_attribute(const std::string& name, std::span<const std::byte> value) override;
  Status remove_attribute(const std::string& name) override;
  /// All or nothing only where the range begins at the end of the file or behind it.
  Status allocate(Extent extent) override;
  /// Under a lease, as open_elsewhere. A last block that is a hole, and no file at all, need
  /// nothing. Besides the interface's errors: permission (somebody else's file), unsupported (also
  /// where the write would go elsewhere: copy-on-write, shared, inline or encoded content).
  Status rewrite_last_byte() override;

  [[nodiscard]] Result<InodeFacts> facts() const;
  [[nodiscard]] const std::string& shown() const { return name(); }

 protected:
  Direct open_direct() override;

 private:
  /// Whether a write of the last byte lands in the block where it is; false: there is no block.
  [[nodiscard]] Result<bool> last_block_is_in_place(const Attributes& seen);
  [[nodiscard]] Status rewrite_under_lease();

  const SystemFolders& folders_;
  std::optional<DeviceSizes> sizes_;
};

}  // namespace quietus
