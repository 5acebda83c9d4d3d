// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus selftest`: every generator and scheme against its known answer.
#include <ostream>

#include "quietus/known_answers.h"
#include "quietus/outcome.h"
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

int run_selftest(const Options& options, Seams& seams) {
  std::ostream& out = seams.console.out;
  std::vector<KnownAnswer> answers = crypto_known_answers();
  for (const KnownAnswer& answer : scheme_known_answers()) answers.push_back(answer);
  std::size_t wrong = 0;
  for (const KnownAnswer& answer : answers) {
    if (!answer.ok) ++wrong;
    if (options.json) {
      out << R"({"event":"known_answer","name":")" << answer.name << R"(","ok":)"
          << (answer.ok ? "true" : "false") << "}\n";
    } else if (!options.quiet || !answer.ok) {
      out << (answer.ok ? "ok    " : "WRONG ") << answer.name << "\n";
    }
  }
  if (wrong == 0) return kExitOk;
  print_error(seams.console.err,
              {Errc::internal, 0, std::to_string(wrong) + " known answers are wrong",
               "do not destroy anything with this copy of the program"});
  return row_of(Outcome::failed).exit_code;
}

}  // namespace quietus::cli
