// SPDX-License-Identifier: GPL-3.0-or-later
// The forwarding Platform, Directory and Medium that ask Faults before each operation.
#include "support/fault_platform.h"

#include <stdexcept>

#include "support/forwarding_medium.h"

namespace quietus::test {
namespace {

using FaultsPtr = std::shared_ptr<Faults>;

class FaultMedium final : public ForwardingMedium {
 public:
  FaultMedium(std::unique_ptr<Medium> inner, FaultsPtr faults)
      : ForwardingMedium(std::move(inner)), faults_(std::move(faults)) {}

  [[nodiscard]] Result<Geometry> geometry() override {
    if (faults_->strike("medium.geometry")) return faults_->error("geometry");
    return inner().geometry();
  }
  [[nodiscard]] Result<Attributes> attributes() override {
    if (faults_->strike("medium.attributes")) return faults_->error("attributes");
    return inner().attributes();
  }
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    if (faults_->strike("medium.read_at")) return faults_->error("read");
    return inner().read_at(out, offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    if (faults_->strike("medium.write_at")) return faults_->error("write");
    return inner().write_at(data, offset, how);
  }
  [[nodiscard]] Status flush() override {
    if (faults_->strike("medium.flush")) return faults_->error("flush");
    return inner().flush();
  }
  [[nodiscard]] Status drop_cache() override {
    if (faults_->strike("medium.drop_cache")) return faults_->error("drop_cache");
    return inner().drop_cache();
  }
  [[nodiscard]] Result<std::vector<Placement>> placements() override {
    if (faults_->strike("medium.placements")) return faults_->error("placements");
    return inner().placements();
  }
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override {
    if (faults_->strike("medium.data_extents")) return faults_->error("data_extents");
    return inner().data_extents();
  }
  [[nodiscard]] Result<Counters> counters() override {
    if (faults_->strike("medium.counters")) return faults_->error("counters");
    return inner().counters();
  }
  [[nodiscard]] Result<bool> open_elsewhere() override {
    if (faults_->strike("medium.open_elsewhere")) return faults_->error("open_elsewhere");
    return inner().open_elsewhere();
  }
  [[nodiscard]] Status resize(std::uint64_t size_bytes) override {
    if (faults_->strike("medium.resize")) return faults_->error("resize");
    return inner().resize(size_bytes);
  }
  [[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes() override {
    if (faults_->strike("medium.extended_attributes")) return faults_->error("extended_attributes");
    return inner().extended_attributes();
  }
  [[nodiscard]] Status replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) override {
    if (faults_->strike("medium.replace_attribute")) return faults_->error("replace " + name);
    return inner().replace_attribute(name, value);
  }
  [[nodiscard]] Status remove_attribute(const std::string& name) override {
    if (faults_->strike("medium.remove_attribute")) return faults_->error("remove " + name);
    return inner().remove_attribute(name);
  }
  [[nodiscard]] Status allocate(Extent extent) override {
    if (faults_->strike("medium.allocate")) return faults_->error("allocate");
    return inner().allocate(extent);
  }
  [[nodiscard]] Status rewrite_last_byte() override {
    if (faults_->strike("medium.rewrite_last_byte")) return faults_->error("rewrite_last_byte");
    return inner().rewrite_last_byte();
  }
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override {
    if (faults_->strike("medium.execute")) return faults_->error("execute");
    return inner().execute(command);
  }
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override {
    if (faults_->strike("medium.begin")) return faults_->error("begin");
    return inner().begin(command);
  }
  [[nodiscard]] Status rescan() override {
    if (faults_->strike("medium.rescan")) return faults_->error("rescan");
    return inner().rescan();
  }
  [[nodiscard]] Result<DeviceFacts> device() override {
    if (faults_->strike("medium.device")) return faults_->error("device");
    return inner().device();
  }
  [[nodiscard]] Result<std::vector<ContentSignature>> signatures() override {
    if (faults_->strike("medium.signatures")) return faults_->error("signatures");
    return inner().signatures();
  }
  [[nodiscard]] Status reread_partitions() override {
    if (faults_->strike("medium.reread_partitions")) return faults_->error("reread_partitions");
    return inner().reread_partitions();
  }

 private:
  FaultsPtr faults_;
};

class FaultDirectory final : public Directory {
 public:
  FaultDirectory(std::unique_ptr<Directory> inner, FaultsPtr faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}
  [[nodiscard]] Directory& inner() { return *inner_; }

  [[nodiscard]] Result<Attributes> attributes() override {
    if (faults_->strike("directory.attributes")) return faults_->error("attributes");
    return inner_->attributes();
  }
  [[nodiscard]] Result<Attributes> inspect_at(const std::string& name) override {
    if (faults_->strike("directory.inspect_at")) return faults_->error("inspect " + name);
    return inner_->inspect_at(name);
  }
  [[nodiscard]] Result<std::optional<Entry>> next_entry() override {
    if (faults_->strike("directory.next_entry")) return faults_->error("next_entry");
    return inner_->next_entry();
  }
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_at(const std::string& name,
                                                        Access access) override {
    if (faults_->strike("directory.open_at")) return faults_->error("open " + name);
    return guarded(inner_->open_at(name, access));
  }
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory_at(
      const std::string& name) override {
    if (faults_->strike("directory.open_directory_at")) return faults_->error("open " + name);
    return guarded(inner_->open_directory_at(name));
  }
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_parent() override {
    if (faults_->strike("directory.open_parent")) return faults_->error("open_parent");
    return guarded(inner_->open_parent());
  }
  [[nodiscard]] Result<std::vector<Attributes>> way_up() override {
    if (faults_->strike("directory.way_up")) return faults_->error("way_up");
    return inner_->way_up();
  }
  [[nodiscard]] Result<std::unique_ptr<Medium>> create_at(const std::string& name,
                                                          std::uint32_t mode) override {
    if (faults_->strike("directory.create_at")) return faults_->error("create " + name);
    return guarded(inner_->create_at(name, mode));
  }
  [[nodiscard]] Status make_directory_at(const std::string& name, std::uint32_t mode) override {
    if (faults_->strike("directory.make_directory_at")) return faults_->error("make " + name);
    return inner_->make_directory_at(name, mode);
  }
  [[nodiscard]] Status rename_at(const std::string& from, const std::string& to) override {
    if (faults_->strike("directory.rename_at")) return faults_->error("rename " + from);
    return inner_->rename_at(from, to);
  }
  [[nodiscard]] Status replace_at(const std::string& from, const std::string& to) override {
    if (faults_->strike("directory.replace_at")) return faults_->error("replace " + to);
    return inner_->replace_at(from, to);
  }
  [[nodiscard]] Status unlink_at(const std::string& name) override {
    if (faults_->strike("directory.unlink_at")) return faults_->error("unlink " + name);
    return inner_->unlink_at(name);
  }
  [[nodiscard]] Status remove_directory_at(const std::string& name) override {
    if (faults_->strike("directory.remove_directory_at")) return faults_->error("remove " + name);
    return inner_->remove_directory_at(name);
  }
  [[nodiscard]] Status sync() override {
    if (faults_->strike("directory.sync")) return faults_->error("sync");
    return inner_->sync();
  }
  [[nodiscard]] Status sync_filesystem() override {
    if (faults_->strike("directory.sync_filesystem")) return faults_->error("sync_filesystem");
    return inner_->sync_filesystem();
  }
  [[nodiscard]] Result<std::unique_ptr<Lock>> lock_at(const std::string& name,
                                                      std::chrono::milliseconds patience) override {
    if (faults_->strike("directory.lock_at")) return faults_->error("lock " + name);
    return inner_->lock_at(name, patience);
  }
  [[nodiscard]] Status allow_changes_at(const std::string& name,
                                        const std::optional<Identity>& only = {}) override {
    if (faults_->strike("directory.allow_changes_at")) return faults_->error("change " + name);
    return inner_->allow_changes_at(name, only);
  }
  [[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes() override {
    if (faults_->strike("directory.extended_attributes"))
      return faults_->error("extended_attributes");
    return inner_->extended_attributes();
  }
  [[nodiscard]] Status replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) override {
    if (faults_->strike("directory.replace_attribute")) return faults_->error("replace " + name);
    return inner_->replace_attribute(name, value);
  }
  [[nodiscard]] Status remove_attribute(const std::string& name) override {
    if (faults_->strike("directory.remove_attribute")) return faults_->error("remove " + name);
    return inner_->remove_attribute(name);
  }
  [[nodiscard]] Status make_file_at(const std::string& name, std::uint32_t mode) override {
    if (faults_->strike("directory.make_file_at")) return faults_->error("make " + name);
    return inner_->make_file_at(name, mode);
  }
  [[nodiscard]] Status make_symlink_at(const std::string& name,
                                       const std::string& target) override {
    if (faults_->strike("directory.make_symlink_at")) return faults_->error("make " + name);
    return inner_->make_symlink_at(name, target);
  }
  [[nodiscard]] Status link_at(const std::string& name, Directory& there,
                               const std::string& name_there) override {
    if (faults_->strike("directory.link_at")) return faults_->error("link " + name);
    auto* const wrapped = dynamic_cast<FaultDirectory*>(&there);
    return inner_->link_at(name, wrapped != nullptr ? wrapped->inner() : there, name_there);
  }
  [[nodiscard]] Status add_attribute_at(const std::string& name, const std::string& attribute,
                                        std::span<const std::byte> value) override {
    if (faults_->strike("directory.add_attribute_at")) return faults_->error("attribute " + name);
    return inner_->add_attribute_at(name, attribute, value);
  }
  [[nodiscard]] Status set_mode_at(const std::string& name, std::uint32_t mode) override {
    if (faults_->strike("directory.set_mode_at")) return faults_->error("set_mode " + name);
    return inner_->set_mode_at(name, mode);
  }
  [[nodiscard]] Result<SpaceFacts> space() override {
    if (faults_->strike("directory.space")) return faults_->error("space");
    return inner_->space();
  }
  [[nodiscard]] Result<std::vector<DeviceExtent>> free_extents() override {
    if (faults_->strike("directory.free_extents")) return faults_->error("free_extents");
    return inner_->free_extents();
  }
  [[nodiscard]] Result<std::uint64_t> withheld_blocks() override {
    if (faults_->strike("directory.withheld_blocks")) return faults_->error("withheld_blocks");
    return inner_->withheld_blocks();
  }
  [[nodiscard]] Status withhold_blocks(std::uint64_t blocks) override {
    if (faults_->strike("directory.withhold_blocks")) return faults_->error("withhold_blocks");
    return inner_->withhold_blocks(blocks);
  }
  [[nodiscard]] Status checkpoint_journal() override {
    if (faults_->strike("directory.checkpoint_journal"))
      return faults_->error("checkpoint_journal");
    return inner_->checkpoint_journal();
  }
  [[nodiscard]] Result<JournalFacts> journal() override {
    if (faults_->strike("directory.journal")) return faults_->error("journal");
    return inner_->journal();
  }

 private:
  [[nodiscard]] Result<std::unique_ptr<Medium>> guarded(Result<std::unique_ptr<Medium>> opened) {
    if (!opened) return opened;
    return std::unique_ptr<Medium>(std::make_unique<FaultMedium>(*std::move(opened), faults_));
  }
  [[nodiscard]] Result<std::unique_ptr<Directory>> guarded(
      Result<std::unique_ptr<Directory>> opened) {
    if (!opened) return opened;
    return std::unique_ptr<Directory>(
        std::make_unique<FaultDirectory>(*std::move(opened), faults_));
  }

  std::unique_ptr<Directory> inner_;
  FaultsPtr faults_;
};

}  // namespace

bool Faults::strike(std::string_view operation) {
  if (counts && !counts(operation)) return false;
  const std::lock_guard guard(mutex_);
  ++seen_;
  const bool strikes = fail_at != 0 && (seen_ == fail_at || (persistent && seen_ > fail_at));
  if (strikes && struck_.empty()) struck_ = operation;
  return strikes;
}

Error Faults::error(std::string_view operation) const {
  return {code, os_code, std::string(operation) + ": injected failure", {}};
}

std::uint64_t Faults::seen() const {
  const std::lock_guard guard(mutex_);
  return seen_;
}

std::string Faults::struck() const {
  const std::lock_guard guard(mutex_);
  return struck_;
}

Result<Location> FaultPlatform::locate(const std::string& path) {
  if (faults_->strike("platform.locate")) return faults_->error("locate " + path);
  auto found = inner_.locate(path);
  if (!found) return found;
  return Location{std::make_unique<FaultDirectory>(std::move(found->directory), faults_),
                  found->name};
}

Result<std::unique_ptr<Directory>> FaultPlatform::open_directory(const std::string& path) {
  if (faults_->strike("platform.open_directory")) return faults_->error("open " + path);
  auto opened = inner_.open_directory(path);
  if (!opened) return opened;
  return std::unique_ptr<Directory>(std::make_unique<FaultDirectory>(*std::move(opened), faults_));
}

Result<FileSystemFacts> FaultPlatform::file_system_of(Directory& directory) {
  if (faults_->strike("platform.file_system_of")) return faults_->error("file_system_of");
  return inner_.file_system_of(dynamic_cast<FaultDirectory&>(directory).inner());
}

Result<FileSystemFacts> FaultPlatform::file_system_of(Medium& medium) {
  if (faults_->strike("platform.file_system_of")) return faults_->error("file_system_of");
  return inner_.file_system_of(dynamic_cast<FaultMedium&>(medium).inner());
}

Result<std::vector<DeviceFacts>> FaultPlatform::devices() {
  if (faults_->strike("platform.devices")) return faults_->error("devices");
  return inner_.devices();
}

Result<DeviceFacts> FaultPlatform::inspect_device(const std::string& path) {
  if (faults_->strike("platform.inspect_device")) return faults_->error("inspect " + path);
  return inner_.inspect_device(path);
}

Result<std::unique_ptr<Medium>> FaultPlatform::open_device(const std::string& path, Access access) {
  if (faults_->strike("platform.open_device")) return faults_->error("open " + path);
  auto opened = inner_.open_device(path, access);
  if (!opened) return opened;
  return std::unique_ptr<Medium>(std::make_unique<FaultMedium>(*std::move(opened), faults_));
}

Result<StoredFile> FaultPlatform::stored(Medium& file) {
  if (faults_->strike("platform.stored")) return faults_->error("stored");
  return inner_.stored(dynamic_cast<FaultMedium&>(file).inner());
}

Result<std::vector<std::uint64_t>> FaultPlatform::devices_below(Directory& directory) {
  if (faults_->strike("platform.devices_below")) return faults_->error("devices_below");
  return inner_.devices_below(dynamic_cast<FaultDirectory&>(directory).inner());
}

Result<std::unique_ptr<Medium>> FaultPlatform::open_device_number(std::uint64_t number) {
  if (faults_->strike("platform.open_device_number")) return faults_->error("open a device");
  auto opened = inner_.open_device_number(number);
  if (!opened) return opened;
  return std::unique_ptr<Medium>(std::make_unique<FaultMedium>(*std::move(opened), faults_));
}

Result<std::vector<std::string>> FaultPlatform::snapshots_of(Directory& directory) {
  if (faults_->strike("platform.snapshots_of")) return faults_->error("snapshots_of");
  return inner_.snapshots_of(dynamic_cast<FaultDirectory&>(directory).inner());
}

Result<std::string> FaultPlatform::program_path() {
  if (faults_->strike("platform.program_path")) return faults_->error("program_path");
  return inner_.program_path();
}

std::uint64_t fail_each_operation(const std::function<bool(std::uint64_t nth)>& run,
                                  std::uint64_t most) {
  for (std::uint64_t nth = 1; nth <= most; ++nth)
    if (!run(nth)) return nth - 1;
  throw std::runtime_error("there is no end of failing operations");
}

}  // namespace quietus::test
