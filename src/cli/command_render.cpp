// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate render|verifier`: certificates for people, and the page that checks them in
// a browser. Writes nothing but the file that was named.
#include <algorithm>
#include <array>
#include <ostream>

#include "quietus/certificate_check.h"
#include "quietus/certificate_page.h"
#include "quietus/digest.h"
#include "quietus/envelope.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/ssh_signature.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_file.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

std::string digest_of(std::string_view text) { return to_base64(sha256(bytes_of(text))); }

int refuse(Seams& seams, const Error& error, int exit_code) {
  print_error(seams.console.err, error);
  return exit_code;
}

/// To the named file, which must be free; else to standard output.
int write_out(const Options& options, Seams& seams, const std::string& text) {
  if (options.out.empty()) {
    seams.console.out << text;
    return kExitOk;
  }
  const Result<Location> place = seams.platform.locate(options.out);
  if (!place) return refuse(seams, place.error().in(options.out), kExitUsage);
  const Status written = write_new_file(*place->directory, place->name, text);
  if (!written && written.error().code == Errc::exists) {
    return refuse(seams, {Errc::exists, 0, options.out + ": it exists already"}, kExitUsage);
  }
  if (!written) return refuse(seams, written.error().in(options.out), 1);
  return kExitOk;
}

/// The same trust, and the keys of unknown signers, which stand in their SSH signatures. A key id
/// is the key's digest, so that it is the signer's own; who that is, it does not tell.
TrustStore with_own_keys(TrustStore trust, const Envelope& envelope,
                         const CertificateCheck& check) {
  for (const std::string& text : envelope.attachments) {
    const Result<SshSignature> signature = ssh_signature_from(text);
    if (!signature) continue;
    const std::string id = key_id_of(signature->key);
    for (const SignatureCheck& one : check.signatures) {
      if (one.key_id != id || !one.principal.empty() || one.role.empty()) continue;
      trust.keys.push_back(
          {"unknown " + id, signature->key, {std::string(kNamespacePrefix) + one.role}, {}, {}});
    }
  }
  return trust;
}

/// Whether nothing is wrong but that somebody's key is unknown here: with the keys that it brings
/// along it would hold.
bool lacks_trust_alone(const std::string& text, const CertificateCheck& check,
                       const TrustStore& trust) {
  if (check.exit_code != kExitSignerUntrusted) return false;
  const Result<Envelope> envelope = envelope_from(text);
  if (!envelope) return false;
  return check_certificate(text, with_own_keys(trust, *envelope, check)).exit_code == kExitOk;
}

struct FormRow {
  const char* name;
  Result<std::string> (*make)(const FormSource&, const Seams&);
};

constexpr std::array<FormRow, 3> kForms{{
    {"html", [](const FormSource& source, const Seams&) { return html_page(source, digest_of); }},
    {"text", [](const FormSource& source,
                const Seams& seams) { return text_form(source, seams.console.width); }},
    {"label", [](const FormSource& source, const Seams&) { return label_page(source, digest_of); }},
}};

/// Those of the record, of its countersignatures and of its plan.
void add_signers(FormSource& source, const CertificateCheck& check) {
  for (const SignatureCheck& one : check.signatures) {
    source.signers.push_back({one.key_id, one.role, one.principal, one.trusted});
  }
  for (const CertificateCheck& inner : check.countersignatures) add_signers(source, inner);
  for (const CertificateCheck& inner : check.plan) add_signers(source, inner);
}

FormSource source_of(const CertificateCheck& check, std::string envelope, const Seams& seams) {
  FormSource source;
  source.envelope = std::move(envelope);
  source.statement = check.full_statement;
  source.digest = check.digest;
  source.trusted = check.exit_code == kExitOk;
  source.zone = seams.zone;
  add_signers(source, check);
  return source;
}

}  // namespace

int run_certificate_render(const Options& options, Seams& seams) {
  const std::string& path = options.paths.front();
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return refuse(seams, trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<CertificateFile> file = read_certificate_file(path, seams.platform);
  if (!file) return report_unreadable(seams.console, file.error());
  Result<std::string> envelope = with_receipts(file->envelope, file->receipts);
  if (!envelope) return refuse(seams, envelope.error().in(path), kExitMalformed);
  const CertificateCheck check = check_certificate(*envelope, *trust);
  if (check.exit_code != kExitOk && !lacks_trust_alone(*envelope, check, *trust)) {
    return refuse(seams, {Errc::untrusted, 0, path + ": " + check.reason}, check.exit_code);
  }
  std::vector<PolicyDecision> now = decided_now(check, *envelope, *trust);
  FormSource source = source_of(check, *std::move(envelope), seams);
  source.decided_now = std::move(now);
  const auto* const form = std::find_if(
      kForms.begin(), kForms.end(), [&](const FormRow& row) { return row.name == options.format; });
  const Result<std::string> made = form->make(source, seams);
  if (!made) return refuse(seams, made.error().in(path), kExitMalformed);
  return write_out(options, seams, *made);
}

int run_certificate_verifier(const Options& options, Seams& seams) {
  return write_out(options, seams, verifier_page(digest_of));
}

}  // namespace quietus::cli
