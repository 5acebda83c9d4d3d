// SPDX-License-Identifier: GPL-3.0-or-later
// Searches block devices for marks (see space_canaries.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/directory.h"
#include "quietus/space_evidence.h"

#include "engine/space_canaries.h"

namespace quietus {

struct MarkKind {
  std::string name;
  std::uint32_t number = 0;
  std::uint64_t planted = 0;
};

/// Counts each mark once, wherever and how often it is found. For one thread.
class MarkSearch {
 public:
  MarkSearch(const MarkMaker& maker, const std::vector<MarkKind>& kinds);
  /// Looks at one window; windows that follow each other overlap by kMarkBytes - 1.
  void look(std::string_view window);
  [[nodiscard]] std::vector<CanaryClass> classes() const;

 private:
  std::string common_;
  std::vector<MarkKind> kinds_;
  std::unordered_map<std::string, std::uint32_t> not_found_;  // by text: the kind's place
  std::vector<std::uint64_t> survivors_;
};

/// Reads every block device below `anywhere` from end to end.
[[nodiscard]] CanaryEvidence search_marks(Directory& anywhere, const MarkMaker& maker,
                                          const std::vector<MarkKind>& kinds,
                                          const Workbench& bench);

}  // namespace quietus
