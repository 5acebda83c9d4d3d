// SPDX-License-Identifier: GPL-3.0-or-later
// Turns paths into open directories, and asks the machine.
#include "linux/platform.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "linux/filesystem_facts.h"
#include "linux/linux_directory.h"
#include "linux/linux_medium.h"
#include "linux/machine_facts.h"
#include "linux/stored_file.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

struct Free {
  void operator()(char* memory) const { std::free(memory); }  // NOLINT(*-no-malloc)
};

/// A path as the directory part, "." or "/" if there is none, and the last component.
struct Parts {
  std::string directory;
  std::string name;
};

Parts parts_of(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {".", std::string(path)};
  const std::string_view above = path.substr(0, slash);
  return {above.empty() ? "/" : std::string(above), std::string(path.substr(slash + 1))};
}

Status check_path(const std::string& path) {
  if (path.empty()) return Error{Errc::invalid, 0, "an empty path", {}};
  if (path.find('\0') == std::string::npos) return {};
  return Error{Errc::invalid, 0, "a path with a zero byte in it", {}};
}

Result<std::string> canonical(const std::string& path) {
  const std::unique_ptr<char, Free> found(::realpath(path.c_str(), nullptr));
  if (!found) return posix_error("find", path);
  return std::string(found.get());
}

Error not_ours() { return {Errc::invalid, 0, "not an object of this platform", {}}; }

}  // namespace

LinuxPlatform::LinuxPlatform(std::string sys, std::string proc, std::string dev, std::string run)
    : folders_{std::move(sys), std::move(proc), std::move(dev), std::move(run)} {}

Result<std::unique_ptr<Directory>> LinuxPlatform::open_directory(const std::string& path) {
  const Status good = check_path(path);
  if (!good) return good.error();
  Fd fd(repeat_interrupted([&] {
    return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  }));
  if (!fd.valid()) return posix_error("open", path);
  return std::unique_ptr<Directory>(
      std::make_unique<LinuxDirectory>(std::move(fd), path, folders_));
}

Result<Location> LinuxPlatform::locate(const std::string& path) {
  const Status good = check_path(path);
  if (!good) return good.error();
  Parts parts = parts_of(path);
  if (parts.name.empty() || parts.name == "." || parts.name == "..") return locate_canonical(path);
  Result<std::unique_ptr<Directory>> directory = open_directory(parts.directory);
  if (!directory) return directory.error();
  return Location{std::move(*directory), std::move(parts.name)};
}

Result<Location> LinuxPlatform::locate_canonical(const std::string& path) {
  Result<std::unique_ptr<Directory>> meant = open_directory(path);
  if (!meant) return meant.error();
  const Result<std::string> full = canonical(path);
  if (!full) return full.error();
  Parts parts = parts_of(*full);
  if (parts.name.empty()) return Location{std::move(*meant), {}};
  Result<std::unique_ptr<Directory>> above = open_directory(parts.directory);
  if (!above) return above.error();
  const Result<Attributes> wanted = (*meant)->attributes();
  const Result<Attributes> found = (*above)->inspect_at(parts.name);
  if (!wanted || !found || wanted->identity != found->identity) {
    return Error{Errc::changed, 0, "cannot find " + path + ": it was moved meanwhile", {}};
  }
  return Location{std::move(*above), std::move(parts.name)};
}

Result<FileSystemFacts> LinuxPlatform::file_system_of(Directory& directory) {
  const auto* const ours = dynamic_cast<const LinuxDirectory*>(&directory);
  if (ours == nullptr) return not_ours();
  const Result<InodeFacts> node = ours->facts();
  if (!node) return node.error();
  return file_system_facts(ours->descriptor(), *node, folders_, ours->shown());
}

Result<FileSystemFacts> LinuxPlatform::file_system_of(Medium& medium) {
  const auto* const ours = dynamic_cast<const LinuxMedium*>(&medium);
  if (ours == nullptr) return not_ours();
  const Result<InodeFacts> node = ours->facts();
  if (!node) return node.error();
  return file_system_facts(ours->descriptor(), *node, folders_, ours->shown());
}

Result<StoredFile> LinuxPlatform::stored(Medium& file) {
  auto* const ours = dynamic_cast<LinuxMedium*>(&file);
  if (ours == nullptr) return not_ours();
  const Result<Attributes> attributes = ours->attributes();
  if (!attributes) return attributes.error();
  return stored_file({ours->descriptor(), attributes->identity.device, ours->shown()}, *attributes,
                     folders_);
}

Result<std::vector<std::uint64_t>> LinuxPlatform::devices_below(Directory& directory) {
  const auto* const ours = dynamic_cast<const LinuxDirectory*>(&directory);
  if (ours == nullptr) return not_ours();
  const Result<InodeFacts> node = ours->facts();
  if (!node) return node.error();
  const Identity& identity = node->attributes.identity;
  return devices_of_file_system({ours->descriptor(), identity.device, ours->shown()},
                                identity.mount, folders_);
}

Result<std::vector<std::string>> LinuxPlatform::snapshots_of(Directory& directory) {
  const auto* const ours = dynamic_cast<const LinuxDirectory*>(&directory);
  if (ours == nullptr) return not_ours();
  const Result<InodeFacts> node = ours->facts();
  if (!node) return node.error();
  return snapshots_of_volume({ours->descriptor(), node->attributes.identity.device, ours->shown()});
}

Machine LinuxPlatform::machine() { return machine_facts(); }

Account LinuxPlatform::account() { return account_facts(folders_); }

Result<std::string> LinuxPlatform::program_path() {
  Result<std::string> path = read_link(folders_.proc + "/self/exe");
  if (path) return path;
  return unsupported("find", "the running program", path.error().what);
}

std::optional<std::string> LinuxPlatform::environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

bool LinuxPlatform::is_active_swap(const Identity& identity) {
  const Result<std::string> text = read_text(folders_.proc + "/swaps");
  if (!text) return false;
  for (const std::string& path : swap_paths(*text)) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_dev == identity.device &&
        status.st_ino == identity.inode) {
      return true;
    }
  }
  return false;
}

unsigned LinuxPlatform::processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // Fails on machines with more processors than the set has room for.
  const int count = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
  if (count > 0) return static_cast<unsigned>(count);
  return std::max(1U, std::thread::hardware_concurrency());
}

std::size_t LinuxPlatform::descriptor_limit() {
  constexpr std::size_t kAtLeast = 20;  // _POSIX_OPEN_MAX
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kAtLeast;
  return std::min<rlim_t>(limit.rlim_cur, std::size_t{1} << 20);
}

}  // namespace quietus
