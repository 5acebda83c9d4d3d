// SPDX-License-Identifier: GPL-3.0-or-later
// The form of errors and findings on a terminal.
#include <array>
#include <ostream>
#include <string_view>

#include "quietus/report.h"
#include "quietus/text.h"

#include "report/result_text.h"

namespace quietus {

void print_plan(std::ostream& out, const Plan& plan) {
  for (const std::string& line : lines_of(plan)) out << line << "\n";
  out.flush();
}

void print_error(std::ostream& err, const Error& error) {
  err << "error: " << escaped(error.what) << "\n";
  if (!error.hint.empty()) err << "hint: " << escaped(error.hint) << "\n";
}

void print_finding(std::ostream& err, const Finding& finding) {
  constexpr std::array<std::string_view, 3> kWords{"note", "warning", "error"};
  err << kWords.at(static_cast<std::size_t>(finding.level)) << ": " << escaped(finding.object)
      << ": " << escaped(finding.text) << " [" << finding.code << "]\n";
  if (!finding.hint.empty()) err << "hint: " << escaped(finding.hint) << "\n";
}

}  // namespace quietus
