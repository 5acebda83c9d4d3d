// SPDX-License-Identifier: GPL-3.0-or-later
// The facts of one mount.
#include "linux/filesystem_facts.h"

#include <optional>
#include <sys/statfs.h>
#include <unistd.h>

#include "linux/block_device.h"
#include "linux/filesystem_kinds.h"
#include "linux/mountinfo.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

std::uint64_t free_bytes(const struct statfs& found) {
  // What ordinary users may not use is free for root.
  const auto blocks = ::geteuid() == 0 ? found.f_bfree : found.f_bavail;
  const auto block_bytes = found.f_frsize > 0 ? found.f_frsize : found.f_bsize;
  return static_cast<std::uint64_t>(blocks) * static_cast<std::uint64_t>(block_bytes);
}

/// The mode in effect, which may come from the super block and then isn't among the mount options.
bool journals_by_default(std::uint64_t device, const SystemFolders& folders) {
  const std::string name = disk_name(device, folders);
  if (name.empty()) return false;
  const Result<std::string> text = read_text(folders.proc + "/fs/ext4/" + name + "/options");
  return text && asks_for_data_journal(*text);
}

void add_mount(const Mount& mount, FileSystemFacts& facts) {
  facts.type = mount.type;
  facts.mount_point = mount.mount_point;
  facts.options = mount.options + "," + mount.super_options;
  facts.source = mount.source;
}

}  // namespace

bool asks_for_data_journal(std::string_view options) {
  for (const std::string_view line : split(options, '\n')) {
    for (const std::string_view option : split(line, ',')) {
      if (trimmed(option) == "data=journal") return true;
    }
  }
  return false;
}

Result<FileSystemFacts> file_system_facts(int descriptor, const InodeFacts& node,
                                          const SystemFolders& folders, std::string_view shown) {
  struct statfs found {};
  if (repeat_interrupted([&] { return ::fstatfs(descriptor, &found); }) != 0) {
    return posix_error("inspect the file system of", shown);
  }
  FileSystemFacts facts;
  const Identity& identity = node.attributes.identity;
  const std::optional<Mount> mount = find_mount(identity.mount, folders);
  if (mount) add_mount(*mount, facts);
  // f_type is signed and on some systems 32 bits wide.
  const auto magic = static_cast<std::uint32_t>(found.f_type);
  const FileSystemKind kind = mount ? kind_of_type(mount->type) : kind_of_magic(magic);
  facts.in_place = kind.in_place;
  facts.is_volatile = kind.is_volatile;
  facts.remote = kind.remote;
  facts.mount_root = node.mount_root;
  facts.free_bytes = free_bytes(found);
  facts.journals_data =
      asks_for_data_journal(facts.options) || journals_by_default(identity.device, folders);
  return facts;
}

}  // namespace quietus
