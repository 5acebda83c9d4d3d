// SPDX-License-Identifier: GPL-3.0-or-later
// Takes /proc/self/mountinfo apart.
#include "linux/mountinfo.h"

#include <algorithm>

#include "posix/text_file.h"

namespace quietus {
namespace {

// Fields of a line by position; from the seventh on come optional ones up to a single "-", then
// type, source and super options.
constexpr std::size_t kRoot = 3;
constexpr std::size_t kMountPoint = 4;
constexpr std::size_t kOptions = 5;
constexpr std::size_t kFirstOptional = 6;
constexpr std::size_t kAfterDash = 3;

std::optional<Mount> parse_line(std::string_view line) {
  // Split at single spaces: a source may be empty.
  const std::vector<std::string_view> fields = split(line, ' ');
  if (fields.size() < kFirstOptional + 1 + kAfterDash) return std::nullopt;
  const auto dash = std::find(fields.begin() + kFirstOptional, fields.end(), "-");
  if (fields.end() - dash <= static_cast<std::ptrdiff_t>(kAfterDash)) return std::nullopt;
  const auto id = decimal(fields[0]);
  if (!id) return std::nullopt;
  Mount mount;
  mount.id = *id;
  mount.root = without_octal_escapes(fields[kRoot]);
  mount.mount_point = without_octal_escapes(fields[kMountPoint]);
  mount.options = fields[kOptions];
  mount.type = without_octal_escapes(dash[1]);
  mount.source = without_octal_escapes(dash[2]);
  mount.super_options = without_octal_escapes(dash[3]);
  return mount;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split(text, '\n')) {
    std::optional<Mount> mount = parse_line(line);
    if (mount) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

std::optional<Mount> find_mount(std::uint64_t id, const SystemFolders& folders) {
  const Result<std::string> text = read_text(folders.proc + "/self/mountinfo");
  if (!text || id == 0) return std::nullopt;
  for (Mount& mount : parse_mountinfo(*text)) {
    if (mount.id == id) return std::optional<Mount>(std::move(mount));
  }
  return std::nullopt;
}

}  // namespace quietus
