// SPDX-License-Identifier: GPL-3.0-or-later
// Where certificates come from.
#include "cli/certificate_input.h"

#include <string_view>
#include <utility>

#include "quietus/certificate_page.h"
#include "quietus/outcome.h"

#include "cli/records.h"

namespace quietus::cli {
namespace {

// A page has the envelope once, and little besides.
constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 20;
constexpr std::string_view kCertificateEnding = ".cert.json";

}  // namespace

Result<CertificateInput> read_certificate(const std::string& path, Platform& platform) {
  Result<std::string> text = read_text(platform, path, kMaxBytes);
  if (!text) return text.error();
  if (!is_page(*text)) return CertificateInput{*std::move(text), false};
  Result<std::string> envelope = envelope_in_page(*text);
  if (!envelope) return envelope.error().in(path);
  return CertificateInput{*std::move(envelope), true};
}

int exit_of_reading(const Error& error) {
  const bool malformed = error.code == Errc::malformed || error.code == Errc::invalid;
  return malformed ? kExitMalformed : kExitUsage;
}

std::vector<std::string> receipts_beside(const std::string& path, Platform& platform) {
  if (!path.ends_with(kCertificateEnding)) return {};
  const std::string beside =
      path.substr(0, path.size() - kCertificateEnding.size()) + ".tlog-proof";
  Result<std::string> text = read_text(platform, beside, kMaxBytes);
  return text ? std::vector{*std::move(text)} : std::vector<std::string>{};
}

}  // namespace quietus::cli
