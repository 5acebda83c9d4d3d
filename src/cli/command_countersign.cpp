// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate sign|redact`: a witness's or approver's countersignature put into a record,
// and a copy of a record with something withheld.
#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/certificate_check.h"
#include "quietus/countersign.h"
#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_file.h"
#include "cli/identifiers.h"
#include "cli/key_lookup.h"
#include "cli/state.h"
#include "cli/trust_lookup.h"
#include "cli/version.h"

namespace quietus::cli {
namespace {

int fail(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

int refusal() { return row_of(Outcome::refused).exit_code; }

/// Who is about to sign, by the key's file alone: its passphrase is asked for once there is
/// something to sign.
Result<Countersigning> signer_from(const Options& options, Seams& seams) {
  const Result<KeyRole> role = key_role_from(options.role);
  if (!role || (*role != KeyRole::witness && *role != KeyRole::approver)) {
    return Error{Errc::invalid, 0, "nobody countersigns as \"" + options.role + "\"",
                 "--role witness or --role approver"};
  }
  const Result<PublicHalf> half = public_half_of(options.key, seams.platform);
  if (!half) return half.error();
  if (!half->facts || half->facts->role != *role) {
    return Error{Errc::invalid, 0, options.key + " is not the key file of a " + options.role,
                 "one key, one role: quietus key new makes another"};
  }
  Countersigning who;
  who.declaration = options.declare;
  who.role = *role;
  who.key_id = key_id_of(half->key);
  who.person.name = half->facts->name;
  who.issuance.issued = seams.clock.now();
  who.issuance.clock = seams.clock.state();
  who.issuance.id = make_uuid_v7(who.issuance.issued, seams.random);
  who.issuance.tool_version = kVersion;
  who.issuance.tool_sha256 = digest_of_program(seams.platform);
  return who;
}

std::string outcome_in_words(const CertificateCheck& record) {
  for (const OutcomeRow& row : outcome_table()) {
    if (row.name == record.outcome) {
      return std::string(row.title) + ". " + std::string(row.sentence);
    }
  }
  return "none yet: it is a plan";
}

std::string_view sentence_of(const Countersigning& who, StatementKind of) {
  for (const DeclarationRow& row : declaration_table()) {
    if (row.name == who.declaration && row.role == name_of(who.role) && row.of == of) {
      return row.sentence;
    }
  }
  return {};
}

void show(const CertificateCheck& record, const Countersigning& who, Console& console) {
  console.err << "OUTCOME: " << outcome_in_words(record) << "\n\n";
  for (const std::string& line : summary_of(record)) console.err << line << "\n";
  console.err << "\n"
              << escaped(who.person.name) << " signs as " << name_of(who.role) << ":\n  "
              << sentence_of(who, record.kind) << "\n";
}

/// Asked after the record was shown.
bool agreed(const Options& options, Console& console) {
  if (options.yes) return true;
  console.err << "Type yes to sign: " << std::flush;
  std::string answer;
  return std::getline(console.in, answer) && answer == "yes";
}

LedgerEvent countersigned_event(const CertificateCheck& record, const Countersigning& who) {
  const nlohmann::ordered_json body = {{"countersignature_id", "urn:uuid:" + who.issuance.id},
                                       {"of", name_of(record.kind)},
                                       {"id", record.certificate_id},
                                       {"pae_sha256", record.digest},
                                       {"role", name_of(who.role)},
                                       {"key_id", who.key_id},
                                       {"declaration", who.declaration}};
  LedgerEvent event;
  event.type = "certificate.countersigned";
  event.body = to_line(body);
  return event;
}

/// Only where this machine has a ledger already; the signature counts without it.
void enter_into_ledger(const Options& options, Seams& seams, const CertificateCheck& record,
                       const Countersigning& who) {
  if (!read_own_keys(options, seams.platform).log) return;
  Result<State> state = State::open(options, seams);
  const auto appended = state ? state->ledger().append({countersigned_event(record, who)})
                              : Result<std::vector<Appended>>(state.error());
  if (appended) return;
  print_error(seams.console.err,
              appended.error().in("it is signed, but the ledger does not have it"));
}

/// The record as a signer may rely on it; or the exit code, after saying why not.
struct ToSign {
  CertificateFile file;
  CertificateCheck record;
  TrustStore trust;
};

/// What verify would say of it once it is signed, if that is worse than what it says now.
int check_signed(const ToSign& what, const std::string& text, Console& console) {
  Questions questions;
  questions.receipts = what.file.receipts;
  const CertificateCheck then = check_certificate(text, what.trust, questions);
  int code = then.exit_code == what.record.exit_code ? kExitOk : then.exit_code;
  std::string why = then.reason;
  for (const CertificateCheck& one : then.countersignatures) {
    if (code != kExitOk || one.exit_code == kExitOk) continue;
    code = one.exit_code;
    why = one.reason;
  }
  if (code == kExitOk) return kExitOk;
  return fail(console,
              {Errc::untrusted, 0,
               "nothing was signed: with this countersignature it would not hold: " + why},
              code);
}

int sign_file(const Options& options, Seams& seams, const ToSign& what, const Countersigning& who) {
  Console& console = seams.console;
  const Result<NamedKey> key = open_key_of(who.role, options, seams, options.key);
  if (!key) return fail(console, key.error().in("cannot use the key"), kExitUsage);
  if (key_id_of(key->key.public_key()) != who.key_id) {
    return fail(console, {Errc::changed, 0, "the key file was exchanged"}, refusal());
  }
  const Result<std::string> text =
      countersigned(what.file.envelope, what.record, who, key->key, seams.random);
  if (!text) return fail(console, text.error().in("cannot sign"), 1);
  if (const int worse = check_signed(what, *text, console); worse != kExitOk) return worse;
  const std::string& path = options.paths.front();
  if (Status put = replace_file(seams.platform, path, what.file.envelope, *text); !put) {
    return fail(console, put.error().in("cannot write " + path), 1);
  }
  enter_into_ledger(options, seams, what.record, who);
  if (!options.quiet) console.out << "signed " << escaped(path) << "\n";
  return kExitOk;
}

}  // namespace

int run_certificate_sign(const Options& options, Seams& seams) {
  Console& console = seams.console;
  Result<Countersigning> who = signer_from(options, seams);
  if (!who) return fail(console, who.error().in("cannot sign"), kExitUsage);
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust) return fail(console, trust.error().in("cannot use the trusted keys"), kExitUsage);
  Result<CertificateFile> file = read_certificate_file(options.paths.front(), seams.platform);
  if (!file) return report_unreadable(console, file.error());
  if (file->in_page) {
    return fail(console,
                {Errc::invalid, 0, "a page can't be signed", "sign the certificate's file"},
                kExitUsage);
  }
  Questions questions;
  questions.receipts = file->receipts;
  ToSign what{std::move(*file), {}, *trust};
  what.record = check_certificate(what.file.envelope, *trust, questions);
  // Of a plan there is one thing to declare.
  const bool plan = what.record.kind == StatementKind::plan;
  if (who->declaration.empty() && plan) who->declaration = "approved_plan";
  if (Status may = may_countersign(what.record, *who, *trust); !may) {
    const bool does_not_hold = may.error().code == Errc::untrusted;
    return fail(
        console, may.error().in("cannot sign"),
        does_not_hold && what.record.exit_code != kExitOk ? what.record.exit_code : refusal());
  }
  if (!options.yes && !console.in_is_terminal) {
    return fail(console,
                {Errc::invalid, 0, "there is no terminal to ask for confirmation",
                 "--yes confirms in a script"},
                kExitUsage);
  }
  if (!options.quiet || !options.yes) show(what.record, *who, console);
  if (!agreed(options, console)) {
    return fail(console, {Errc::interrupted, 0, "not confirmed; nothing was signed"}, refusal());
  }
  return sign_file(options, seams, what, *who);
}

namespace {

/// "a,b" and several of them.
Result<std::vector<std::string>> groups_from(const std::vector<std::string>& given) {
  const std::vector<std::string> known = redaction_groups();
  std::vector<std::string> groups;
  for (const std::string& list : given) {
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      groups.push_back(list.substr(begin, end - begin));
      begin = end + 1;
      if (std::find(known.begin(), known.end(), groups.back()) != known.end()) continue;
      return Error{Errc::invalid, 0, "\"" + groups.back() + "\" can't be withheld",
                   "people, paths, host, account or location"};
    }
  }
  return groups;
}

void tell(const Redacted& done, Console& console) {
  for (const std::string& pointer : done.withheld) {
    console.out << "withheld: " << escaped(pointer) << "\n";
  }
  if (done.withheld.empty()) console.out << "withheld: nothing; it discloses none of that\n";
  if (done.plan_dropped) {
    console.out
        << "the approved plan is no longer attached, for it names people, paths, host and place; "
           "with it go the approvals that it carries\n";
  }
  if (!done.still_told.empty()) {
    console.out << "still told: the ledger's origin, " << escaped(done.still_told)
                << ", which names the host\n";
  }
}

}  // namespace

int run_certificate_redact(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const Result<std::vector<std::string>> groups = groups_from(options.withhold);
  if (!groups) return fail(console, groups.error(), kExitUsage);
  const Result<CertificateFile> file = read_certificate_file(options.paths.front(), seams.platform);
  if (!file) return report_unreadable(console, file.error());
  const Result<Redacted> done = redacted(file->envelope, *groups, file->receipts);
  if (!done) return fail(console, done.error().in(options.paths.front()), kExitMalformed);
  if (Status put = write_to_new_file(seams.platform, options.out, done->envelope); !put) {
    return fail(console, put.error().in("cannot write " + options.out), 1);
  }
  if (!options.quiet) tell(*done, console);
  return kExitOk;
}

}  // namespace quietus::cli
