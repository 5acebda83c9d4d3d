// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus free-space`: destroys what deleted files left, or cleans up after a run that was killed.
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/leftovers.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

/// Tells what became of leftovers, and remembers whether all went well.
class CleanUp {
 public:
  CleanUp(const Options& options, Seams& seams) : options_(options), seams_(seams) {}

  int run(const StopFlag& stop) {
    if (const auto state = state_path(options_, seams_.platform)) {
      auto jobs = seams_.platform.open_directory(jobs_path(*state));
      if (jobs) tell(clear_recorded(**jobs, seams_.platform, stop));
    }
    for (const std::string& path : options_.paths) {
      auto directory = seams_.platform.open_directory(path);
      if (!directory) {
        fail(directory.error().in(path));
        continue;
      }
      const std::size_t before = told_;
      tell(clear_found(**directory, path, seams_.platform, stop));
      if (told_ == before) tell_nothing(path);
    }
    return exit_code_;
  }

 private:
  void tell(const std::vector<Leftover>& leftovers) {
    for (const Leftover& one : leftovers) {
      if (!one.removed) {
        fail(one.removed.error().in(one.directory + "/" + one.folder));
        ++told_;
      } else if (one.remains.any()) {
        tell(one);
        ++told_;
      }
    }
  }

  void tell(const Leftover& one) {
    if (options_.json) {
      nlohmann::ordered_json line = {{"event", "cleaned_up"},
                                     {"folder", escaped(one.directory + "/" + one.folder)},
                                     {"names_removed", json_number(one.remains.names)},
                                     {"setting_restored", one.remains.restored}};
      seams_.console.out << line.dump() << "\n";
    } else if (!options_.quiet) {
      seams_.console.out << "removed " << escaped(one.directory + "/" + one.folder);
      if (one.remains.names > 0) {
        seams_.console.out << " and " << one.remains.names << " names in other directories";
      }
      if (one.remains.restored) seams_.console.out << "; restored what the file system keeps back";
      seams_.console.out << "\n";
    }
  }

  void tell_nothing(const std::string& path) {
    if (!options_.json && !options_.quiet) {
      seams_.console.out << escaped(path) << ": nothing was left there\n";
    }
  }

  void fail(const Error& error) {
    print_error(seams_.console.err, error);
    exit_code_ = row_of(Outcome::failed).exit_code;
  }

  const Options& options_;
  Seams& seams_;
  std::size_t told_ = 0;
  int exit_code_ = kExitOk;
};

}  // namespace

int run_free_space(const Options& options, Seams& seams) {
  if (!options.clean_up) return run_destroy(options, seams);
  int exit_code = kExitOk;
  StopFlag stop;
  seams.with_signals(
      stop, [] {}, [&] { exit_code = CleanUp(options, seams).run(stop); });
  return exit_code;
}

}  // namespace quietus::cli
