// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryMedium: an open file of the memory tree, or one of its own without any tree.
#pragma once

#include <memory>
#include <string>

#include "support/memory_tree.h"

namespace quietus::test {

class MemoryMedium final : public Medium {
 public:
  /// A medium of that size, all zero, writable, on a file system of its own. Settings: node().
  explicit MemoryMedium(std::uint64_t size_bytes);
  /// `path` is for messages and the log.
  MemoryMedium(MemoryStatePtr state, Place place, std::string path, Access access);
  ~MemoryMedium() override;
  MemoryMedium(const MemoryMedium&) = delete;
  MemoryMedium& operator=(const MemoryMedium&) = delete;

  [[nodiscard]] Result<Geometry> geometry() override;
  [[nodiscard]] Result<Attributes> attributes() override;
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;
  [[nodiscard]] Status drop_cache() override;
  [[nodiscard]] Result<std::vector<Placement>> placements() override;
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override;
  [[nodiscard]] Result<Counters> counters() override;
  [[nodiscard]] Result<bool> open_elsewhere() override;
  [[nodiscard]] Status resize(std::uint64_t size_bytes) override;
  [[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes() override;
  [[nodiscard]] Status replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) override;
  [[nodiscard]] Status remove_attribute(const std::string& name) override;
  [[nodiscard]] Status allocate(Extent extent) override;
  [[nodiscard]] Status rewrite_last_byte() override;
  [[nodiscard]] Result<DeviceFacts> device() override;
  [[nodiscard]] Result<std::vector<ContentSignature>> signatures() override;
  [[nodiscard]] Status reread_partitions() override;
  [[nodiscard]] Result<std::int32_t> temperature_millicelsius() override;

  [[nodiscard]] MemoryNode& node() { return *place_.node; }
  [[nodiscard]] const Place& place() const { return place_; }

 private:
  [[nodiscard]] Status check(std::uint64_t offset, std::span<const std::byte> buffer,
                             Transfer how) const;

  MemoryStatePtr state_;
  Place place_;
  std::string path_;
  Access access_;
};

}  // namespace quietus::test
