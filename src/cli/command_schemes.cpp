// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus schemes`: what there is to overwrite with, and what each is worth reading before.
#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/scheme_lookup.h"

namespace quietus::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void print_row(std::ostream& out, const Scheme& scheme) {
  out << padded(scheme.id, 14) << " " << padded(std::to_string(scheme.passes.size()), 3) << " "
      << padded(std::string(name_of(scheme.status)), 9) << " " << escaped(scheme.title) << "\n";
}

void print_whole(std::ostream& out, const Scheme& scheme) {
  out << scheme.id << ": " << escaped(scheme.title) << "\n"
      << "status: " << name_of(scheme.status) << "\n";
  if (!scheme.standard.empty()) {
    out << "standard: " << escaped(scheme.standard);
    if (!scheme.clause.empty()) out << ", " << escaped(scheme.clause);
    out << "\n";
  }
  if (!scheme.note.empty()) out << "note: " << escaped(scheme.note) << "\n";
  if (scheme.order == PassOrder::gutmann) out << "order: passes 5 to 31 in random order\n";
  if (scheme.order == PassOrder::shred)
    out << "order: mixed anew for each run; one possible order:\n";
  out << "passes:\n";
  for (std::size_t i = 0; i < scheme.passes.size(); ++i) {
    const Pass& pass = scheme.passes[i];
    out << "  " << padded(std::to_string(i + 1), 4) << to_text(pass.pattern)
        << (pass.verify ? ", verified" : "") << "\n";
  }
}

nlohmann::ordered_json json_of(const Scheme& scheme) {
  nlohmann::ordered_json passes = nlohmann::ordered_json::array();
  for (const Pass& pass : scheme.passes) {
    passes.push_back({{"pattern", to_text(pass.pattern)}, {"verify", pass.verify}});
  }
  return {{"event", "scheme"},       {"id", scheme.id},
          {"title", scheme.title},   {"standard", scheme.standard},
          {"clause", scheme.clause}, {"status", name_of(scheme.status)},
          {"note", scheme.note},     {"passes", passes}};
}

void print(const Options& options, std::ostream& out, const Scheme& scheme, bool whole) {
  if (options.json) {
    out << to_line(json_of(scheme)) << "\n";
  } else if (whole) {
    print_whole(out, scheme);
  } else {
    print_row(out, scheme);
  }
}

}  // namespace

int run_schemes(const Options& options, Seams& seams) {
  std::ostream& out = seams.console.out;
  if (!options.paths.empty()) {
    const Result<Scheme> scheme = scheme_by_id(options.paths.front(), seams.platform);
    if (!scheme) {
      print_error(seams.console.err, scheme.error());
      return kExitUsage;
    }
    print(options, out, *scheme, true);
    return kExitOk;
  }
  for (const Scheme& scheme : built_in_schemes()) print(options, out, scheme, false);
  std::vector<Error> problems;
  for (const Scheme& scheme : custom_schemes(seams.platform, problems)) {
    print(options, out, scheme, false);
  }
  for (const Error& problem : problems) print_error(seams.console.err, problem);
  return problems.empty() ? kExitOk : kExitUsage;
}

}  // namespace quietus::cli
