// SPDX-License-Identifier: GPL-3.0-or-later
// From options to what is planned, and the question before it is done.
#include "cli/destroy_request.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <span>
#include <utility>

#include "quietus/keystream.h"
#include "quietus/report.h"
#include "quietus/secret.h"
#include "quietus/text.h"

#include "cli/destroy_setup.h"
#include "cli/guarded_file.h"
#include "cli/scheme_lookup.h"

namespace quietus::cli {
namespace {

/// A clock that reads before this was never set; the tool is younger.
constexpr Time kEarliest = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
constexpr const char* kConsent = "destroy";

constexpr std::uint64_t kMaxPsidFileBytes = 256;
constexpr std::size_t kMaxPsidBytes = 64;  // labels have 32 characters

/// Without a word: by the policy, unless it was said what to overwrite with and with nothing
/// besides. None: by the policy.
std::optional<Method> method_of(const Options& options) {
  if (options.command != Command::drives) return Method::overwrite;
  const bool overwrites = options.passes_given && !options.then_overwrite;
  if (options.method.empty() && overwrites) return Method::overwrite;
  return method_from(options.method);  // "auto" and nothing are none
}

/// Options that would have no effect were most likely meant otherwise. Errors: invalid.
Status check_method(const Options& options) {
  const std::optional<Method> method = method_from(options.method);
  const bool psid_given = !options.psid.empty() || !options.psid_file.empty();
  if (method == Method::overwrite && options.then_overwrite) {
    return Error{Errc::invalid, 0, "--then-overwrite comes after another method than overwriting"};
  }
  if (method && method != Method::overwrite && options.passes_given && !options.then_overwrite) {
    return Error{Errc::invalid, 0,
                 "--method " + options.method + " overwrites nothing, so it has no scheme",
                 "--then-overwrite overwrites by the scheme after it"};
  }
  if (psid_given && method != Method::opal_psid) {
    return Error{Errc::invalid, 0, "--psid and --psid-file are for --method opal-psid"};
  }
  return {};
}

void add_method(Rules& rules, const Options& options) {
  rules.method = method_of(options);
  rules.then_overwrite = options.then_overwrite;
  rules.keep_hidden_area = options.keep_hidden_area;
  rules.allow_usb_security = options.allow_usb_security;
  rules.allow_unrestricted_exit = options.allow_unrestricted_exit;
  rules.allow_format_unit = options.allow_format_unit;
  rules.with_siblings = options.with_siblings;
}

Result<Rules> rules_of(const Options& options, Platform& platform) {
  Rules rules;
  Result<Scheme> scheme = chosen_scheme(options, platform);
  if (!scheme) return scheme.error();
  rules.scheme = std::move(*scheme);
  rules.keystream = std::string(default_keystream().name);
  if (!options.keystream.empty()) {
    const auto backend = find_keystream(options.keystream);
    if (!backend) return backend.error();
    rules.keystream = options.keystream;
  }
  rules.rounds = options.rounds;
  rules.verify = options.verify;
  rules.recursive = options.recursive;
  rules.keep = options.keep;
  rules.best_effort = options.best_effort;
  rules.withhold_final_key = options.withhold_final_key;
  rules.sample_ppm = options.sample_ppm;
  rules.allow_member = options.allow_member;
  rules.stall_timeout_s = options.stall_timeout_s;
  rules.minimum_bytes_per_second = options.minimum_bytes_per_second;
  rules.names = options.names;
  rules.links = options.all_links   ? LinkMode::all
                : options.this_link ? LinkMode::only_name
                                    : LinkMode::refuse;
  rules.clear_attributes = options.clear_attributes;
  rules.deep = options.deep;
  rules.chase = options.chase;
  rules.slack = options.slack;
  rules.prove = options.prove;
  rules.to_the_last_block = options.to_the_last_block;
  rules.reserve_bytes = options.reserve_bytes;
  add_method(rules, options);
  return rules;
}

/// What the command line says of the drives that are meant.
DriveBinding binding_of(const Options& options) {
  DriveBinding binding;
  binding.serials = options.expect_serials;
  binding.wwns = options.expect_wwns;
  binding.sizes = options.expect_sizes;
  binding.asked_in_person = !options.yes || options.dry_run;
  return binding;
}

TargetKind kind_of(Command command) {
  if (command == Command::drives) return TargetKind::image;
  return command == Command::free_space ? TargetKind::free_space : TargetKind::files;
}

}  // namespace

Result<std::string> psid_of(const Options& options, Platform& platform) {
  std::string psid = options.psid;
  if (!options.psid_file.empty()) {
    Result<std::string> text =
        read_guarded_text(platform, options.psid_file, Guarded::secret, kMaxPsidFileBytes);
    if (!text) return text.error().in("cannot read the PSID");
    const WipesAtEnd wiped(*text);
    psid = *text;
    while (!psid.empty() && (psid.back() == '\n' || psid.back() == '\r')) psid.pop_back();
    if (psid.empty()) return Error{Errc::invalid, 0, "the file of the PSID is empty"};
  }
  const bool plain =
      std::all_of(psid.begin(), psid.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (psid.size() > kMaxPsidBytes || !plain) {
    return Error{Errc::invalid, 0, "a PSID is one word of at most 64 characters, as on the label"};
  }
  return psid;
}

WipesAtEnd::~WipesAtEnd() { wipe(std::as_writable_bytes(std::span(text_))); }

Result<Request> destroy_request(const Options& options, Platform& platform) {
  if (Status sensible = check_method(options); !sensible) return sensible.error();
  Result<std::string> psid = psid_of(options, platform);
  if (!psid) return psid.error();
  Result<Rules> rules = rules_of(options, platform);
  if (!rules) return rules.error();
  if (options.command != Command::drives && rules->verify == VerifyMode::sample) {
    return Error{Errc::invalid, 0, "files and free space are verified in full or not at all",
                 "--verify sample=PERCENT is for `quietus drives`"};
  }
  Request request{kind_of(options.command), options.paths, std::move(*rules),
                  own_places(options, platform), binding_of(options)};
  request.declarations = options.declarations;
  request.psid = std::move(*psid);
  return request;
}

void check_clock(const Options& options, Clock& clock, Plan& plan) {
  if (options.accept_clock || clock.now() >= kEarliest) return;
  plan.findings.push_back(
      {Finding::Level::refusal, "clock_before_2020", "the system's clock",
       "reads " + to_rfc3339(clock.now()) + ", which can't be right",
       "set the clock, or go on with --accept-clock, which the certificate states"});
}

namespace {

/// What a person reads off a drive to show that it is the one that is meant.
struct Proof {
  std::string question;
  std::string answer;
};

bool can_be_typed(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Proof proof_of(const DeviceFacts& device) {
  constexpr std::size_t kCharacters = 4;
  for (const auto& [what, text] : {std::pair{"serial", &device.serial}, {"WWN", &device.wwn}}) {
    if (!can_be_typed(*text)) continue;
    const std::string its = std::string("its ") + what;
    if (text->size() <= kCharacters) return {its, *text};
    return {"the last " + std::to_string(kCharacters) + " characters of " + its,
            text->substr(text->size() - kCharacters)};
  }
  return {"its size in bytes", std::to_string(device.size_bytes)};
}

std::string introduction_of(const Root& root) {
  const DeviceFacts& device = *root.device;
  return escaped(root.path) + ": " +
         (device.model.empty() ? "unknown model" : escaped(device.model)) + ", " +
         (device.serial.empty() ? "no serial" : "serial " + escaped(device.serial)) + ", " +
         (device.wwn.empty() ? "" : "WWN " + escaped(device.wwn) + ", ") +
         std::to_string(device.size_bytes) + " bytes (" + human_bytes(device.size_bytes) + ")";
}

bool answers(Console& console, const std::string& question, const std::string& expected) {
  console.err << question << ": ";
  console.err.flush();
  std::string answer;
  std::getline(console.in, answer);
  return answer == expected;
}

Finding not_confirmed(const std::string& object, const std::string& text) {
  return {Finding::Level::refusal, "not_confirmed", object, text};
}

}  // namespace

// Asks where a person sees it, below the plan that the question is about: for each drive what only
// that drive has, and for files and images a word.
std::vector<Finding> ask(const Options& options, const Plan& plan, Console& console) {
  const bool shown = !options.quiet && !options.json && console.out_is_terminal;
  if (!shown) print_plan(console.err, plan);
  bool others = false;
  for (const Target& target : plan.targets) {
    const Root& root = target.roots.front();
    others = others || !root.device;
    if (!root.device) continue;
    const Proof proof = proof_of(*root.device);
    console.err << introduction_of(root) << "\n";
    if (!answers(console, "To destroy it, type " + proof.question, proof.answer)) {
      return {not_confirmed(root.path, "was not confirmed: that was not " + proof.question)};
    }
  }
  const std::string word = std::string("Type '") + kConsent + "' to destroy the above";
  if (others && !answers(console, word, kConsent)) {
    return {not_confirmed("the plan", "was not confirmed")};
  }
  return {};
}

}  // namespace quietus::cli
