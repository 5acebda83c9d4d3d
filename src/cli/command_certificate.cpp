// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate verify|show`: whether a certificate holds, and what it says. Writes nothing.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/envelope.h"
#include "quietus/json_text.h"
#include "quietus/ledger.h"
#include "quietus/note.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_input.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxCertificateBytes = std::uint64_t{8} << 20;
constexpr const char* kLogNamespace = "quietus-log";
constexpr const char* kCertificateEnding = ".cert.json";

/// The log that a receipt names, if its key counts. A log's origin ends in its key's id.
std::optional<NoteKey> log_of(const std::string& receipt, const TrustStore& trust) {
  const Result<TlogProof> proof = proof_from(receipt);
  if (!proof) return std::nullopt;
  const std::string origin = proof->checkpoint.substr(0, proof->checkpoint.find('\n'));
  for (const TrustedKey& key : trust.keys) {
    const bool is_log = std::find(key.namespaces.begin(), key.namespaces.end(), kLogNamespace) !=
                        key.namespaces.end();
    if (!is_log) continue;
    if (origin.ends_with("/" + key_id_of(key.key).substr(0, 16))) return NoteKey{origin, key.key};
  }
  return std::nullopt;
}

ReceiptCheck finding(bool bad, std::string text) {
  ReceiptCheck check;
  check.bad = bad;
  check.text = std::move(text);
  return check;
}

ReceiptCheck check_receipt(const std::string& receipt, const std::string& digest,
                           const TrustStore& trust) {
  const Result<TlogProof> proof = proof_from(receipt);
  if (!proof) return finding(true, "the receipt is malformed: " + proof.error().what);
  const std::optional<NoteKey> log = log_of(receipt, trust);
  if (!log)
    return finding(false,
                   "there is a receipt of a log whose key is not trusted: it counts for nothing");
  const Result<LedgerEntry> entry = verify_receipt(receipt, digest, *log);
  if (!entry) return finding(true, "the receipt does not hold: " + entry.error().what);
  return finding(false, "the ledger " + log->name + " holds this certificate as entry " +
                            std::to_string(entry->index) + ", written at " + entry->at +
                            " by that machine's clock; this proves order, not time");
}

std::vector<std::string> receipts_of(const std::string& path, const std::string& envelope,
                                     Platform& platform) {
  const Result<Envelope> read = envelope_from(envelope);
  std::vector<std::string> receipts = read ? read->receipts : std::vector<std::string>();
  if (!path.ends_with(kCertificateEnding)) return receipts;
  const std::string beside =
      path.substr(0, path.size() - std::string_view(kCertificateEnding).size()) + ".tlog-proof";
  if (const auto text = read_text(platform, beside, kMaxCertificateBytes))
    receipts.push_back(*text);
  return receipts;
}

/// A certificate and all that was found out about it.
struct Verdict {
  CertificateCheck check;
  std::vector<ReceiptCheck> receipts;
  int exit_code = kExitMalformed;
};

Verdict verdict_on(const std::string& text, const std::string& path, const TrustStore& trust,
                   Platform& platform) {
  Verdict verdict;
  verdict.check = check_certificate(text, trust);
  verdict.exit_code = verdict.check.exit_code;
  if (verdict.check.digest.empty()) return verdict;
  for (const std::string& receipt : receipts_of(path, text, platform)) {
    verdict.receipts.push_back(check_receipt(receipt, verdict.check.digest, trust));
    if (verdict.receipts.back().bad && verdict.exit_code == kExitOk) {
      verdict.exit_code = kExitReceiptBad;
    }
  }
  return verdict;
}

void print_text(std::ostream& out, const Verdict& verdict) {
  for (const std::string& line : summary_of(verdict.check)) out << line << "\n";
  for (const ReceiptCheck& receipt : verdict.receipts) {
    out << "receipt: " << escaped(receipt.text) << "\n";
  }
  if (verdict.receipts.empty()) out << "receipt: none was found beside it\n";
  out << "time: as the signer claims; no witness proves it\n";
}

void print_json(std::ostream& out, const Verdict& verdict) {
  nlohmann::ordered_json line = {{"event", "certificate_check"}, {"exit", verdict.exit_code}};
  const CertificateCheck& check = verdict.check;
  if (!check.reason.empty()) line["reason"] = check.reason;
  if (!check.certificate_id.empty()) line["certificate_id"] = check.certificate_id;
  if (!check.outcome.empty()) line["outcome"] = check.outcome;
  if (!check.issued.empty()) line["issued_at"] = check.issued;
  if (!check.digest.empty()) line["pae_sha256"] = check.digest;
  line["signatures"] = nlohmann::ordered_json::array();
  for (const SignatureCheck& one : check.signatures) {
    line["signatures"].push_back({{"keyid", one.key_id},
                                  {"principal", one.principal},
                                  {"role", one.role},
                                  {"good", one.good},
                                  {"trusted", one.trusted}});
  }
  line["receipts"] = nlohmann::ordered_json::array();
  for (const ReceiptCheck& receipt : verdict.receipts) {
    line["receipts"].push_back({{"good", !receipt.bad}, {"text", receipt.text}});
  }
  out << to_line(line) << "\n";
}

/// Why a certificate could not even be looked at.
int unreadable(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

}  // namespace

int run_certificate_verify(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const std::string& path = options.paths.front();
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust)
    return unreadable(console, trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<CertificateInput> input = read_certificate(path, seams.platform);
  if (!input) return unreadable(console, input.error(), exit_of_reading(input.error()));
  const Verdict verdict = verdict_on(input->envelope, path, *trust, seams.platform);
  if (input->from_page && !options.json && !options.quiet) {
    console.out << "page: only the embedded record was checked, not the words around it\n";
  }
  if (options.json) print_json(console.out, verdict);
  if (!options.json && !options.quiet) print_text(console.out, verdict);
  if (verdict.exit_code == kExitReceiptBad) {
    print_error(console.err, {Errc::untrusted, 0, path + ": the receipt does not hold"});
  } else if (verdict.exit_code != kExitOk) {
    Error error{Errc::untrusted, 0, path + ": " + verdict.check.reason};
    if (verdict.exit_code == kExitSignerUntrusted) {
      error.hint = "name the keys that count with --trust FILE";
    }
    print_error(console.err, error);
  }
  return verdict.exit_code;
}

int run_certificate_show(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust)
    return unreadable(console, trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<CertificateInput> input = read_certificate(options.paths.front(), seams.platform);
  if (!input) return unreadable(console, input.error(), exit_of_reading(input.error()));
  const CertificateCheck check = check_certificate(input->envelope, *trust);
  if (check.exit_code == kExitMalformed || check.statement.empty()) {
    return unreadable(console, {Errc::malformed, 0, options.paths.front() + ": " + check.reason},
                      check.exit_code);
  }
  if (options.json) {
    console.out << check.statement;
    return kExitOk;
  }
  for (const std::string& line : summary_of(check)) console.out << line << "\n";
  if (check.exit_code != kExitOk) {
    print_error(console.err, {Errc::untrusted, 0, "do not rely on it: " + check.reason});
  }
  return kExitOk;
}

}  // namespace quietus::cli
