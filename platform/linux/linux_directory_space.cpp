// SPDX-License-Identifier: GPL-3.0-or-later
// What LinuxDirectory does and knows beside names: attributes, marks, and the file system's space.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "linux/extended_attributes.h"
#include "linux/free_space_map.h"
#include "linux/linux_directory.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

/// Takes the marks off. A file system without marks has none to take.
Status clear_marks(int descriptor, const std::string& shown) {
  // The kernel fills an int, whatever the request's declaration says.
  unsigned flags = 0;
  if (::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) != 0) return {};
  unsigned without = flags;
  without &= ~static_cast<unsigned>(FS_IMMUTABLE_FL | FS_APPEND_FL);
  if (without == flags) return {};
  if (::ioctl(descriptor, FS_IOC_SETFLAGS, &without) == 0) return {};
  return posix_error("take the marks off", shown);
}

Status let_owner_write(int descriptor, const std::string& shown) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return posix_error("inspect", shown);
  if ((status.st_mode & S_IWUSR) != 0) return {};
  if (::fchmod(descriptor, (status.st_mode & 07777U) | S_IWUSR) == 0) return {};
  return posix_error("set the permissions of", shown);
}

}  // namespace

Result<Fd> LinuxDirectory::open_node(const std::string& name) {
  const auto kind_is_right = [&](NodeKind kind) -> Status {
    if (kind == NodeKind::regular || kind == NodeKind::directory) return {};
    return unsupported("open", path_of(name), "it is neither a file nor a directory");
  };
  const Result<Attributes> seen = inspect_at(name);
  if (!seen) return seen.error();
  if (const Status right = kind_is_right(seen->kind); !right) return right.error();
  Fd fd(open_below(name, {O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK}));
  if (!fd.valid()) return cannot_open(name);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return posix_error("inspect", path_of(name));
  if (const Status right = kind_is_right(kind_of(status.st_mode)); !right) return right.error();
  return fd;
}

Status LinuxDirectory::allow_changes_at(const std::string& name,
                                        const std::optional<Identity>& only) {
  const Result<Fd> fd = open_node(name);
  if (!fd) return fd.error();
  if (only) {
    const Result<InodeFacts> opened = inode_facts(fd->get(), "", path_of(name));
    if (!opened) return opened.error();
    if (!opened->attributes.identity.same_object(*only)) {
      return Error{
          Errc::changed, 0, "another object has the name " + path_of(name) + " by now", {}};
    }
  }
  Status cleared = clear_marks(fd->get(), path_of(name));
  if (!cleared) return cleared;
  return let_owner_write(fd->get(), path_of(name));
}

Result<std::vector<ExtendedAttribute>> LinuxDirectory::extended_attributes() {
  return list_attributes(descriptor(), path());
}

Status LinuxDirectory::replace_attribute(const std::string& name,
                                         std::span<const std::byte> value) {
  return write_attribute(descriptor(), name, value, AttributeWrite::replace);
}

Status LinuxDirectory::remove_attribute(const std::string& name) {
  return quietus::remove_attribute(descriptor(), name);
}

Status LinuxDirectory::add_attribute_at(const std::string& name, const std::string& attribute,
                                        std::span<const std::byte> value) {
  const Result<Fd> fd = open_node(name);
  if (!fd) return fd.error();
  return write_attribute(fd->get(), attribute, value, AttributeWrite::add);
}

Result<OnFileSystem> LinuxDirectory::on_file_system() const {
  const Result<InodeFacts> node = facts();
  if (!node) return node.error();
  return OnFileSystem{descriptor(), node->attributes.identity.device, path()};
}

Result<SpaceFacts> LinuxDirectory::space() {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return space_facts(*on);
}

Result<std::vector<DeviceExtent>> LinuxDirectory::free_extents() {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return free_space_map(*on);
}

Result<std::uint64_t> LinuxDirectory::withheld_blocks() {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return quietus::withheld_blocks(*on, folders_);
}

Status LinuxDirectory::withhold_blocks(std::uint64_t blocks) {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return quietus::withhold_blocks(*on, blocks, folders_);
}

Result<JournalFacts> LinuxDirectory::journal() {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return journal_facts(*on, folders_);
}

Status LinuxDirectory::checkpoint_journal() {
  const Result<OnFileSystem> on = on_file_system();
  if (!on) return on.error();
  return quietus::checkpoint_journal(*on);
}

}  // namespace quietus
