// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate render|verifier`: certificates for people, and the page that checks them in
// a browser. Writes nothing but the file that was named.
#include <algorithm>
#include <array>
#include <ostream>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/certificate_page.h"
#include "quietus/digest.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxPageBytes = std::uint64_t{16} << 20;
constexpr std::string_view kCertificateEnding = ".cert.json";

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
  if (!written) return refuse(seams, written.error().in(options.out), 1);
  return kExitOk;
}

/// The certificate's text: a file of its own, or inside a page.
Result<std::string> envelope_text(const std::string& path, Platform& platform) {
  Result<std::string> text = read_text(platform, path, kMaxPageBytes);
  if (!text || !is_page(*text)) return text;
  return envelope_in_page(*text);
}

std::vector<std::string> receipts_beside(const std::string& path, Platform& platform) {
  if (!path.ends_with(kCertificateEnding)) return {};
  const std::string beside =
      path.substr(0, path.size() - kCertificateEnding.size()) + ".tlog-proof";
  Result<std::string> text = read_text(platform, beside, kMaxPageBytes);
  return text ? std::vector{*std::move(text)} : std::vector<std::string>{};
}

/// Whether nothing is wrong but that nobody here knows the keys.
bool lacks_trust_alone(const CertificateCheck& check) {
  return check.exit_code == kExitSignerUntrusted &&
         std::none_of(check.signatures.begin(), check.signatures.end(),
                      [](const SignatureCheck& one) { return !one.principal.empty(); });
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

FormSource source_of(const CertificateCheck& check, std::string envelope, const Seams& seams) {
  FormSource source;
  source.envelope = std::move(envelope);
  source.statement = check.full_statement;
  source.digest = check.digest;
  source.trusted = check.exit_code == kExitOk;
  source.zone = seams.zone;
  for (const SignatureCheck& one : check.signatures) {
    source.signers.push_back({one.key_id, one.role, one.principal, one.trusted});
  }
  return source;
}

}  // namespace

int run_certificate_render(const Options& options, Seams& seams) {
  const std::string& path = options.paths.front();
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return refuse(seams, trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<std::string> text = envelope_text(path, seams.platform);
  if (!text) {
    const bool malformed = text.error().code == Errc::malformed;
    return refuse(seams, text.error(), malformed ? kExitMalformed : kExitUsage);
  }
  Result<std::string> envelope = with_receipts(*text, receipts_beside(path, seams.platform));
  if (!envelope) return refuse(seams, envelope.error().in(path), kExitMalformed);
  const CertificateCheck check = check_certificate(*envelope, *trust);
  if (check.exit_code != kExitOk && !lacks_trust_alone(check)) {
    return refuse(seams, {Errc::untrusted, 0, path + ": " + check.reason}, check.exit_code);
  }
  const FormSource source = source_of(check, *std::move(envelope), seams);
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
