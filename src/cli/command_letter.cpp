// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus letter`: drafts the letter by which a person confirms a destruction, from certificates
// that hold. Signs nothing; refuses over anything that the letter could not say honestly.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/certificate_check.h"
#include "quietus/letter.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_file.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Why a certificate can't be part of a letter.
struct Obstacle {
  int exit_code = 1;
  Error error;
};

Obstacle refused(std::string what, std::string hint = {}) {
  return {row_of(Outcome::refused).exit_code, {Errc::invalid, 0, std::move(what), std::move(hint)}};
}

/// What the medium must be permitted to be let go for.
Permits needed_for(const std::string& purpose) {
  const bool stays = purpose == name_of(Purpose::reuse) || purpose == name_of(Purpose::destruction);
  return stays ? Permits::internal_reuse : Permits::release;
}

bool permits(const Json& decision, Permits needed) {
  const std::string word = decision.value("permits", "");
  for (const Permits one : {Permits::interim, Permits::internal_reuse, Permits::release}) {
    if (word == name_of(one)) return one >= needed;
  }
  return false;
}

/// The policies in force: those asked for, or all where none was.
std::optional<Obstacle> policy_obstacle(const Json& predicate) {
  const std::string purpose = predicate.at("data").value("purpose", "");
  const Permits needed = needed_for(purpose);
  const Json& policies = predicate.at("policies");
  if (policies.empty()) return refused("no policy has decided on it");
  const bool asked = std::any_of(policies.begin(), policies.end(),
                                 [](const Json& one) { return one.value("asked_for", false); });
  for (const Json& one : policies) {
    if (asked && !one.value("asked_for", false)) continue;
    const char* const hint = "`quietus certificate render --text` has the reasons";
    if (!permits(one, needed)) {
      return refused("the policy " + one.value("id", "") + " permits " + one.value("permits", "") +
                         ", and the purpose is " + purpose,
                     hint);
    }
    if (!one.value("met", false)) {
      return refused("the policy " + one.value("id", "") + " is not met", hint);
    }
  }
  return std::nullopt;
}

/// What was decided with the signatures that are there by now goes before what was issued.
void put_decisions(Json& policies, const std::vector<PolicyDecision>& now) {
  for (Json& one : policies) {
    for (const PolicyDecision& again : now) {
      const bool same = one.value("id", "") == again.id && one.value("digest", "") == again.digest;
      if (!same) continue;
      one["met"] = again.met;
      one["permits"] = name_of(again.permits);
    }
  }
}

std::optional<Obstacle> outcome_obstacle(const std::string& outcome) {
  if (outcome == row_of(Outcome::sanitized).name) return std::nullopt;
  return refused("its outcome is " + outcome + ", which is no complete destruction to confirm");
}

std::string asset_in_words(const Json& predicate) {
  const Json& asset = predicate.at("asset");
  std::string out = predicate.value("target", "");
  for (const char* key : {"tag", "vendor", "model", "serial", "path"}) {
    if (const std::string text = asset.value(key, ""); !text.empty()) {
      out += std::string(out.empty() ? "" : ", ") + key + " " + text;
    }
  }
  return out;
}

std::string method_in_words(const Json& predicate) {
  const Json& method = predicate.at("method");
  std::string out = method.value("method", method.value("technique", ""));
  std::replace(out.begin(), out.end(), '_', ' ');
  if (const std::string command = method.value("command", ""); !command.empty()) {
    return out + ": " + command;
  }
  if (method.contains("scheme")) out += ", " + method.at("scheme").value("title", "");
  return out;
}

std::string category_in_words(const Json& predicate) {
  const Json& method = predicate.at("method");
  const std::string basis = method.value("category_basis", "");
  return method.value("category", "") + (basis.empty() ? "" : ": " + basis);
}

/// Puts one value for the whole letter; two that differ need an option.
std::optional<Obstacle> agree(std::string& chosen, const std::string& found, bool given,
                              const char* option) {
  if (given || found.empty() || chosen == found) return std::nullopt;
  if (!chosen.empty()) {
    return refused("the certificates do not agree: " + chosen + ", " + found,
                   std::string(option) + " says which");
  }
  chosen = found;
  return std::nullopt;
}

/// Gathers a letter from certificates, one after the other.
class Draft {
 public:
  Draft(const Options& options, Letter letter) : options_(options), letter_(std::move(letter)) {}

  std::optional<Obstacle> add(const CertificateCheck& check,
                              const std::vector<PolicyDecision>& now) {
    if (check.kind != StatementKind::certificate) {
      return refused("it is a " + std::string(name_of(check.kind)) + ", not a certificate");
    }
    for (const LetterRecord& other : letter_.records) {
      if (other.certificate_id == check.certificate_id) return refused("it is named twice");
    }
    if (auto obstacle = outcome_obstacle(check.outcome)) return obstacle;
    Json statement = Json::parse(check.full_statement, nullptr, false);
    try {
      put_decisions(statement.at("predicate").at("policies"), now);
      return add(check, statement.at("predicate"));
    } catch (const Json::exception&) {
      return refused("it does not say what a letter needs: an older version made it");
    }
  }

  [[nodiscard]] const Letter& letter() const { return letter_; }

 private:
  std::optional<Obstacle> add(const CertificateCheck& check, const Json& predicate) {
    if (auto obstacle = policy_obstacle(predicate)) return obstacle;
    const Json& copies = predicate.at("residual_copies");
    const std::string date = copies.value("final_date", "");
    if (!copies.value("stated", false)) {
      return refused("it does not say whether other copies remain",
                     "such a run needs --no-residual-copies or --residual-copy WHAT=DATE");
    }
    if (date.empty()) {
      return refused("a residual copy has no date by which it is gone",
                     "such a run needs --residual-copy WHAT=DATE for each");
    }
    const Declarations& given = options_.declarations;
    auto obstacle = agree(letter_.organisation, predicate.value("organisation", ""),
                          !given.organisation.empty(), "--organisation");
    if (!obstacle) {
      obstacle = agree(letter_.contract_ref, predicate.at("custody").value("contract_ref", ""),
                       !given.custody.contract_ref.empty(), "--contract-ref");
    }
    if (obstacle) return obstacle;
    letter_.final_date = std::max(letter_.final_date, date);
    letter_.copies_remain = letter_.copies_remain || !copies.value("none_known", false);
    letter_.records.push_back({check.certificate_id, check.digest, asset_in_words(predicate),
                               check.outcome, check.issued, method_in_words(predicate),
                               category_in_words(predicate)});
    return std::nullopt;
  }

  const Options& options_;
  Letter letter_;
};

std::optional<Obstacle> add_file(Draft& draft, const std::string& path, const TrustStore& trust,
                                 Platform& platform) {
  const Result<CertificateFile> file = read_certificate_file(path, platform);
  if (!file) return Obstacle{exit_of_reading(file.error()), file.error()};
  Questions questions;
  questions.receipts = file->receipts;
  const CertificateCheck check = check_certificate(file->envelope, trust, questions);
  if (check.exit_code == kExitOk)
    return draft.add(check, decided_now(check, file->envelope, trust));
  return Obstacle{check.exit_code, {Errc::untrusted, 0, check.reason}};
}

int write_letter(const Options& options, const std::string& text, Seams& seams) {
  if (options.out.empty()) {
    seams.console.out << text;
    return kExitOk;
  }
  Result<Location> location = seams.platform.locate(options.out);
  const Status written = location ? write_new_file(*location->directory, location->name, text)
                                  : Status(location.error());
  if (written) return kExitOk;
  print_error(seams.console.err, written.error().in("cannot write " + options.out));
  return row_of(Outcome::failed).exit_code;
}

}  // namespace

int run_letter(const Options& options, Seams& seams) {
  constexpr std::size_t kDateLength = 10;
  Letter letter;
  letter.date =
      options.date.empty() ? to_rfc3339(seams.clock.now()).substr(0, kDateLength) : options.date;
  if (!is_date(letter.date)) {
    print_error(seams.console.err,
                {Errc::invalid, 0, "not a date: " + letter.date, "dates look like 2027-01-31"});
    return kExitUsage;
  }
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) {
    print_error(seams.console.err, trust.error().in("cannot use the trust file"));
    return kExitUsage;
  }
  letter.addressee = options.addressee;
  letter.organisation = options.declarations.organisation;
  letter.contract_ref = options.declarations.custody.contract_ref;
  letter.signatory = options.signatory;
  letter.position = options.position;
  Draft draft(options, std::move(letter));
  int exit_code = kExitOk;
  for (const std::string& path : options.paths) {
    const auto obstacle = add_file(draft, path, *trust, seams.platform);
    if (!obstacle) continue;
    print_error(seams.console.err, obstacle->error.in(path));
    if (exit_code == kExitOk) exit_code = obstacle->exit_code;
  }
  if (exit_code != kExitOk) return exit_code;
  const std::string text = options.html ? letter_html(draft.letter()) : letter_text(draft.letter());
  return write_letter(options, text, seams);
}

}  // namespace quietus::cli
