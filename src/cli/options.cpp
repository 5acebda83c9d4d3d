// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar, by CLI11. No rule about what to destroy lives here.
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "quietus/outcome.h"
#include "quietus/text.h"

#include "cli/options_parts.h"
#include "cli/version.h"

namespace quietus::cli {
void add_record_options(CLI::App& app, Options& options) {
  app.add_option("--state-dir", options.state_dir, "Folder for keys, ledger and certificates")
      ->type_name("DIR");
  app.add_flag("--volatile-state", options.volatile_state,
               "Allow a state folder that does not survive a restart");
  app.add_flag("--json", options.json, "One JSON object a line on standard output");
  app.add_flag("--quiet", options.quiet, "Print errors and warnings only");
  app.add_flag("--verbose", options.verbose, "Say on standard error what is being done");
}

void add_key_options(CLI::App& app, Options& options) {
  app.add_option("--passphrase-fd", options.passphrase_fd,
                 "Read the key's passphrase from this descriptor")
      ->type_name("N");
  app.add_option("--passphrase-file", options.passphrase_file,
                 "Read the key's passphrase from this file")
      ->type_name("FILE");
}

namespace {

/// A word and what it means.
template <class Value>
using Words = std::map<std::string, Value>;

/// An option that takes one of some words. (CLI11's own transformer also takes any number.)
template <class Value>
CLI::Option& add_choice(CLI::App& app, const std::string& name, Value& chosen,
                        const std::string& title, const Words<Value>& words) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  const auto choose = [&chosen, words](const std::string& word) { chosen = words.at(word); };
  return *app.add_option_function<std::string>(name, choose, title)
              ->check(CLI::IsMember(names).description(""));
}

}  // namespace

void add_output_options(CLI::App& app, Options& options) {
  app.add_option("--certificate-dir", options.certificate_dir, "Folder for certificates")
      ->type_name("DIR");
  app.add_option("--key", options.key, "The operator's key, which also signs the certificate")
      ->type_name("FILE");
  const Words<ProgressChoice> styles{{"auto", ProgressChoice::automatic},
                                     {"bar", ProgressChoice::bar},
                                     {"log", ProgressChoice::log},
                                     {"none", ProgressChoice::none}};
  add_choice(app, "--progress", options.progress, "auto, bar, log or none", styles)
      .type_name("STYLE")
      ->default_str("auto");
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& title,
                      Command command, Options& options) {
  CLI::App* app = parent.add_subcommand(name, title);
  app->callback([&options, command] { options.command = command; });
  return *app;
}

namespace {

/// "12.5" percent as parts per million, 1 to 1,000,000. Throws CLI::ValidationError.
std::uint32_t parts_per_million(const std::string& percent) {
  constexpr std::size_t kDecimals = 4;
  constexpr std::uint64_t kAll = 1'000'000;
  const std::size_t point = percent.find('.');
  std::string digits = percent.substr(0, point);
  std::string decimals = point == std::string::npos ? "" : percent.substr(point + 1);
  const bool bare_point = point != std::string::npos && decimals.empty();
  if (!digits.empty() && digits.size() <= 3 && decimals.size() <= kDecimals && !bare_point) {
    decimals.resize(kDecimals, '0');
    digits.append(decimals);
    digits.erase(0, digits.find_first_not_of('0'));
    const auto parts = decimal_from(digits);
    if (parts && *parts > 0 && *parts <= kAll) return static_cast<std::uint32_t>(*parts);
  }
  throw CLI::ValidationError("a sample takes 0.0001 to 100 percent, not " + percent);
}

void choose_verification(const std::string& mode, Options& options) {
  constexpr std::string_view kSample = "sample=";
  if (mode == "full" || mode == "none") {
    options.verify = mode == "full" ? VerifyMode::full : VerifyMode::none;
  } else if (mode.starts_with(kSample)) {
    options.verify = VerifyMode::sample;
    options.sample_ppm = parts_per_million(mode.substr(kSample.size()));
  } else {
    throw CLI::ValidationError("--verify takes full, sample=PERCENT or none, not " + mode);
  }
}

/// "50M" as bytes; K, M, G are 1024-based. Throws CLI::ValidationError.
std::uint64_t byte_count(std::string text) {
  constexpr std::string_view kUnits = "KMG";
  std::uint64_t unit = 1;
  const std::string given = text;
  if (!text.empty() && kUnits.find(text.back()) != std::string_view::npos) {
    unit = std::uint64_t{1} << (10 * (kUnits.find(text.back()) + 1));
    text.pop_back();
  }
  const auto count = decimal_from(text);
  if (!count || *count == 0 || *count > UINT64_MAX / unit) {
    throw CLI::ValidationError("not a number of bytes: " + given);
  }
  return *count * unit;
}

void add_drive_options(CLI::App& app, Options& options) {
  app.add_option("--expect-serial", options.expect_serials,
                 "The serial of a drive that is meant; once for each")
      ->type_name("SERIAL")
      ->allow_extra_args(false);
  app.add_option("--expect-wwn", options.expect_wwns, "Its WWN instead")
      ->type_name("WWN")
      ->allow_extra_args(false);
  app.add_option_function<std::vector<std::string>>(
         "--expect-size",
         [&options](const std::vector<std::string>& sizes) {
           for (const std::string& size : sizes) options.expect_sizes.push_back(byte_count(size));
         },
         "The size in bytes of a device that has neither")
      ->type_name("BYTES")
      ->allow_extra_args(false);
  app.add_flag("--allow-member", options.allow_member,
               "Also members of RAID, LVM, ZFS or bcache, by what is written on them");
  app.add_option("--stall-timeout", options.stall_timeout_s,
                 "Give a drive up that does nothing for so long; of its own methods, stop waiting")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  app.add_option_function<std::string>(
         "--minimum-rate",
         [&options](const std::string& rate) {
           options.minimum_bytes_per_second = byte_count(rate);
         },
         "Give a drive up that is slower than so many bytes a second for a minute (K, M, G)")
      ->type_name("RATE");
}

void add_method_options(CLI::App& app, Options& options) {
  app.add_option("--scheme", options.scheme, "What to overwrite with (see: quietus schemes)")
      ->type_name("ID")
      ->capture_default_str();
  app.add_option("--scheme-file", options.scheme_file, "Take the scheme from this TOML file")
      ->type_name("FILE");
  app.add_option("--rounds", options.rounds, "Repeat the whole scheme N times")
      ->type_name("N")
      ->check(CLI::Range(1, 100));
  app.add_option("--keystream", options.keystream,
                 "Generator of random passes: aes_256_ctr or chacha20")
      ->type_name("NAME");
  app.add_option_function<std::string>(
         "--verify", [&options](const std::string& mode) { choose_verification(mode, options); },
         "Read back and compare: full, sample=PERCENT (images and drives) or none")
      ->type_name("MODE")
      ->default_str("full");
}

void add_consent_options(CLI::App& app, Options& options) {
  app.add_flag("--dry-run", options.dry_run, "Show the plan and write nothing");
  app.add_flag("--yes", options.yes, "Do not ask for confirmation");
  app.add_flag("--skip-refused", options.skip_refused,
               "Go on without the targets that are refused");
  app.add_flag("--best-effort", options.best_effort,
               "Overwrite and remove even where old data may remain");
  app.add_flag("--accept-clock", options.accept_clock,
               "Work with a clock that reads before 2020; the certificate says so");
}

void add_destroy_options(CLI::App& app, Options& options) {
  add_method_options(app, options);
  add_consent_options(app, options);
  add_declaration_options(app, options);
  add_output_options(app, options);
  add_key_options(app, options);
  add_record_options(app, options);
}

void add_files(CLI::App& app, Options& options) {
  CLI::App& files = add_command(app, "files", "Destroy files: overwrite, read back, remove",
                                Command::files, options);
  files.add_option("PATH", options.paths, "Files; with --recursive also directories")->required();
  files.add_flag("-r,--recursive", options.recursive, "Destroy everything below directories");
  files.add_flag("--keep", options.keep, "Overwrite, but keep the files and their names");
  files.add_option("--manifest", options.manifest, "Write a line for every file to FILE")
      ->type_name("FILE");
  add_choice(files, "--names", options.names,
             "How names are hidden: plain, or thorough (a rename to each shorter length)",
             Words<NameMode>{{"plain", NameMode::plain}, {"thorough", NameMode::thorough}})
      .type_name("MODE")
      ->default_str("plain");
  CLI::Option* all_links =
      files.add_flag("--all-links", options.all_links,
                     "Files with hard links: destroy those whose names are all among PATHs");
  files
      .add_flag("--this-link", options.this_link,
                "Files with hard links: remove the name only; the data stays reachable")
      ->excludes(all_links);
  files.add_flag("--clear-attributes", options.clear_attributes,
                 "Also files that are immutable, append-only or write-protected");
  files.add_flag("--deep", options.deep,
                 "Also what metadata keeps: names, attributes, inline and journalled copies");
  files.add_flag("--chase", options.chase,
                 "Fill free space until the blocks that held the data are used anew");
  add_destroy_options(files, options);
  files.footer("Example: quietus files --yes report.odt");
}

void add_drives(CLI::App& app, Options& options) {
  CLI::App& drives =
      add_command(app, "drives", "Destroy what is on whole drives, partitions and disk images",
                  Command::drives, options);
  drives.add_option("DEVICE", options.paths, "Block devices and disk images")->required();
  drives.add_flag("--withhold-final-key", options.withhold_final_key,
                  "Leave the last pass's key out of the certificate");
  add_drive_options(drives, options);
  add_destroy_options(drives, options);
  add_drive_method_options(drives, options);
  drives.footer(
      "Examples: quietus drives --yes --expect-serial S3Z8NX0K /dev/sdb\n"
      "          quietus drives --method sanitize-crypto /dev/nvme0n1\n"
      "          quietus drives --scheme random --yes disk.img");
}

void add_free_space(CLI::App& app, Options& options) {
  CLI::App& space = add_command(app, "free-space", "Destroy what deleted files left in free space",
                                Command::free_space, options);
  space.add_option("DIR", options.paths, "A directory on the file system")->required();
  space.add_flag("--slack", options.slack, "Also the space behind the ends of live files");
  space.add_flag("--prove", options.prove,
                 "Plant marks first, and look for them on the block device afterwards");
  CLI::Option* reserve =
      space
          .add_option_function<std::string>(
              "--reserve",
              [&options](const std::string& size) {
                options.reserve_bytes = size == "0" ? 0 : byte_count(size);
              },
              "Leave so many bytes free (K, M, G); default on the file systems of / and /var: "
              "1 %, at least 64M")
          ->type_name("BYTES");
  space
      .add_flag("--to-the-last-block", options.to_the_last_block, "Leave nothing free for a moment")
      ->excludes(reserve);
  CLI::Option* clean_up = space.add_flag("--clean-up", options.clean_up,
                                         "Only remove what a run that was killed left there");
  add_destroy_options(space, options);
  clean_up->excludes(space.get_option("--dry-run"));
  space.footer("Example: quietus free-space --yes --slack --prove /srv/data");
}

void add_after_drives(CLI::App& app, Options& options) {
  CLI::App& resume = add_command(app, "resume", "List unfinished jobs, or go on with one",
                                 Command::resume, options);
  resume.add_option("JOB", options.paths, "The job's id")->expected(0, 1);
  resume.add_flag("--yes", options.yes, "Accepted; the consent was given when the job began");
  add_output_options(resume, options);
  add_key_options(resume, options);
  add_record_options(resume, options);
  CLI::App& recheck = add_command(app, "recheck", "Compare a medium with what its certificate says",
                                  Command::recheck, options);
  recheck
      .add_option("CERTIFICATE DEVICE", options.paths, "The certificate, then the device or image")
      ->required()
      ->expected(2);
  recheck
      .add_option_function<std::string>(
          "--sample",
          [&options](const std::string& percent) {
            options.sample_ppm = parts_per_million(percent);
          },
          "Read a random sample of so many percent only")
      ->type_name("PERCENT");
  add_trust_options(recheck, options);
  add_output_options(recheck, options);
  add_key_options(recheck, options);
  add_record_options(recheck, options);
  add_record_options(
      add_command(app, "list", "Show the block devices, what is on them and who uses them",
                  Command::list, options),
      options);
}

void add_run(CLI::App& app, Options& options) {
  CLI::App& run =
      add_command(app, "run", "Carry out exactly what a plan says", Command::run_plan, options);
  run.add_option("PLAN", options.paths, "The plan's file")->required()->expected(1);
  run.add_flag("--yes", options.yes, "Do not ask for confirmation");
  run.add_flag("--dry-run", options.dry_run, "Check the plan, show it, and write nothing");
  run.add_flag("--accept-clock", options.accept_clock,
               "Work with a clock that reads before 2020; the certificate says so");
  run.add_option("--manifest", options.manifest, "Write a line for every file to FILE")
      ->type_name("FILE");
  add_psid_options(run, options);
  add_trust_options(run, options);
  add_output_options(run, options);
  add_key_options(run, options);
  add_record_options(run, options);
}

void add_others(CLI::App& app, Options& options) {
  CLI::App& schemes = add_command(app, "schemes", "List overwriting schemes, or explain one",
                                  Command::schemes, options);
  schemes.add_option("ID", options.paths, "A scheme's id")->expected(0, 1);
  add_record_options(schemes, options);
  add_record_options(add_command(app, "selftest", "Known answers of every scheme and generator",
                                 Command::selftest, options),
                     options);
  CLI::App& demo = add_command(app, "demo", "Destroy a throw-away image and show every step",
                               Command::demo, options);
  add_record_options(demo, options);
}

std::string program_help() {
  return "Destroys data, reads back, and signs what it knows.\n"
         "Overwriting clears at most; it can't reach what an SSD or a copy-on-write file\n"
         "system keeps elsewhere. The result says what was reached.";
}

/// Why an argument would be taken for another one than was typed; empty: none would. CLI11 takes
/// "[a,b]" for a list of a and b, "++" for the end of a command, and the argument after "--option="
/// for that option's value.
std::string misread(const std::vector<std::string>& arguments) {
  bool options_may_come = true;
  for (const std::string& one : arguments) {
    if (one.empty()) return "an argument is empty; nothing was done";
    if (one == "++" || (one.starts_with('[') && one.ends_with(']'))) {
      std::string why = one;
      why.append(" has a meaning of its own here; if it is a path, write ./").append(one);
      return why;
    }
    if (one == "--") options_may_come = false;
    if (options_may_come && one.starts_with("--") && one.ends_with('=')) {
      return one + " has no value; nothing was done";
    }
  }
  return {};
}

EarlyExit usage_error(const std::string& what) {
  return {"", "error: " + escaped(what) + "\nhint: quietus --help lists commands and options\n",
          kExitUsage};
}

/// CLI11's own help of everything stops at the first level.
std::string help_of_groups(CLI::App& app) {
  std::string text;
  const auto any = [](const CLI::App*) { return true; };
  for (const CLI::App* group : app.get_subcommands(any)) {
    if (group->get_subcommands(any).empty()) continue;
    text += "\n" + group->help("quietus", CLI::AppFormatMode::All);
  }
  return text;
}

EarlyExit early_exit(CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    std::ostringstream out;
    std::ostringstream err;
    app.exit(error, out, err);
    const bool of_everything =
        error.get_name() == "CallForAllHelp" && app.get_subcommands().empty();
    if (of_everything) out << help_of_groups(app);
    return {out.str(), err.str(), kExitOk};
  }
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return usage_error(what);
}

bool has_command(CLI::App& app, const std::string& name) {
  const auto named_so = [&](const CLI::App* one) { return one->get_name() == name; };
  return !app.get_subcommands(named_so).empty();
}

}  // namespace

void add_destroying_commands(CLI::App& app, Options& options) {
  add_files(app, options);
  add_drives(app, options);
  add_free_space(app, options);
}

std::variant<Options, EarlyExit> parse(const std::vector<std::string>& arguments) {
  if (const std::string why = misread(arguments); !why.empty()) return usage_error(why);
  Options options;
  CLI::App app(program_help(), "quietus");
  app.set_version_flag("--version", std::string("quietus ") + kVersion);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  add_destroying_commands(app, options);
  add_plan_commands(app, options);
  add_run(app, options);
  add_after_drives(app, options);
  add_status_command(app, options);
  add_letter_command(app, options);
  add_others(app, options);
  add_certificate_commands(app, options);
  add_key_commands(app, options);
  add_trust_commands(app, options);
  add_ledger_commands(app, options);
  add_policy_commands(app, options);
  const auto word = std::find_if(arguments.begin(), arguments.end(),
                                 [](const std::string& one) { return !one.starts_with('-'); });
  if (word != arguments.end() && !has_command(app, *word)) {
    return usage_error("there is no command '" + *word + "'");
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return early_exit(app, error);
  }
  return options;
}

}  // namespace quietus::cli
