// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of one regular file: what it is, whether it may be written, who uses it, and
// whether writing helps.
#include "quietus/examine.h"

#include <algorithm>
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

/// What the file's attributes forbid, and what is said where the rules take the mark off.
struct AttributeRow {
  bool (*forbids)(const Attributes&) = nullptr;
  RefusalText text;
};

constexpr std::uint32_t kAnyWriteBit = 0222;

constexpr std::array<AttributeRow, 3> kAttributes{{
    {[](const Attributes& a) { return a.immutable; },
     {"immutable", "is marked immutable", "--clear-attributes takes the mark off (as chattr -i)"}},
    {[](const Attributes& a) { return a.append_only; },
     {"append_only", "is marked append-only",
      "--clear-attributes takes the mark off (as chattr -a)"}},
    {[](const Attributes& a) { return (a.mode & kAnyWriteBit) == 0; },
     {"read_only", "is write-protected",
      "--clear-attributes takes the protection off (as chmod u+w)"}},
}};

constexpr RefusalText kHardLinks{
    "hard_links", "has other names (hard links) whose data would be destroyed too",
    "remove the other names first; or --all-links, if they all lie in what is named; or "
    "--this-link, which removes this name and leaves the data"};

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

Finding warning(const std::string& path, std::string_view code, std::string text) {
  return {Finding::Level::warning, std::string(code), path, std::move(text)};
}

void check_kind(const std::string& path, Examination& seen) {
  for (const KindRow& row : kKinds) {
    if (seen.attributes.kind != row.kind) continue;
    seen.findings.push_back(refusal(path, row.text));
    return;
  }
}

void check_attributes(const std::string& path, const ExamineOrder& order, Examination& seen) {
  check_kind(path, seen);
  if (seen.refused()) return;
  const bool linked = seen.attributes.links > 1;
  if (linked && order.rules.links == LinkMode::refuse) {
    seen.findings.push_back(refusal(path, kHardLinks));
  }
  const bool to_be_cleared = order.rules.clear_attributes && order.intent == Intent::look;
  for (const AttributeRow& row : kAttributes) {
    if (to_be_cleared || !row.forbids(seen.attributes)) continue;
    seen.findings.push_back(refusal(path, row.text));
  }
}

/// What the rules let through, but a reader of the plan has to know.
void warn_of_rules(const std::string& path, const ExamineOrder& order, Examination& seen) {
  if (order.intent != Intent::look) return;
  const std::uint64_t others = seen.attributes.links - 1;
  if (seen.attributes.links > 1 && order.rules.links == LinkMode::all) {
    seen.findings.push_back(
        warning(path, "hard_links",
                "has " + std::to_string(others) +
                    " other names; it is destroyed only if they all lie in what was named"));
  }
  if (seen.attributes.links > 1 && order.rules.links == LinkMode::only_name) {
    seen.findings.push_back(warning(path, "data_reachable",
                                    "only this name is removed: the data is not written to and "
                                    "stays reachable by " +
                                        std::to_string(others) + " other names"));
  }
  if (!order.rules.clear_attributes) return;
  for (const AttributeRow& row : kAttributes) {
    if (!row.forbids(seen.attributes)) continue;
    seen.findings.push_back(warning(path, "attributes_cleared",
                                    std::string(row.text.text) + ", which will be taken off"));
  }
}

/// Takes off what forbids changes, right before the file is opened for writing.
Status clear_attributes(const EntryName& entry, const ExamineOrder& order, Examination& seen) {
  const bool wanted = order.rules.clear_attributes && order.intent != Intent::look;
  if (!wanted || !forbids_changes(seen.attributes)) return {};
  const Identity identity = seen.attributes.identity;
  if (Status allowed = entry.directory.allow_changes_at(entry.name, identity); !allowed)
    return allowed;
  const Result<Attributes> now = entry.directory.inspect_at(entry.name);
  if (!now) return now.error();
  if (!now->identity.same_object(identity)) {
    return Error{Errc::changed, 0, "it was replaced while its attributes were being cleared"};
  }
  seen.attributes = *now;
  seen.attributes_cleared = true;
  return {};
}

/// What is mounted on a name lies under another name too, which nobody named.
void check_mount(const std::string& path, Examination& seen) {
  if (!seen.file_system.mount_root) return;
  seen.findings.push_back(refusal(path, {"mount_point", "another file is mounted on this name",
                                         "unmount it, or name the file where it really lies"}));
}

// mkswap(8) takes nothing below ten pages.
constexpr std::uint64_t kSmallestSwapBytes = 10 * 4096;

void check_users(Platform& platform, const std::string& path, Examination& seen) {
  const bool may_be_swap = seen.attributes.size_bytes >= kSmallestSwapBytes;
  if (may_be_swap && platform.is_active_swap(seen.attributes.identity)) {
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

bool opens_for_writing(const ExamineOrder& order, const Examination& seen) {
  const bool only_name = order.rules.links == LinkMode::only_name && seen.attributes.links > 1;
  if (only_name || forbids_changes(seen.attributes)) return false;
  if (order.intent == Intent::overwrite_anyway) return true;
  const bool copies = seen.file_system.in_place == InPlace::layered;
  return seen.obstacles.empty() && (order.intent == Intent::overwrite || !copies);
}

Error replaced() { return {Errc::changed, 0, "it was replaced while it was being looked at", {}}; }

Status ask(Medium& medium, const ExamineOrder& order, Examination& seen) {
  const Result<Attributes> opened = medium.attributes();
  if (!opened) return opened.error();
  seen.attributes = *opened;
  if (auto placements = medium.placements()) seen.placements = std::move(*placements);
  seen.obstacles = obstacles_of(seen.file_system, seen.attributes, seen.placements);
  if (!order.rules.deep) return {};
  const auto is_helped = [](const Obstacle& obstacle) { return obstacle.deep_helps; };
  seen.helped_by_deep = std::any_of(seen.obstacles.begin(), seen.obstacles.end(), is_helped);
  seen.obstacles.erase(std::remove_if(seen.obstacles.begin(), seen.obstacles.end(), is_helped),
                       seen.obstacles.end());
  return {};
}

/// Opens for writing at once: on a file system where that copies nothing.
Status open_writer(const EntryName& entry, const ExamineOrder& order, Examination& seen) {
  auto writer = entry.directory.open_at(entry.name, Access::read_write);
  if (!writer) return writer.error();
  seen.file_system = *order.file_system;
  seen.medium = std::move(*writer);
  return ask(*seen.medium, order, seen);
}

/// Opens for reading first: what is copied at the first opening for writing must not be, before it
/// is known to help.
Status open_reader_first(Platform& platform, const EntryName& entry, const ExamineOrder& order,
                         Examination& seen) {
  auto reader = entry.directory.open_at(entry.name, Access::read);
  if (!reader) return reader.error();
  // Of the file, not of the directory: another file may be mounted on this name.
  auto facts = platform.file_system_of(**reader);
  if (!facts) return facts.error();
  seen.file_system = std::move(*facts);
  if (Status asked = ask(**reader, order, seen); !asked) return asked;
  // What is mounted on the name is not opened for writing by it, and refused.
  if (seen.file_system.mount_root || !opens_for_writing(order, seen)) {
    seen.medium = std::move(*reader);
    return {};
  }
  (*reader)
      .reset();  // a second open file of our own would answer the question who else has it open
  auto writer = entry.directory.open_at(entry.name, Access::read_write);
  if (!writer) return writer.error();
  seen.medium = std::move(*writer);
  const Result<Attributes> again = seen.medium->attributes();
  if (!again) return again.error();
  if (!again->identity.same_object(seen.attributes.identity)) return replaced();
  return {};
}

Status open_medium(Platform& platform, const EntryName& entry, const ExamineOrder& order,
                   Examination& seen) {
  const bool only_name = order.rules.links == LinkMode::only_name && seen.attributes.links > 1;
  const bool at_once = order.file_system != nullptr && order.intent != Intent::look &&
                       order.file_system->in_place != InPlace::layered && !only_name;
  return at_once ? open_writer(entry, order, seen)
                 : open_reader_first(platform, entry, order, seen);
}

/// The entry that was decided on, and not one that took its name.
Status confirm_same(const Examination& seen, const Identity& identity, bool same_mount) {
  const Identity& opened = seen.attributes.identity;
  const bool same = opened.same_object(identity) && (!same_mount || opened.mount == identity.mount);
  return same ? Status() : Status(replaced());
}

/// Then it is read back there, and not through the file.
bool is_readable_on_devices(Platform& platform, Directory& directory, Medium& file) {
  if (!platform.devices_below(directory)) return false;
  const Result<StoredFile> stored = platform.stored(file);
  if (!stored || stored->pieces.empty()) return false;
  const StoredPiece& first = stored->pieces.front();
  return std::all_of(first.copies.begin(), first.copies.end(), [&](const DeviceExtent& copy) {
    return platform.open_device_number(copy.device).ok();
  });
}

void warn_of_obstacles(Platform& platform, const EntryName& entry, const ExamineOrder& order,
                       Examination& seen) {
  const std::string& path = entry.path;
  for (const Obstacle& obstacle : seen.obstacles) {
    seen.findings.push_back(
        {Finding::Level::warning, obstacle.code, path, obstacle.text, obstacle.hint});
  }
  if (!seen.placements && seen.attributes.size_bytes > 0) {
    seen.findings.push_back({Finding::Level::warning, "placement_unknown", path,
                             "the file system does not tell where the data lies"});
  }
  const Result<Geometry> geometry = seen.medium->geometry();
  const bool cached =
      geometry && !geometry->direct_reads_reach_medium && seen.attributes.size_bytes > 0;
  const bool proven = seen.obstacles.empty() && cached &&
                      is_readable_on_devices(platform, entry.directory, *seen.medium);
  const bool is_said = seen.helped_by_deep || order.rules.chase;
  if (cached && !proven && !is_said) {
    seen.findings.push_back({Finding::Level::warning, "no_direct_reads", path,
                             "can't be read back past the system's cache, so the result will be "
                             "unverified and the name stays",
                             "--best-effort removes the name all the same"});
  }
}

}  // namespace

bool forbids_changes(const Attributes& attributes) {
  return std::any_of(kAttributes.begin(), kAttributes.end(),
                     [&](const AttributeRow& row) { return row.forbids(attributes); });
}

bool Examination::refused() const {
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::refusal) return true;
  }
  return false;
}

Examination examine_file(Platform& platform, const EntryName& entry, const ExamineOrder& order) {
  Examination seen;
  const auto refuse = [&](const Error& error) {
    seen.findings.push_back(refusal(entry.path, code_of(error), error));
    seen.medium.reset();
    return std::move(seen);
  };
  const Result<Attributes> found = entry.directory.inspect_at(entry.name);
  if (!found) return refuse(found.error());
  seen.attributes = *found;
  check_kind(entry.path, seen);
  if (seen.refused()) return seen;
  if (Status cleared = clear_attributes(entry, order, seen); !cleared) {
    return refuse(cleared.error());
  }
  check_attributes(entry.path, order, seen);
  if (seen.refused()) return seen;
  if (Status opened = open_medium(platform, entry, order, seen); !opened) {
    return refuse(opened.error());
  }
  if (Status same = confirm_same(seen, found->identity, order.file_system != nullptr); !same) {
    return refuse(same.error());
  }
  check_attributes(entry.path, order, seen);
  check_mount(entry.path, seen);
  check_users(platform, entry.path, seen);
  warn_of_rules(entry.path, order, seen);
  if (order.intent == Intent::look) warn_of_obstacles(platform, entry, order, seen);
  if (seen.refused()) seen.medium.reset();
  return seen;
}

}  // namespace quietus
