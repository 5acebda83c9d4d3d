// SPDX-License-Identifier: GPL-3.0-or-later
// Built-in schemes: made from the table's rows, listed, and found by id.
#include <algorithm>
#include <numeric>
#include <string>

#include "quietus/scheme.h"

#include "scheme/notation.h"
#include "scheme/shred.h"
#include "scheme/table.h"

namespace quietus {
namespace {

constexpr std::string_view kShredPrefix = "shred-";
constexpr std::uint32_t kShredListed = 3;

Scheme scheme_of(const SchemeRow& row) {
  return Scheme{std::string(row.id),
                std::string(row.title),
                std::string(row.standard),
                std::string(row.clause),
                row.status,
                std::string(row.note),
                passes_from(row.passes).value_or(std::vector<Pass>{}),
                row.order};
}

/// Its listed passes are one possible order: every choice is the lowest.
Scheme shred_scheme(std::uint32_t count) {
  return Scheme{
      std::string(kShredPrefix) + std::to_string(count),
      "GNU shred, " + std::to_string(count) + (count == 1 ? " pass" : " passes"),
      "none: the program shred of GNU coreutils 9.1",
      "shred -n " + std::to_string(count),
      SchemeStatus::current,
      "For those who used shred, with any count from 1 to 1,000. No standard asks for it; "
      "use moj-3r. Unlike shred, this always reads the last pass back unless told not to. "
      "On flash, overwriting is clear at most",
      shred_passes(count, [](std::uint64_t) { return std::uint64_t{0}; }),
      PassOrder::shred};
}

std::vector<Scheme> all_schemes() {
  std::vector<Scheme> all;
  for (const SchemeRow& row : scheme_rows()) all.push_back(scheme_of(row));
  all.push_back(shred_scheme(kShredListed));
  return all;
}

/// Levenshtein distance: insertions, deletions and replacements from one to the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char letter : from) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (letter == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[to.size()];
}

std::string hint_for(std::string_view id) {
  constexpr std::size_t longest_worth_comparing = 64;
  if (id.starts_with(kShredPrefix)) return "shred-N takes N from 1 to 1000";
  if (id.size() > longest_worth_comparing) return "'quietus schemes' lists them";
  const auto all = built_in_schemes();
  const auto nearest = std::min_element(
      all.begin(), all.end(),
      [id](const Scheme& a, const Scheme& b) { return distance(id, a.id) < distance(id, b.id); });
  return "the nearest is " + nearest->id + "; 'quietus schemes' lists them";
}

}  // namespace

std::span<const Scheme> built_in_schemes() {
  static const std::vector<Scheme> all = all_schemes();
  return all;
}

Result<Scheme> find_scheme(std::string_view id) {
  const auto all = built_in_schemes();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const Scheme& s) { return s.id == id; });
  if (found != all.end()) return *found;
  if (id.starts_with(kShredPrefix)) {
    const auto count = count_from(id.substr(kShredPrefix.size()), kMaxPasses);
    if (count) return shred_scheme(*count);
  }
  return Error{Errc::not_found, 0, "no built-in scheme is called '" + std::string(id) + "'",
               hint_for(id)};
}

}  // namespace quietus
