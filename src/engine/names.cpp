// SPDX-License-Identifier: GPL-3.0-or-later
// Removing names: a random name of the same length takes the old one's place before the entry goes.
#include "engine/names.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

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
Result<std::string> disguise(Directory& directory, const std::string& name, std::size_t length,
                             Random& random) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Result<std::string> fresh = random_name(length, random);
    if (!fresh) return fresh.error();
    const Status renamed = directory.rename_at(name, *fresh);
    if (renamed) return *fresh;
    if (renamed.error().code != Errc::exists) return renamed.error();
  }
  return name;
}

/// Through all the lengths that the mode asks for. The entry has one name at any time, `name` says
/// which.
Status hide(Directory& directory, std::string& name, NameMode mode, Random& random) {
  const std::size_t shortest = mode == NameMode::thorough ? 1 : name.size();
  for (std::size_t length = name.size(); length >= shortest; --length) {
    Result<std::string> hidden = disguise(directory, name, length, random);
    if (!hidden) return hidden.error();
    name = std::move(*hidden);
  }
  return {};
}

Fact name_stays(const std::string& why) {
  return {"name_not_removed", "the name could not be removed: " + why, true};
}

/// What is now under the hidden name goes, if it is the object that is meant. Returns why not.
std::optional<std::string> remove_hidden(const NamedEntry& entry, const std::string& hidden,
                                         Remover remover) {
  const Result<Attributes> found = entry.directory.inspect_at(hidden);
  if (!found) return found.error().what;
  if (!found->identity.same_object(entry.identity)) {
    return "another object had taken it; that one was left alone";
  }
  const Status removed = (entry.directory.*remover)(hidden);
  if (!removed) return removed.error().what;
  return std::nullopt;
}

std::optional<Fact> remove_entry(const NamedEntry& entry, NameMode mode, Random& random,
                                 Remover remover) {
  std::string hidden = entry.name;
  const Status disguised = hide(entry.directory, hidden, mode, random);
  std::optional<std::string> why;
  if (disguised) {
    why = remove_hidden(entry, hidden, remover);
  } else {
    why = disguised.error().what;
  }
  if (!why) return std::nullopt;
  if (hidden != entry.name) {
    const Status back = entry.directory.rename_at(hidden, entry.name);
    if (!back) *why += "; it is now called " + hidden;
  }
  return name_stays(*why);
}

}  // namespace

std::optional<Fact> remove_name(const NamedEntry& entry, NameMode mode, Random& random) {
  return remove_entry(entry, mode, random, &Directory::unlink_at);
}

std::optional<Fact> remove_directory_name(const NamedEntry& entry, NameMode mode, Random& random) {
  return remove_entry(entry, mode, random, &Directory::remove_directory_at);
}

}  // namespace quietus
