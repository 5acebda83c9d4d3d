// SPDX-License-Identifier: GPL-3.0-or-later
// Own places and reporters of destructive commands.
#include "cli/destroy_setup.h"

#include <utility>

#include "cli/state.h"

namespace quietus::cli {
namespace {

ProgressStyle progress_style(const Options& options, const Console& console) {
  if (options.progress == ProgressChoice::bar) return ProgressStyle::bar;
  if (options.progress == ProgressChoice::log) return ProgressStyle::log;
  if (options.progress == ProgressChoice::none) return ProgressStyle::none;
  return console.err_is_terminal ? ProgressStyle::bar : ProgressStyle::log;
}

}  // namespace

std::vector<OwnPlace> own_places(const Options& options, Platform& platform) {
  std::vector<OwnPlace> places;
  if (const auto state = state_path(options, platform)) {
    places.push_back({*state, "the state folder", true});
    places.push_back({certificate_path(options, *state),
                      "the certificate folder",
                      true,
                      {".cert.json", ".tlog-proof"}});
  }
  Options usual = options;
  usual.state_dir.clear();
  if (const auto state = state_path(usual, platform)) {
    places.push_back({*state, "the state folder of this account", true});
  }
  if (const auto program = platform.program_path()) places.push_back({*program, "this program"});
  if (!options.key.empty()) places.push_back({options.key, "the operator's key"});
  if (!options.manifest.empty()) places.push_back({options.manifest, "the manifest"});
  if (!options.scheme_file.empty()) places.push_back({options.scheme_file, "the scheme file"});
  if (!options.passphrase_file.empty()) {
    places.push_back({options.passphrase_file, "the passphrase file"});
  }
  return places;
}

std::unique_ptr<Reporter> reporter_for(const Options& options, Seams& seams) {
  Console& console = seams.console;
  MonotonicClock clock = [&seams] { return seams.clock.monotonic_us(); };
  if (options.json) return make_json_reporter(console.out, std::move(clock));
  TerminalStyle style;
  style.progress = progress_style(options, console);
  style.width = console.width;
  style.height = console.height;
  style.colour = console.out_is_terminal && !seams.platform.environment("NO_COLOR");
  style.quiet = options.quiet;
  return make_terminal_reporter(console.out, console.err, std::move(clock), style);
}

}  // namespace quietus::cli
