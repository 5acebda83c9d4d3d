// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the kinds of nodes and devices, and what a platform answers that lacks an ability.
#include "quietus/medium.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quietus/directory.h"
#include "quietus/platform.h"

namespace quietus {

std::string_view name_of(NodeKind kind) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "regular file",     "directory", "symbolic link", "block device",
      "character device", "FIFO",      "socket",        "special file"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(DeviceKind kind) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "disk", "partition", "loop", "zram", "device_mapper", "raid", "other"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(Storage storage) {
  static constexpr std::array<std::string_view, 4> kNames = {"rotational", "flash", "virtual",
                                                             "unknown"};
  return kNames.at(static_cast<std::size_t>(storage));
}

std::string_view name_of(HiddenArea hidden) {
  static constexpr std::array<std::string_view, 3> kNames = {"none", "unknown", "present"};
  return kNames.at(static_cast<std::size_t>(hidden));
}

std::string_view name_of(DeviceUse::Kind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"mount", "swap", "holder", "lock",
                                                             "claim"};
  return kNames.at(static_cast<std::size_t>(kind));
}

namespace {

Error not_a_device() { return {Errc::unsupported, 0, "it is not a block device"}; }

}  // namespace

Result<DeviceFacts> Medium::device() { return not_a_device(); }
Result<std::vector<ContentSignature>> Medium::signatures() { return not_a_device(); }
Status Medium::reread_partitions() { return not_a_device(); }
Result<std::int32_t> Medium::temperature_millicelsius() { return not_a_device(); }
Result<DeviceReply> Medium::execute(const DeviceCommand& /*command*/) { return not_a_device(); }
Result<std::unique_ptr<PendingCommand>> Medium::begin(const DeviceCommand& /*command*/) {
  return not_a_device();
}
Status Medium::rescan() { return not_a_device(); }
Result<EncryptedVolume> Medium::encrypted_volume() { return not_a_device(); }
Status Medium::destroy_key_slots() { return not_a_device(); }

namespace {

Error not_offered() {
  return {Errc::unsupported, 0, "the system or the file system does not offer it"};
}

}  // namespace

Result<std::vector<ExtendedAttribute>> Medium::extended_attributes() { return not_offered(); }
Status Medium::replace_attribute(const std::string& /*name*/,
                                 std::span<const std::byte> /*value*/) {
  return not_offered();
}
Status Medium::remove_attribute(const std::string& /*name*/) { return not_offered(); }
Status Medium::allocate(Extent /*extent*/) { return not_offered(); }
Status Medium::rewrite_last_byte() { return not_offered(); }

Status Directory::allow_changes_at(const std::string& /*name*/,
                                   const std::optional<Identity>& /*only*/) {
  return not_offered();
}
Result<std::vector<ExtendedAttribute>> Directory::extended_attributes() { return not_offered(); }
Status Directory::replace_attribute(const std::string& /*name*/,
                                    std::span<const std::byte> /*value*/) {
  return not_offered();
}
Status Directory::remove_attribute(const std::string& /*name*/) { return not_offered(); }
Status Directory::make_file_at(const std::string& /*name*/, std::uint32_t /*mode*/) {
  return not_offered();
}
Status Directory::make_symlink_at(const std::string& /*name*/, const std::string& /*target*/) {
  return not_offered();
}
Status Directory::link_at(const std::string& /*name*/, Directory& /*there*/,
                          const std::string& /*name_there*/) {
  return not_offered();
}
Status Directory::add_attribute_at(const std::string& /*name*/, const std::string& /*attribute*/,
                                   std::span<const std::byte> /*value*/) {
  return not_offered();
}
Status Directory::set_mode_at(const std::string& /*name*/, std::uint32_t /*mode*/) {
  return not_offered();
}
Result<SpaceFacts> Directory::space() { return not_offered(); }
Result<std::vector<DeviceExtent>> Directory::free_extents() { return not_offered(); }
Result<std::uint64_t> Directory::withheld_blocks() { return not_offered(); }
Status Directory::withhold_blocks(std::uint64_t /*blocks*/) { return not_offered(); }
Result<JournalFacts> Directory::journal() { return not_offered(); }
Status Directory::checkpoint_journal() { return not_offered(); }

bool same_file_system(const FileSystemFacts& a, const FileSystemFacts& b) {
  return !a.source.empty() && a.source == b.source && a.type == b.type;
}

Result<StoredFile> Platform::stored(Medium& /*file*/) { return not_offered(); }
Result<std::vector<std::uint64_t>> Platform::devices_below(Directory& /*directory*/) {
  return not_offered();
}
Result<std::unique_ptr<Medium>> Platform::open_device_number(std::uint64_t /*number*/) {
  return not_offered();
}
Result<std::vector<std::string>> Platform::snapshots_of(Directory& /*directory*/) {
  return not_offered();
}

namespace {

/// Attached to another controller, to another host or to none.
void add_unseen_namespaces(DeviceFacts& device, const std::vector<std::uint32_t>& numbers) {
  if (device.namespace_id == 0) return;
  for (const std::uint32_t number : numbers) {
    const auto is_it = [&](const Sibling& one) { return one.namespace_id == number; };
    const bool known = number == device.namespace_id ||
                       std::any_of(device.siblings.begin(), device.siblings.end(), is_it);
    if (known) continue;
    Sibling unseen;
    unseen.name = "namespace " + std::to_string(number);
    unseen.what = "namespace";
    unseen.namespace_id = number;
    unseen.content.push_back({"unknown", "unreadable", {}, {}, 0});
    device.siblings.push_back(std::move(unseen));
  }
}

}  // namespace

void put_abilities(DeviceFacts& device, DriveAbilities abilities) {
  const Answer hidden = abilities.hidden.present;
  if (hidden == Answer::yes) device.hidden_area = HiddenArea::present;
  if (hidden == Answer::no) device.hidden_area = HiddenArea::none;
  add_unseen_namespaces(device, abilities.namespaces);
  device.abilities = std::move(abilities);
}

}  // namespace quietus
