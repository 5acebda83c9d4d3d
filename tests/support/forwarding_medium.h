// SPDX-License-Identifier: GPL-3.0-or-later
// ForwardingMedium: the base of every medium that stands before another one.
#pragma once

#include <memory>
#include <vector>

#include "quietus/medium.h"

namespace quietus::test {

/// Passes everything on. Base of all wrappers.
class ForwardingMedium : public Medium {
 public:
  explicit ForwardingMedium(std::unique_ptr<Medium> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] Medium& inner() { return *inner_; }

  [[nodiscard]] Result<Geometry> geometry() override { return inner_->geometry(); }
  [[nodiscard]] Result<Attributes> attributes() override { return inner_->attributes(); }
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    return inner_->read_at(out, offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    return inner_->write_at(data, offset, how);
  }
  [[nodiscard]] Status flush() override { return inner_->flush(); }
  [[nodiscard]] Status drop_cache() override { return inner_->drop_cache(); }
  [[nodiscard]] Result<std::vector<Placement>> placements() override {
    return inner_->placements();
  }
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override {
    return inner_->data_extents();
  }
  [[nodiscard]] Result<Counters> counters() override { return inner_->counters(); }
  [[nodiscard]] Result<bool> open_elsewhere() override { return inner_->open_elsewhere(); }
  [[nodiscard]] Status resize(std::uint64_t size_bytes) override {
    return inner_->resize(size_bytes);
  }
  [[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes() override {
    return inner_->extended_attributes();
  }
  [[nodiscard]] Status replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) override {
    return inner_->replace_attribute(name, value);
  }
  [[nodiscard]] Status remove_attribute(const std::string& name) override {
    return inner_->remove_attribute(name);
  }
  [[nodiscard]] Status allocate(Extent extent) override { return inner_->allocate(extent); }
  [[nodiscard]] Status rewrite_last_byte() override { return inner_->rewrite_last_byte(); }
  [[nodiscard]] Result<DeviceFacts> device() override { return inner_->device(); }
  [[nodiscard]] Result<std::vector<ContentSignature>> signatures() override {
    return inner_->signatures();
  }
  [[nodiscard]] Status reread_partitions() override { return inner_->reread_partitions(); }
  [[nodiscard]] Result<std::int32_t> temperature_millicelsius() override {
    return inner_->temperature_millicelsius();
  }
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override {
    return inner_->execute(command);
  }
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override {
    return inner_->begin(command);
  }
  [[nodiscard]] Status rescan() override { return inner_->rescan(); }
  [[nodiscard]] Result<EncryptedVolume> encrypted_volume() override {
    return inner_->encrypted_volume();
  }
  [[nodiscard]] Status destroy_key_slots() override { return inner_->destroy_key_slots(); }

 private:
  std::unique_ptr<Medium> inner_;
};

}  // namespace quietus::test
