// SPDX-License-Identifier: GPL-3.0-or-later
// Who could have written a file that decides what is trusted, and its text if nobody else could.
#include "cli/guarded_file.h"

#include <array>
#include <vector>

#include "quietus/secret.h"
#include "quietus/text.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kRoot = 0;
constexpr std::uint32_t kOthersWrite = 0022;
constexpr std::uint32_t kSticky = 01000;

struct GuardRow {
  Guarded kind;
  std::uint32_t forbidden;  ///< permission bits that nobody else may have
  const char* told;
  const char* remedy;
};
// systemd gives the account of a service its credential by an ACL, whose mask shows as the group's
// right to read (credentials are 0400, then 0440).
constexpr std::array<GuardRow, 3> kGuards{{
    {Guarded::settings, kOthersWrite, "others can write to it", "chmod go-w "},
    {Guarded::secret, 0077, "others have access to it", "chmod 600 "},
    {Guarded::credential, 0037, "others have access to it", "chmod 600 "},
}};

Error refused(const std::string& path, const std::string& why, const std::string& hint) {
  return {Errc::permission, 0, path + ": " + why, hint};
}

std::string owner_text(std::uint64_t owner, std::uint64_t uid) {
  std::string text = "it belongs to user " + std::to_string(owner) + ", not to root";
  return uid == kRoot ? text : text + " or to user " + std::to_string(uid);
}

std::string chown_hint(std::uint64_t uid, const std::string& path) {
  return "look at what is in it, then: chown " + std::to_string(uid) + " " + path;
}

bool is_ours(const Attributes& attributes, std::uint64_t uid) {
  return attributes.owner == uid || attributes.owner == kRoot;
}

Status check_file(const std::string& path, const Attributes& file, Guarded kind,
                  std::uint64_t uid) {
  const GuardRow& guard = kGuards.at(static_cast<std::size_t>(kind));
  if (file.kind != NodeKind::regular) {
    return refused(path, "it is a " + std::string(name_of(file.kind)) + ", not a regular file",
                   "name the file itself");
  }
  if (!is_ours(file, uid)) return refused(path, owner_text(file.owner, uid), chown_hint(uid, path));
  if (file.links != 1) {
    return refused(path, "it has " + std::to_string(file.links) + " names (hard links)",
                   "cp -p " + path + " " + path + ".new && mv " + path + ".new " + path);
  }
  if ((file.mode & guard.forbidden) != 0) {
    return refused(path, guard.told,
                   "make sure that it is still yours, then: " + std::string(guard.remedy) + path);
  }
  return {};
}

/// The path of the folder so many levels above the file, as a shell would take it.
std::string folder_above(const std::string& path, std::size_t level, bool has_links) {
  const std::size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  for (; level > 0; --level) {
    const std::size_t last = folder.rfind('/');
    const bool cuts = folder.starts_with('/') && !has_links && !folder.ends_with("/..");
    folder = cuts && last != std::string::npos ? folder.substr(0, last) : folder + "/..";
  }
  return folder.empty() ? "/" : folder;
}

Status check_folder(const Attributes& folder, std::uint64_t uid, const std::string& path,
                    const std::string& shown) {
  std::string what = path;
  what.append(": somebody else could exchange it: ").append(shown);
  if (!is_ours(folder, uid)) {
    return Error{Errc::permission, 0, what + ": " + owner_text(folder.owner, uid),
                 "move " + path + " to a folder of your own"};
  }
  if ((folder.mode & kOthersWrite) != 0 && (folder.mode & kSticky) == 0) {
    return Error{Errc::permission, 0, what + ": others can write to this folder",
                 "chmod go-w " + shown};
  }
  return {};
}

Status check_way_up(Directory& directory, std::uint64_t uid, const std::string& path,
                    bool has_links) {
  const Result<std::vector<Attributes>> way = directory.way_up();
  if (!way) return way.error().in(path);
  for (std::size_t level = 0; level < way->size(); ++level) {
    const std::string shown = folder_above(path, level, has_links);
    if (Status fine = check_folder((*way)[level], uid, path, shown); !fine) return fine;
  }
  return {};
}

/// Every part of the path but the last, with what is in front of it.
std::vector<std::string> parts_before(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    const std::string name = part.substr(part.rfind('/') + 1);
    if (!name.empty() && name != "." && name != "..") parts.push_back(part);
  }
  return parts;
}

/// Whoever could exchange a link on the way could lead us elsewhere. True: there is a link.
Result<bool> check_links(Platform& platform, std::uint64_t uid, const std::string& path) {
  bool has_links = false;
  for (const std::string& part : parts_before(path)) {
    Result<Location> place = platform.locate(part);
    // A folder that may be passed but not read, such as /home with mode 711; the way up is checked
    // all the same.
    if (!place && place.error().code == Errc::permission) continue;
    if (!place) return place.error();
    if (place->name.empty()) continue;
    const Result<Attributes> found = place->directory->inspect_at(place->name);
    if (!found) return found.error();
    if (found->kind != NodeKind::symlink) continue;
    has_links = true;
    if (!is_ours(*found, uid)) {
      return refused(path, "the link " + part + " belongs to somebody else",
                     "name the file without it");
    }
    if (Status fine = check_way_up(*place->directory, uid, part, true); !fine) {
      return fine.error().in(path);
    }
  }
  return has_links;
}

Status check_location(Platform& platform, Directory& directory, const std::string& path) {
  const std::uint64_t uid = platform.account().uid;
  const Result<bool> has_links = check_links(platform, uid, path);
  if (!has_links) return has_links.error();
  return check_way_up(directory, uid, path, *has_links);
}

Result<std::string> read_up_to(Medium& medium, std::uint64_t max_bytes) {
  Bytes buffer(max_bytes + 1);
  std::size_t size = 0;
  while (size < buffer.size()) {
    const auto got = medium.read_at(std::span(buffer).subspan(size), size, Transfer::buffered);
    if (!got) return got.error();
    if (*got == 0) break;
    size += *got;
  }
  const bool too_long = size > max_bytes;
  std::string text = too_long ? std::string() : text_of(std::span(buffer).first(size));
  wipe(buffer);
  if (too_long) return Error{Errc::invalid, 0, "longer than " + human_bytes(max_bytes)};
  return text;
}

}  // namespace

Status check_folders(Platform& platform, const std::string& path) {
  const Result<Location> place = platform.locate(path);
  if (!place) return place.error();
  return check_location(platform, *place->directory, path);
}

Result<std::string> read_guarded_text(Platform& platform, const std::string& path, Guarded kind,
                                      std::uint64_t max_bytes) {
  const std::uint64_t uid = platform.account().uid;
  const Result<Location> place = platform.locate(path);
  if (!place) return place.error();
  const Result<Attributes> found = place->directory->inspect_at(place->name);
  if (!found) return found.error();
  // Said first, since opening has its own words for links and devices.
  if (Status fine = check_file(path, *found, kind, uid); !fine) return fine.error();
  if (Status fine = check_location(platform, *place->directory, path); !fine) return fine.error();
  const auto medium = place->directory->open_at(place->name, Access::read);
  if (!medium) return medium.error();
  const Result<Attributes> opened = (*medium)->attributes();
  if (!opened) return opened.error().in(path);
  if (Status fine = check_file(path, *opened, kind, uid); !fine) return fine.error();
  Result<std::string> text = read_up_to(**medium, max_bytes);
  if (!text) return text.error().in(path);
  return text;
}

}  // namespace quietus::cli
