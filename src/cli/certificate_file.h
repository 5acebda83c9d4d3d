// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates, plans and other signed records as files: read with what lies beside them, and
// written anew.
#pragma once

#include <string>
#include <vector>

#include "quietus/certificate_check.h"

#include "cli/app.h"

namespace quietus::cli {

/// A record as it was read.
struct CertificateFile {
  std::string envelope;
  bool in_page = false;               ///< found inside an HTML page; only it was looked at
  std::vector<std::string> receipts;  ///< beside it: ID.tlog-proof of ID.cert.json
};

/// Errors: malformed (a page without a record; too long), and as reading has them.
[[nodiscard]] Result<CertificateFile> read_certificate_file(const std::string& path,
                                                            Platform& platform);

/// The exit code where reading failed: 15 or 2.
[[nodiscard]] int exit_of_reading(const Error& error);

/// Says why a file could not be read, and returns the exit code for it.
int report_unreadable(Console& console, const Error& error);

/// Puts `text` in the place of the file, whole or not at all, if it still holds `before`. Errors:
/// changed, and as writing has them.
[[nodiscard]] Status replace_file(Platform& platform, const std::string& path,
                                  const std::string& before, const std::string& text);

/// Writes a new file. Errors: exists, and as writing has them.
[[nodiscard]] Status write_to_new_file(Platform& platform, const std::string& path,
                                       const std::string& text);

/// Of the built-in policies that a certificate names, by id and digest: what each says with the
/// trusted signatures that are on it by now. None of a record that does not hold.
[[nodiscard]] std::vector<PolicyDecision> decided_now(const CertificateCheck& check,
                                                      const std::string& envelope,
                                                      const TrustStore& trust);

}  // namespace quietus::cli
