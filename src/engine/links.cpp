// SPDX-License-Identifier: GPL-3.0-or-later
// Links: how many names of each file with several lie in what was named.
#include "engine/links.h"

#include <algorithm>

namespace quietus {
namespace {

std::string others(std::uint64_t names) {
  return std::to_string(names) + (names == 1 ? " other name" : " other names");
}

}  // namespace

bool LinkCensus::lost_any() const {
  return std::any_of(files_.begin(), files_.end(), [](const auto& entry) {
    const LinkedFile& file = entry.second;
    return file.state == LinkedFile::State::taken && file.dealt_with < file.found;
  });
}

std::string names_elsewhere_text(std::uint64_t names) {
  return "has " + others(names) +
         " (hard links) outside of what was named, so nothing of it was touched";
}

std::string data_reachable_text(std::uint64_t names) {
  return "the data was not destroyed: it stays reachable by " + others(names);
}

}  // namespace quietus
