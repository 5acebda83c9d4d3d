// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate verify|show`: whether a certificate holds, and what it says. Writes nothing.
#include <algorithm>
#include <array>
#include <ostream>

#include "quietus/certificate_check.h"
#include "quietus/outcome.h"
#include "quietus/policy_table.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_file.h"
#include "cli/certificate_json.h"
#include "cli/policy_setup.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr std::array<std::string_view, 4> kNeeds{"operator", "witness", "approver", "log-witness"};

int fail(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

/// "a,b" and several of them.
Result<std::vector<std::string>> needs_from(const std::vector<std::string>& given) {
  std::vector<std::string> needs;
  for (const std::string& list : given) {
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      needs.push_back(list.substr(begin, end - begin));
      begin = end + 1;
      if (std::find(kNeeds.begin(), kNeeds.end(), needs.back()) != kNeeds.end()) continue;
      return Error{Errc::invalid, 0, "nobody can be needed as \"" + needs.back() + "\"",
                   "operator, witness, approver or log-witness"};
    }
  }
  return needs;
}

/// An id of a built-in policy, else a file.
Result<std::vector<Policy>> policies_from(const std::vector<std::string>& given,
                                          Platform& platform) {
  std::vector<Policy> policies;
  for (const std::string& one : given) {
    Result<Policy> policy = find_policy(one);
    if (!policy) policy = policy_from_file(platform, one);
    if (!policy) return policy.error();
    policies.push_back(std::move(*policy));
  }
  return policies;
}

void print_text(std::ostream& out, const CertificateCheck& check, bool in_page) {
  if (in_page) {
    out << "page: only the embedded record was checked, not the words around it\n";
  }
  for (const std::string& line : summary_of(check)) out << line << "\n";
}

int conclude(const CertificateCheck& check, const Options& options, Console& console) {
  if (check.exit_code == kExitOk) return kExitOk;
  Error error{Errc::untrusted, 0, options.paths.front() + ": " + check.reason};
  if (check.exit_code == kExitSignerUntrusted) {
    error.hint = "name the keys that count with --trust FILE";
  }
  return fail(console, error, check.exit_code);
}

}  // namespace

int run_certificate_verify(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust) return fail(console, trust.error().in("cannot use the trusted keys"), kExitUsage);
  Questions questions;
  const Result<std::vector<std::string>> needs = needs_from(options.needs);
  if (!needs) return fail(console, needs.error(), kExitUsage);
  const Result<std::vector<Policy>> policies = policies_from(options.decide_by, seams.platform);
  if (!policies) return fail(console, policies.error().in("cannot use the policy"), kExitUsage);
  const Result<CertificateFile> file = read_certificate_file(options.paths.front(), seams.platform);
  if (!file) return report_unreadable(console, file.error());
  questions.needs = *needs;
  questions.asset = options.asset;
  questions.receipts = file->receipts;
  for (const Policy& policy : *policies) questions.policies.push_back(&policy);
  const CertificateCheck check = check_certificate(file->envelope, *trust, questions);
  if (options.json) console.out << check_json(check, file->in_page) << "\n";
  if (!options.json && !options.quiet) print_text(console.out, check, file->in_page);
  return conclude(check, options, console);
}

int run_certificate_show(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust) return fail(console, trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<CertificateFile> file = read_certificate_file(options.paths.front(), seams.platform);
  if (!file) return report_unreadable(console, file.error());
  Questions questions;
  questions.receipts = file->receipts;
  const CertificateCheck check = check_certificate(file->envelope, *trust, questions);
  if (check.statement.empty()) return conclude(check, options, console);
  if (options.json) {
    console.out << check.full_statement;
    return kExitOk;
  }
  print_text(console.out, check, file->in_page);
  if (check.exit_code != kExitOk) {
    print_error(console.err, {Errc::untrusted, 0, "do not rely on it: " + check.reason});
  }
  return kExitOk;
}

}  // namespace quietus::cli
