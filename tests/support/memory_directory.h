// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryDirectory: an open directory of the memory tree.
#pragma once

#include <memory>
#include <string>

#include "quietus/directory.h"

#include "support/memory_tree.h"

namespace quietus::test {

class MemoryDirectory final : public Directory {
 public:
  /// `path` is for messages, the log and MemoryState::wrap: that by which it was opened.
  MemoryDirectory(MemoryStatePtr state, Place place, std::string path);
  ~MemoryDirectory() override;
  MemoryDirectory(const MemoryDirectory&) = delete;
  MemoryDirectory& operator=(const MemoryDirectory&) = delete;

  [[nodiscard]] Result<Attributes> attributes() override;
  [[nodiscard]] Result<Attributes> inspect_at(const std::string& name) override;
  [[nodiscard]] Result<std::optional<Entry>> next_entry() override;
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_at(const std::string& name,
                                                        Access access) override;
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory_at(
      const std::string& name) override;
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_parent() override;
  [[nodiscard]] Result<std::vector<Attributes>> way_up() override;
  [[nodiscard]] Result<std::unique_ptr<Medium>> create_at(const std::string& name,
                                                          std::uint32_t mode) override;
  [[nodiscard]] Status make_directory_at(const std::string& name, std::uint32_t mode) override;
  [[nodiscard]] Status rename_at(const std::string& from, const std::string& to) override;
  [[nodiscard]] Status replace_at(const std::string& from, const std::string& to) override;
  [[nodiscard]] Status unlink_at(const std::string& name) override;
  [[nodiscard]] Status remove_directory_at(const std::string& name) override;
  [[nodiscard]] Status sync() override;
  [[nodiscard]] Status sync_filesystem() override;
  [[nodiscard]] Result<std::unique_ptr<Lock>> lock_at(const std::string& name,
                                                      std::chrono::milliseconds patience) override;
  [[nodiscard]] Status allow_changes_at(const std::string& name,
                                        const std::optional<Identity>& only = {}) override;
  [[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes() override;
  [[nodiscard]] Status replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) override;
  [[nodiscard]] Status remove_attribute(const std::string& name) override;
  [[nodiscard]] Status make_file_at(const std::string& name, std::uint32_t mode) override;
  [[nodiscard]] Status make_symlink_at(const std::string& name, const std::string& target) override;
  [[nodiscard]] Status link_at(const std::string& name, Directory& there,
                               const std::string& name_there) override;
  [[nodiscard]] Status add_attribute_at(const std::string& name, const std::string& attribute,
                                        std::span<const std::byte> value) override;
  [[nodiscard]] Status set_mode_at(const std::string& name, std::uint32_t mode) override;
  [[nodiscard]] Result<SpaceFacts> space() override;
  [[nodiscard]] Result<std::vector<DeviceExtent>> free_extents() override;
  [[nodiscard]] Result<std::uint64_t> withheld_blocks() override;
  [[nodiscard]] Status withhold_blocks(std::uint64_t blocks) override;
  [[nodiscard]] Result<JournalFacts> journal() override;
  [[nodiscard]] Status checkpoint_journal() override;

  [[nodiscard]] const Place& place() const { return place_; }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] Result<Place> find(const std::string& name) const;
  [[nodiscard]] Status may_change() const;
  [[nodiscard]] Status may_add(const std::string& name) const;
  [[nodiscard]] Status charge_name(const std::string& name);
  [[nodiscard]] Result<Place> removable(const std::string& name) const;
  [[nodiscard]] Status stays_here(const Place& found, const std::string& name) const;
  [[nodiscard]] Status may_open(const MemoryNode& node, const std::string& name,
                                Access access) const;
  [[nodiscard]] Result<std::shared_ptr<MemoryNode>> add(const std::string& name, NodeKind kind,
                                                        std::uint32_t mode);
  [[nodiscard]] Status move(const std::string& from, const std::string& to, bool replace);
  [[nodiscard]] std::unique_ptr<Medium> hand_out(const Place& place, const std::string& name,
                                                 Access access);

  MemoryStatePtr state_;
  Place place_;
  std::string path_;
  std::string last_;  // the name that next_entry gave last; empty: at the start
};

}  // namespace quietus::test
