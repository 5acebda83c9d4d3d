// SPDX-License-Identifier: GPL-3.0-or-later
// Finds out whether a target is, holds or lies in a place of our own.
#include "plan/own_places.h"

#include <algorithm>
#include <utility>

namespace quietus {
namespace {

constexpr std::size_t kMaxDepth = 4096;  // PATH_MAX / 1: no path that can be opened is deeper

Finding refusal(const std::string& path, std::string text) {
  return {Finding::Level::refusal, "own_state", path, std::move(text),
          "what this tool needs to work and to prove its work is never a target"};
}

bool is_called_so(const std::string& path, const std::vector<std::string>& suffixes) {
  return suffixes.empty() ||
         std::any_of(suffixes.begin(), suffixes.end(),
                     [&](const std::string& suffix) { return path.ends_with(suffix); });
}

bool holds(const Chain& chain, const Identity& identity) {
  return std::any_of(chain.begin(), chain.end(),
                     [&](const Identity& link) { return link.same_object(identity); });
}

/// The path of what holds it; empty: nothing that the path names.
std::string above(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path == "/") return {};
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return path == "." ? "" : ".";
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

/// Adds the directory and all above it.
Status climb(Directory& from, Chain& chain) {
  Directory* current = &from;
  std::unique_ptr<Directory> held;
  while (chain.size() < kMaxDepth) {
    const Result<Attributes> here = current->attributes();
    if (!here) return here.error();
    if (!chain.empty() && chain.back() == here->identity) return {};  // the top is its own parent
    chain.push_back(here->identity);
    auto above = current->open_parent();
    if (!above) return above.error();
    held = std::move(*above);
    current = held.get();
  }
  return Error{Errc::invalid, 0, "the directory lies too deep"};
}

}  // namespace

Result<Chain> chain_of(Directory& directory, const std::string& name) {
  Chain chain;
  if (!name.empty()) {
    const Result<Attributes> self = directory.inspect_at(name);
    if (!self) return self.error();
    chain.push_back(self->identity);
  }
  if (Status climbed = climb(directory, chain); !climbed) return climbed.error();
  return chain;
}

OwnPlaces::OwnPlaces(const std::vector<OwnPlace>& places, Platform& platform) {
  for (const OwnPlace& place : places) {
    add_by_name(place, platform);
    // A folder may be named by a link; what the link leads to is ours too.
    const auto folder = platform.open_directory(place.path);
    if (!folder) continue;
    if (Result<Chain> chain = chain_of(**folder, "")) known_.push_back({place, std::move(*chain)});
  }
}

void OwnPlaces::add_by_name(OwnPlace place, Platform& platform) {
  for (std::string path = place.path; !path.empty(); path = above(path)) {
    Result<Location> location = platform.locate(path);
    if (!location) continue;
    if (Result<Chain> chain = chain_of(*location->directory, location->name)) {
      place.exclusive = place.exclusive && path == place.path;
      known_.push_back({std::move(place), std::move(*chain)});
      return;
    }
  }
}

std::optional<Finding> OwnPlaces::conflict(const std::string& path, const Chain& target) const {
  for (const Known& own : known_) {
    if (own.chain.empty() || target.empty()) continue;
    const bool holds_it = holds(own.chain, target.front());
    const bool lies_in_it = own.place.exclusive && holds(target, own.chain.front()) &&
                            is_called_so(path, own.place.suffixes);
    if (!holds_it && !lies_in_it) continue;
    return refusal(path, (lies_in_it ? "lies in " : "is or holds ") + own.place.what);
  }
  return std::nullopt;
}

std::optional<Finding> OwnPlaces::within(const std::string& path, const Chain& directory) const {
  for (const Known& own : known_) {
    if (own.chain.empty() || !own.place.exclusive || !own.place.suffixes.empty()) continue;
    if (holds(directory, own.chain.front())) return refusal(path, "lies in " + own.place.what);
  }
  return std::nullopt;
}

std::optional<Finding> OwnPlaces::conflict(const std::string& path,
                                           const std::set<std::uint64_t>& numbers) const {
  for (const Known& own : known_) {
    if (own.chain.empty() || !numbers.contains(own.chain.front().device)) continue;
    return refusal(path, "holds " + own.place.what);
  }
  return std::nullopt;
}

}  // namespace quietus
