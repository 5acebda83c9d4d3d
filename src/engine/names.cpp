// SPDX-License-Identifier: GPL-3.0-or-later
// Removing names: a random name of the same length takes the old one's place before the entry goes.
#include "engine/names.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace quietus {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz012345";  // 32: no bias
constexpr int kTries = 64;  // short names may all be taken

using Remover = Status (Directory::*)(const std::string&);

Result<std::string> random_name(std::size_t length, Random& random) {
  std::array<std::byte, 256> noise{};
  std::string name;
  while (name.size() < length) {
    if (Status filled = random.fill(noise); !filled) return filled.error();
    for (const std::byte byte : noise) {
      if (name.size() == length) break;
      name += kLetters[std::to_integer<std::size_t>(byte) % kLetters.size()];
    }
  }
  return name;
}

/// The new name; the old one where no free name of that length was found.
Result<std::string> disguise(Directory& directory, const std::string& name, Random& random) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Result<std::string> fresh = random_name(name.size(), random);
    if (!fresh) return fresh.error();
    const Status renamed = directory.rename_at(name, *fresh);
    if (renamed) return *fresh;
    if (renamed.error().code != Errc::exists) return renamed.error();
  }
  return name;
}

Fact name_stays(const std::string& why) {
  return {"name_not_removed", "the name could not be removed: " + why, true};
}

std::optional<Fact> remove_entry(Directory& directory, const std::string& name,
                                 const Identity& identity, Random& random, Remover remover) {
  const Result<std::string> disguised = disguise(directory, name, random);
  if (!disguised) return name_stays(disguised.error().what);
  std::string why;
  const Result<Attributes> entry = directory.inspect_at(*disguised);
  if (!entry) {
    why = entry.error().what;
  } else if (!entry->identity.same_object(identity)) {
    why = "another object had taken it; that one was left alone";
  } else {
    const Status removed = (directory.*remover)(*disguised);
    if (removed) return std::nullopt;
    why = removed.error().what;
  }
  if (*disguised != name) {
    const Status back = directory.rename_at(*disguised, name);
    if (!back) why += "; it is now called " + *disguised;
  }
  return name_stays(why);
}

}  // namespace

std::optional<Fact> remove_name(Directory& directory, const std::string& name,
                                const Identity& identity, Random& random) {
  return remove_entry(directory, name, identity, random, &Directory::unlink_at);
}

std::optional<Fact> remove_directory_name(Directory& parent, const std::string& name,
                                          const Identity& identity, Random& random) {
  return remove_entry(parent, name, identity, random, &Directory::remove_directory_at);
}

}  // namespace quietus
