// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of one regular file: what it is, whether it may be written, who uses it, and
// whether writing helps.
#include "quietus/examine.h"

#include <array>
#include <string_view>
#include <utility>

namespace quietus {
namespace {

/// How an interlock speaks: a stable code, a sentence, a remedy.
struct RefusalText {
  std::string_view code;
  std::string_view text;
  std::string_view hint;
};

Finding refusal(const std::string& path, const RefusalText& row) {
  return {Finding::Level::refusal, std::string(row.code), path, std::string(row.text),
          std::string(row.hint)};
}

Finding refusal(const std::string& path, std::string_view code, const Error& error) {
  return {Finding::Level::refusal, std::string(code), path, error.what, error.hint};
}

/// What may not be destroyed as a file, by kind of node.
struct KindRow {
  NodeKind kind = NodeKind::other;
  RefusalText text;
};

constexpr std::array<KindRow, 7> kKinds{{
    {NodeKind::directory,
     {"is_directory", "is a directory", "add --recursive to destroy everything below it"}},
    {NodeKind::symlink,
     {"is_symlink", "is a symbolic link, and links are not followed", "name the file it leads to"}},
    {NodeKind::block_device,
     {"device_node", "is a block device, not a file", "use `quietus drives`"}},
    {NodeKind::character_device, {"device_node", "is a character device, not a file", ""}},
    {NodeKind::fifo, {"special_file", "is a named pipe; there is nothing stored in it", ""}},
    {NodeKind::socket, {"special_file", "is a socket; there is nothing stored in it", ""}},
    {NodeKind::other, {"special_file", "is not a regular file", ""}},
}};

/// What the file's attributes forbid.
struct AttributeRow {
  bool (*forbids)(const Attributes&) = nullptr;
  RefusalText text;
};

constexpr std::uint32_t kAnyWriteBit = 0222;

constexpr std::array<AttributeRow, 4> kAttributes{{
    {[](const Attributes& a) { return a.links > 1; },
     {"hard_links", "has other names (hard links) whose data would be destroyed too",
      "remove the other names first"}},
    {[](const Attributes& a) { return a.immutable; },
     {"immutable", "is marked immutable", "chattr -i allows changes to it"}},
    {[](const Attributes& a) { return a.append_only; },
     {"append_only", "is marked append-only", "chattr -a allows changes to it"}},
    {[](const Attributes& a) { return (a.mode & kAnyWriteBit) == 0; },
     {"read_only", "is write-protected", "chmod u+w allows changes to it"}},
}};

/// The code of a refusal for why a file could not be opened.
struct OpenRow {
  Errc errc;
  std::string_view code;
};

constexpr std::array<OpenRow, 6> kOpenErrors{{
    {Errc::not_found, "not_found"},
    {Errc::permission, "no_permission"},
    {Errc::read_only, "read_only"},
    {Errc::busy, "running_program"},
    {Errc::unsupported, "special_file"},
    {Errc::io, "unreadable"},
}};

std::string_view code_of(const Error& error) {
  for (const OpenRow& row : kOpenErrors) {
    if (row.errc == error.code) return row.code;
  }
  return "unreadable";
}

void check_attributes(const std::string& path, Examination& seen) {
  for (const KindRow& row : kKinds) {
    if (seen.attributes.kind != row.kind) continue;
    seen.findings.push_back(refusal(path, row.text));
    return;
  }
  for (const AttributeRow& row : kAttributes) {
    if (row.forbids(seen.attributes)) seen.findings.push_back(refusal(path, row.text));
  }
}

/// What is mounted on a name lies under another name too, which nobody named.
void check_mount(const std::string& path, Examination& seen) {
  if (!seen.file_system.mount_root) return;
  seen.findings.push_back(refusal(path, {"mount_point", "another file is mounted on this name",
                                         "unmount it, or name the file where it really lies"}));
}

void check_users(Platform& platform, const std::string& path, Examination& seen) {
  if (platform.is_active_swap(seen.attributes.identity)) {
    seen.findings.push_back(
        refusal(path, {"active_swap", "is used as swap space", "swapoff ends the use of it"}));
  }
  const Result<bool> elsewhere = seen.medium->open_elsewhere();
  if (!elsewhere) {
    seen.findings.push_back({Finding::Level::warning, "open_elsewhere_unknown", path,
                             "it can't be told whether another program has it open"});
  } else if (*elsewhere) {
    seen.findings.push_back(refusal(path, {"open_elsewhere", "is open in another program",
                                           "end the program that uses it, then try again"}));
  }
}

bool opens_for_writing(Purpose purpose, const Examination& seen) {
  if (purpose == Purpose::overwrite_anyway) return true;
  const bool copies = seen.file_system.in_place == InPlace::layered;
  return seen.obstacles.empty() && (purpose == Purpose::overwrite || !copies);
}

/// Opens for reading first: what is copied at the first opening for writing must not be, before it
/// is known to help.
Status open_medium(Platform& platform, Directory& directory, const std::string& name,
                   Purpose purpose, Examination& seen) {
  auto reader = directory.open_at(name, Access::read);
  if (!reader) return reader.error();
  // Of the file, not of the directory: another file may be mounted on this name.
  auto facts = platform.file_system_of(**reader);
  if (!facts) return facts.error();
  seen.file_system = std::move(*facts);
  const Result<Attributes> opened = (*reader)->attributes();
  if (!opened) return opened.error();
  seen.attributes = *opened;
  if (auto placements = (*reader)->placements()) seen.placements = std::move(*placements);
  seen.obstacles = obstacles_of(seen.file_system, seen.attributes, seen.placements);
  if (!opens_for_writing(purpose, seen)) {
    seen.medium = std::move(*reader);
    return {};
  }
  (*reader)
      .reset();  // a second open file of our own would answer the question who else has it open
  auto writer = directory.open_at(name, Access::read_write);
  if (!writer) return writer.error();
  seen.medium = std::move(*writer);
  return {};
}

Status confirm_same(Examination& seen, const Identity& identity) {
  const Result<Attributes> opened = seen.medium->attributes();
  if (!opened) return opened.error();
  const bool same = opened->identity.same_object(identity) &&
                    opened->identity.same_object(seen.attributes.identity);
  if (!same) {
    return Error{Errc::changed, 0, "it was replaced while it was being looked at"};
  }
  return {};
}

void warn_of_obstacles(const std::string& path, Examination& seen) {
  for (const Obstacle& obstacle : seen.obstacles) {
    seen.findings.push_back(
        {Finding::Level::warning, obstacle.code, path, obstacle.text, obstacle.hint});
  }
  if (!seen.placements && seen.attributes.size_bytes > 0) {
    seen.findings.push_back({Finding::Level::warning, "placement_unknown", path,
                             "the file system does not tell where the data lies"});
  }
  const Result<Geometry> geometry = seen.medium->geometry();
  if (geometry && !geometry->direct_reads_reach_medium && seen.attributes.size_bytes > 0) {
    seen.findings.push_back({Finding::Level::warning, "no_direct_reads", path,
                             "can't be read back past the system's cache, so the result will be "
                             "unverified and the name stays",
                             "--best-effort removes the name all the same"});
  }
}

}  // namespace

bool Examination::refused() const {
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::refusal) return true;
  }
  return false;
}

Examination examine_file(Platform& platform, Directory& directory, const std::string& name,
                         const std::string& path, Purpose purpose) {
  Examination seen;
  const auto refuse = [&](const Error& error) {
    seen.findings.push_back(refusal(path, code_of(error), error));
    seen.medium.reset();
    return std::move(seen);
  };
  const Result<Attributes> entry = directory.inspect_at(name);
  if (!entry) return refuse(entry.error());
  seen.attributes = *entry;
  check_attributes(path, seen);
  if (seen.refused()) return seen;
  if (Status opened = open_medium(platform, directory, name, purpose, seen); !opened) {
    return refuse(opened.error());
  }
  if (Status same = confirm_same(seen, entry->identity); !same) return refuse(same.error());
  check_attributes(path, seen);
  check_mount(path, seen);
  check_users(platform, path, seen);
  warn_of_obstacles(path, seen);
  if (seen.refused()) seen.medium.reset();
  return seen;
}

}  // namespace quietus
