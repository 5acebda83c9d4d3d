// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates, plans and other signed records as files.
#include "cli/certificate_file.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "quietus/certificate_page.h"
#include "quietus/outcome.h"
#include "quietus/policy_table.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/records.h"

namespace quietus::cli {
namespace {

// A page has the envelope once, and little besides.
constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 20;
constexpr std::uint32_t kModeBits = 0777;
constexpr std::string_view kCertificateEnding = ".cert.json";

/// The record itself, or the one inside a page.
Result<CertificateFile> read_envelope(const std::string& path, Platform& platform) {
  Result<std::string> text = read_text(platform, path, kMaxBytes);
  if (!text && text.error().code == Errc::invalid) {
    return Error{Errc::malformed, 0, text.error().what};  // too long for any
  }
  if (!text) return text.error();
  if (!is_page(*text)) return CertificateFile{*std::move(text), false, {}};
  Result<std::string> envelope = envelope_in_page(*text);
  if (!envelope) return envelope.error().in(path);
  return CertificateFile{*std::move(envelope), true, {}};
}

}  // namespace

Result<CertificateFile> read_certificate_file(const std::string& path, Platform& platform) {
  Result<CertificateFile> file = read_envelope(path, platform);
  if (!file || !path.ends_with(kCertificateEnding)) return file;
  const std::string beside =
      path.substr(0, path.size() - kCertificateEnding.size()) + ".tlog-proof";
  Result<std::string> receipt = read_text(platform, beside, kMaxBytes);
  if (receipt) file->receipts.push_back(std::move(*receipt));
  // One that is there but can't be read must not pass for none.
  if (!receipt && receipt.error().code != Errc::not_found) return receipt.error();
  return file;
}

int exit_of_reading(const Error& error) {
  return error.code == Errc::malformed ? kExitMalformed : kExitUsage;
}

int report_unreadable(Console& console, const Error& error) {
  print_error(console.err, error);
  return exit_of_reading(error);
}

Status replace_file(Platform& platform, const std::string& path, const std::string& before,
                    const std::string& text) {
  Result<Location> place = platform.locate(path);
  if (!place) return place.error();
  Directory& folder = *place->directory;
  const std::string draft = "." + place->name + ".tmp";
  const Result<Attributes> old = folder.inspect_at(place->name);
  if (!old) return old.error();
  auto medium = folder.create_at(draft, old->mode & kModeBits);
  if (!medium) return medium.error();
  Status written = write_all(**medium, bytes_of(text), 0);
  if (written) written = (*medium)->flush();
  const Result<std::string> now = read_text(folder, place->name, kMaxBytes);
  if (written && (!now || *now != before)) {
    written = Error{Errc::changed, 0, "it is not what it was a moment ago"};
  }
  if (written) written = folder.replace_at(draft, place->name);
  if (!written) {
    static_cast<void>(folder.unlink_at(draft).ok());
    return written;
  }
  return folder.sync();
}

Status write_to_new_file(Platform& platform, const std::string& path, const std::string& text) {
  const Result<Location> place = platform.locate(path);
  if (!place) return place.error();
  return write_new_file(*place->directory, place->name, text);
}

std::vector<PolicyDecision> decided_now(const CertificateCheck& check, const std::string& envelope,
                                        const TrustStore& trust) {
  std::vector<PolicyDecision> out;
  if (check.exit_code != kExitOk) return out;
  const auto statement = nlohmann::json::parse(check.full_statement, nullptr, false);
  const nlohmann::json::json_pointer place("/predicate/policies");
  if (!statement.contains(place)) return out;
  const std::vector<Policy> known = built_in_policies();
  Questions questions;
  for (const nlohmann::json& one : statement.at(place)) {
    for (const Policy& policy : known) {
      const bool same =
          one.value("id", "") == policy.id && one.value("digest", "") == policy.digest;
      if (same) questions.policies.push_back(&policy);
    }
  }
  for (PolicyCheck& one : check_certificate(envelope, trust, questions).policies) {
    out.push_back(std::move(one.decision));
  }
  return out;
}

}  // namespace quietus::cli
